"""The comment student: tokens, fit, reading, file."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.calibration.fit_student import Corpus, _matrices, crossfit_student, fit_student, read_corpus
from moa_scorer.calibration.student import CRITERIA, Reader, Student, columns, load, save
from moa_scorer.calibration.student_text import form_of, tokens

KIND = ("thank you for this helpful story", "a kind and thoughtful reply", "the weather is lovely today")
RUDE = ("you are an idiot and a fool", "what a stupid moron you are", "shut up you silly idiot")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    endings = ("", " really", " my friend", " I think", " they said")
    return [f"{t}{e}" for e in endings for pair in zip(KIND, RUDE, strict=True) for t in pair]


@pytest.fixture(scope="module")
def corpus(texts: list[str]) -> Corpus:
    vectors = {"idiot": np.array([1.0, 0.0]), "stupid": np.array([1.0, 0.1]), "kind": np.array([-1.0, 0.2])}
    return read_corpus(texts, vectors)


@pytest.fixture(scope="module")
def targets(texts: list[str]) -> np.ndarray:
    return np.array([0.9 if any(t.startswith(k) for k in KIND) else 0.1 for t in texts])


@pytest.fixture(scope="module")
def student(corpus: Corpus, targets: np.ndarray) -> Student:
    return fit_student(corpus, np.arange(targets.size), targets, [""] * targets.size)


@pytest.mark.parametrize(
    ("written", "form"),
    [("IDIOT", "idiot"), ("idi0t", "idiot"), ("idiooooot", "idioot"), ("ídiot", "idiot"), ("1990", "1990")],
)
def test_disguised_words_get_the_form_of_the_plain_word(written: str, form: str) -> None:
    assert form_of(written) == form


def test_letters_spaced_out_are_one_token_that_quotes_all_of_them() -> None:
    text = "you f o o l , go"
    assert [(t.form, text[t.start : t.end]) for t in tokens(text)][1] == ("fool", "f o o l")


@given(st.text(max_size=80))
def test_tokens_stand_in_order_and_inside_the_text(text: str) -> None:
    found = tokens(text)
    assert all(0 <= t.start < t.end <= len(text) for t in found)
    assert [t.start for t in found] == sorted(t.start for t in found)


@given(text=st.text(alphabet="abidot fo@0!.,$* \U0001f600", max_size=120))
def test_amounts_and_baseline_sum_to_the_score(student: Student, text: str) -> None:
    reading = Reader(student)(text)
    total = reading.baseline + sum(reading.amounts)
    assert reading.score == pytest.approx(min(1.0, max(0.0, total)))
    assert all(0.0 <= v <= 1.0 for v in columns(reading).values())
    assert math.isclose(sum(reading.shares), 1.0)


def test_a_rude_text_scores_below_a_kind_one_in_words_never_seen_together(student: Student) -> None:
    reader = Reader(student)
    rude, kind = columns(reader("the idiot is a fool")), columns(reader("lovely and thoughtful story"))
    assert all(rude[c] < kind[c] for c in CRITERIA)


def test_the_worst_token_is_the_abuse(student: Student) -> None:
    reading = Reader(student)("today you are an idi0t my friend")
    worst = min(range(len(reading.amounts)), key=reading.amounts.__getitem__)
    assert reading.tokens[worst].form == "idiot"


def test_reading_gives_what_fitting_saw(corpus: Corpus, student: Student, texts: list[str]) -> None:
    own, vector = _matrices(corpus, student, np.arange(len(texts)))
    expected = np.clip((own @ student.weights + vector @ student.vector_weights + student.biases)[:, 0], 0, 1)
    reader = Reader(student)
    assert [reader(t).score for t in texts] == pytest.approx(expected.tolist(), abs=1e-9)


def test_a_word_never_rated_takes_its_weight_from_its_vector() -> None:
    texts = [*("awful thing", "awful day", "nice thing", "nice day") * 4, "dreadful", "dreadful"]
    vectors = {"awful": np.array([1.0]), "dreadful": np.array([1.0]), "nice": np.array([-1.0])}
    targets = np.array([0.1 if "awful" in t else 0.9 for t in texts])
    targets[-2:] = 0.5
    fitted = fit_student(read_corpus(texts, vectors), np.arange(len(texts)), targets, [""] * len(texts))
    row = fitted.vocabulary["wdreadful"]
    assert fitted.vector_weights[row, 0] < 0


def test_the_file_gives_the_same_student_back_within_half_precision(student: Student, tmp_path: Path) -> None:
    path = tmp_path / "student.npz"
    save(student, path)
    first = path.read_bytes()
    again = load(path)
    save(again, path)
    assert path.read_bytes() == first
    text = "thank you, you idiot"
    assert Reader(again)(text).score == pytest.approx(Reader(student)(text).score, abs=2e-3)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, a=np.zeros(3))
    with pytest.raises(ValueError, match="not a student"):
        load(path)


def test_every_source_with_enough_texts_gets_an_expert_and_the_gate_finds_it() -> None:
    formal = [f"The committee number {i} has resolved." for i in range(220)]
    loud = [f"omg lol thing {i} haha" for i in range(220)]
    texts, sources = formal + loud, ["news"] * 220 + ["posts"] * 220
    targets = np.array([0.8] * 220 + [0.3] * 220)
    student = fit_student(read_corpus(texts), np.arange(440), targets, sources)
    reading = Reader(student)("omg haha lol")
    assert student.sources == ("news", "posts")
    assert reading.shares[1] > 0.9
    assert reading.score == pytest.approx(0.3, abs=0.05)


def test_cross_fitted_scores_do_not_know_their_own_rating() -> None:
    """Each text has a word of its own group only; its rating is noise, so nothing can be predicted."""
    rng = np.random.default_rng(0)
    texts = [f"word{g}x word{g}y" for g in range(60) for _ in range(4)]
    groups = [str(g) for g in range(60) for _ in range(4)]
    targets = np.repeat(rng.uniform(size=60), 4)
    corpus, index = read_corpus(texts), np.arange(240)
    out = crossfit_student(corpus, index, targets, [""] * 240, groups)[:, 0]
    seen = [Reader(fit_student(corpus, index, targets, [""] * 240))(t).score for t in texts]
    assert np.corrcoef(seen, targets)[0, 1] > 0.9
    assert np.corrcoef(out, targets)[0, 1] < 0.2


def test_a_text_without_known_terms_scores_the_baseline(student: Student) -> None:
    reading = Reader(student)("")
    assert reading.score == pytest.approx(reading.baseline)
    assert reading.known == 0.0
    assert columns(reading)["restraint"] == 1.0
