import io
import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from moa_scorer.judges.local.civility_model import CivilityModel
from moa_scorer.judges.local.civility_weights import extract
from moa_scorer.judges.local.model_wheels import FetchFailed

KIND = ["what a lovely day", "thank you so much", "see you at lunch", "a fine book", "well done team"] * 4
RUDE = ["you stupid fool", "what an idiot", "shut up fool", "stupid idiot", "a rotten liar"] * 4


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("should-never-exist"),))


def test_the_arrays_give_what_the_fitted_pipeline_gives(tmp_path: Path) -> None:
    texts = KIND + RUDE
    vectorizer = TfidfVectorizer(stop_words="english").fit(texts)
    classes = np.array([0] * len(KIND) + [1] * len(RUDE))
    classifier = CalibratedClassifierCV(LinearSVC(), cv=3).fit(vectorizer.transform(texts), classes)
    joblib.dump(vectorizer, tmp_path / "vectorizer")
    joblib.dump(classifier, tmp_path / "model")
    extract(tmp_path / "vectorizer", tmp_path / "model", tmp_path / "plain.npz")
    model = CivilityModel.load(tmp_path / "plain.npz")
    for text in [*texts, "A stupid, STUPID book", "nothing known", ""]:
        expected = classifier.predict_proba(vectorizer.transform([text]))[0, 1]
        assert model(text).probability == pytest.approx(expected, abs=1e-12)


def test_a_pickle_that_calls_anything_is_refused_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(FetchFailed, match="refused"):
        extract(tmp_path / "bad", tmp_path / "bad", tmp_path / "plain.npz")
    assert not Path("should-never-exist").exists()
    assert not (tmp_path / "plain.npz").exists()


def test_an_array_of_objects_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    joblib.dump(np.array([Harmful()], dtype=object), buffer)
    (tmp_path / "objects").write_bytes(buffer.getvalue())
    with pytest.raises(FetchFailed, match="refused"):
        extract(tmp_path / "objects", tmp_path / "objects", tmp_path / "plain.npz")
