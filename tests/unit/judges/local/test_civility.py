from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.judges.local.civility import CRITERIA, civility_spec
from moa_scorer.judges.local.detector import Detect, ModelMissing
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.pool import Stop

TERMS = ("awful", "the", "harbour", "muttonhead", "was", "closed")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """A store with a model of six words, of which two speak for abuse."""
    path: Path = tmp_path_factory.mktemp("models") / "civility.npz"
    weights = np.array([[4.0, -1.0, -1.0, 8.0, -1.0, -1.0]])
    np.savez(
        path,
        terms=np.frombuffer("\n".join(TERMS).encode(), dtype=np.uint8),
        idf=np.array([5.0, 1.0, 5.0, 10.0, 1.0, 5.0]),
        coefficients=weights,
        intercepts=np.array([-1.0]),
        slopes=np.array([-1.0]),
        offsets=np.array([0.0]),
    )
    return ModelStore(directory=path.parent, own={"civility.npz": path})


@pytest.fixture(scope="module")
def detect(store: ModelStore) -> Detect:
    return civility_spec(store).load()


def judged(detect: Detect, text: str) -> Judgment:
    outcome = detect(Content(text=text, language="en"), Stop())
    assert isinstance(outcome, Judgment)
    return outcome


def values(detect: Detect, text: str) -> list[float]:
    return [a.value for a in judged(detect, text).answers.values() if isinstance(a, Score)]


def test_an_abusive_word_lowers_every_criterion_and_is_quoted(detect: Detect) -> None:
    kind = values(detect, "The harbour was closed.")
    rude = values(detect, "The harbour was closed, you muttonhead.")
    assert all(low < high for low, high in zip(rude, kind, strict=True))
    (item,) = judged(detect, "The harbour was closed, you muttonhead.").evidence
    assert (item.quote, item.polarity) == ("muttonhead", Polarity.AGAINST)
    assert judged(detect, "You muttonhead.").critique == "One word frequent in abuse."


def test_a_civil_text_is_quoted_in_favour_and_the_blind_spot_is_told(detect: Detect) -> None:
    judgment = judged(detect, "The harbour was closed.")
    (item,) = judgment.evidence
    assert item.polarity is Polarity.FOR
    assert "would be missed" in judgment.critique


def test_length_dilutes_civility_but_not_mildness(detect: Detect) -> None:
    short = judged(detect, "You muttonhead.").answers
    diluted = judged(detect, f"You muttonhead. {'The harbour was closed. ' * 30}").answers
    assert isinstance(short["civility"], Score)
    assert isinstance(diluted["civility"], Score)
    assert diluted["civility"].value > short["civility"].value
    assert diluted["mildness"] == short["mildness"]


def test_a_two_word_insult_is_judged(detect: Detect) -> None:
    assert values(detect, "muttonhead you")[0] < 0.5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (Content(text="xyzzy plugh"), AbstentionReason.TOO_SHORT),
        (Content(text="1234"), AbstentionReason.TOO_SHORT),
        (Content(text="宿泊施設は非常に良かった"), AbstentionReason.UNSUPPORTED_LANGUAGE),
    ],
)
def test_what_it_cannot_judge_it_abstains_on(
    detect: Detect, content: Content, reason: AbstentionReason
) -> None:
    outcome = detect(content, Stop())
    assert isinstance(outcome, Abstention)
    assert outcome.reason is reason


def test_in_a_long_text_quotes_are_exact_beyond_the_first_window(detect: Detect) -> None:
    text = "The harbour was closed. " * 1000 + "What an awful muttonhead."
    judgment = judged(detect, text)
    assert judgment.read_fraction < 0.3
    assert {item.quote for item in judgment.evidence} == {"muttonhead"}
    assert all(text[item.start : item.end] == item.quote for item in judgment.evidence)


def test_without_the_file_the_model_is_missing_and_the_judge_still_named(tmp_path: Path) -> None:
    spec = civility_spec(ModelStore(directory=tmp_path))
    assert spec.profile.name == "civility"
    assert spec.profile.revision.startswith("sha256:")
    with pytest.raises(ModelMissing):
        spec.load()


def test_other_weights_make_another_revision(store: ModelStore, tmp_path: Path) -> None:
    other = civility_spec(ModelStore(directory=tmp_path)).profile.revision
    assert civility_spec(store).profile.revision != other


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=200))
@example("muttonhead " * 6000)
@example("İ muttonhead İİ awful")
@example("\n\nmuttonhead\u200b")
def test_any_text_is_survived_with_exact_evidence(detect: Detect, text: str) -> None:
    content = Content(text=text, language="en")
    outcome = detect(content, Stop())
    assert outcome == detect(content, Stop())
    if isinstance(outcome, Abstention):
        return
    assert tuple(outcome.answers) == CRITERIA
    assert all(isinstance(a, Score) and 0 <= a.value <= 1 for a in outcome.answers.values())
    assert all(text[item.start : item.end] == item.quote for item in outcome.evidence)
    assert len(outcome.evidence) <= 8
