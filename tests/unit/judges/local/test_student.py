"""The comment student behind the judge port."""

from pathlib import Path

import numpy as np
import pytest

from moa_scorer.calibration.fit_student import fit_student, read_corpus
from moa_scorer.calibration.student import CRITERIA, save
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.judges.local.detector import Detect, ModelMissing
from moa_scorer.judges.local.pool import Stop
from moa_scorer.judges.local.student import student_spec

TEXTS = ("you are an idiot", "what an idiot he is", "thank you for the story", "a thoughtful story it is") * 5


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("student") / "student.npz"
    targets = np.array([0.1, 0.1, 0.9, 0.9] * 5)
    save(fit_student(read_corpus(TEXTS), np.arange(20), targets, [""] * 20), path)
    return path


@pytest.fixture(scope="module")
def detect(path: Path) -> Detect:
    return student_spec(path).load()


def comment(text: str, kind: str = "comment") -> Content:
    return Content(text=text, kind=kind, language="en")


def judged(detect: Detect, text: str) -> Judgment:
    outcome = detect(comment(text), Stop())
    assert isinstance(outcome, Judgment)
    return outcome


def test_every_criterion_is_answered_with_a_score(detect: Detect) -> None:
    answers = judged(detect, "you are an idiot, thank you").answers
    assert tuple(answers) == CRITERIA
    assert all(isinstance(a, Score) and 0 <= a.value <= 1 for a in answers.values())


def test_the_abuse_is_quoted_from_the_text_as_received(detect: Detect) -> None:
    text = "Is this the story of an IDI0T ?"
    evidence = judged(detect, text).evidence
    assert any(e.quote == "IDI0T" and e.polarity is Polarity.AGAINST for e in evidence)
    assert all(text[e.start : e.end] == e.quote for e in evidence)


def test_a_long_text_is_quoted_at_the_right_place(detect: Detect) -> None:
    text = "what a story" + " " * 6000 + "you are an idiot"
    judgment = judged(detect, text)
    assert judgment.read_fraction < 1
    assert all(text[e.start : e.end] == e.quote for e in judgment.evidence)
    assert any(e.quote == "idiot" for e in judgment.evidence)


def test_a_kind_comment_gets_evidence_in_favour(detect: Detect) -> None:
    evidence = judged(detect, "thank you for the thoughtful story").evidence
    assert [e.polarity for e in evidence] == [Polarity.FOR]


@pytest.mark.parametrize("kind", ["", "story", "summary"])
def test_other_kinds_of_content_are_not_its_business(detect: Detect, kind: str) -> None:
    outcome = detect(comment("thank you", kind), Stop())
    assert isinstance(outcome, Abstention)
    assert outcome.reason is AbstentionReason.NOT_APPLICABLE


@pytest.mark.parametrize("text", ["", "???", "\U0001f600 \U0001f600"])
def test_a_text_without_words_is_too_short(detect: Detect, text: str) -> None:
    outcome = detect(comment(text), Stop())
    assert isinstance(outcome, Abstention)
    assert outcome.reason is AbstentionReason.TOO_SHORT


def test_words_never_met_in_ratings_are_not_judged(detect: Detect) -> None:
    assert isinstance(detect(comment("zqxv wvvq brrt kkpl mnbv"), Stop()), Abstention)


def test_a_missing_file_is_a_missing_model_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="fit-embedded"):
        student_spec(tmp_path / "none.npz").load()


def test_a_broken_file_is_a_missing_model(tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    np.savez(path, a=np.zeros(2))
    with pytest.raises(ModelMissing, match="reinstall"):
        student_spec(path).load()


def test_the_revision_follows_the_weights(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    other.write_bytes(path.read_bytes() + b" ")
    assert student_spec(path).profile.revision != student_spec(other).profile.revision
