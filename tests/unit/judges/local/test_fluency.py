from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.judges.local import fluency
from moa_scorer.judges.local.detector import Detect, ModelMissing
from moa_scorer.judges.local.fluency import CRITERIA, MEAN_BAND, fluency_spec, signals, within
from moa_scorer.judges.local.fluency_model import FluencyModel
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.pool import Stop

SHUFFLED = "Harbour the on because closed Monday was storm a fourteen had damaged ships the of out town."
REPEATED = "The cat sat on the mat. " * 30


@pytest.fixture(scope="module")
def detect(store: ModelStore) -> Detect:
    return fluency_spec(store).load()


Judge = Callable[[str], Judgment]


@pytest.fixture(scope="module")
def judge(detect: Detect) -> Judge:
    def judged(text: str) -> Judgment:
        outcome = detect(Content(text=text, language="en"), Stop())
        assert isinstance(outcome, Judgment)
        return outcome

    return judged


def value(judgment: Judgment, criterion: str = "fluency") -> float:
    answer = judgment.answers[criterion]
    assert isinstance(answer, Score)
    return answer.value


def test_prose_scores_above_what_is_shuffled_and_what_repeats(judge: Judge, prose: tuple[str, ...]) -> None:
    good = min(value(judge(text)) for text in prose[:3])
    assert good > 0.8
    assert value(judge(SHUFFLED)) < 0.4
    assert value(judge(REPEATED)) < 0.2


def test_repetition_is_cited_and_said(judge: Judge) -> None:
    outcome = judge(REPEATED)
    assert [item.polarity for item in outcome.evidence] == [Polarity.AGAINST]
    assert outcome.evidence[0].quote == "The cat sat on the mat."
    assert "repetition" in outcome.critique


def test_the_words_that_do_not_fit_are_cited(judge: Judge, prose: tuple[str, ...]) -> None:
    text = f"{prose[1][:400]} Gravy parliament seldom orange the whereby. {prose[1][400:800]}"
    cited = [item.quote for item in judge(text).evidence if item.polarity is Polarity.AGAINST]
    assert any("orange" in quote or "parliament" in quote for quote in cited)


def test_every_column_is_answered_or_everything_abstains(judge: Judge, prose: tuple[str, ...]) -> None:
    assert tuple(judge(prose[0]).answers) == CRITERIA


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=120))
def test_any_text_gets_scores_in_range_with_true_quotes_or_an_abstention(detect: Detect, text: str) -> None:
    outcome = detect(Content(text=text, language="en"), Stop())
    if isinstance(outcome, Judgment):
        assert all(0.0 <= value(outcome, criterion) <= 1.0 for criterion in CRITERIA)
        assert 0.0 < outcome.read_fraction <= 1.0
        assert all(text[item.start : item.end] == item.quote for item in outcome.evidence)
        assert outcome.critique.endswith(".")


def test_quotes_of_a_tokenised_text_are_of_the_text_as_given(judge: Judge) -> None:
    text = "paul merson restarted his row , he said . zebra of whom cupboard ably . it ended 0-0 on sunday ."
    outcome = judge(text)
    assert outcome.evidence
    assert all(text[item.start : item.end] == item.quote for item in outcome.evidence)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (Content(text="Fine."), AbstentionReason.TOO_SHORT),
        (Content(text="I am so glad."), AbstentionReason.TOO_SHORT),
        (
            Content(
                text="Der Hafen war am Montag geschlossen, weil ein Sturm vierzehn Schiffe beschädigt hatte."
            ),
            AbstentionReason.UNSUPPORTED_LANGUAGE,
        ),
    ],
)
def test_what_it_cannot_judge_it_says(detect: Detect, content: Content, reason: AbstentionReason) -> None:
    outcome = detect(content, Stop())
    assert isinstance(outcome, Abstention)
    assert outcome.reason is reason


class Overflowing:
    def run(self, _outputs: None, feeds: dict[str, Any], _options: Any) -> list[Any]:
        return [np.full(feeds["input_ids"].shape, np.nan, np.float32)]


def test_an_overflow_abstains(
    store: ModelStore, fluency_model: FluencyModel, prose: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(fluency_model, session=Overflowing())
    monkeypatch.setattr(fluency.FluencyModel, "load", lambda *_: broken)
    outcome = fluency_spec(store).load()(Content(text=prose[0]), Stop())
    assert isinstance(outcome, Abstention)
    assert outcome.reason is AbstentionReason.PROVIDER_ERROR


def test_without_the_model_loading_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="moa-scorer models fetch fluency"):
        fluency_spec(ModelStore(directory=tmp_path)).load()


def test_the_revision_follows_the_weights(store: ModelStore, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF")
    changed = ModelStore(directory=store.directory, own={"smollm2.gguf": other})
    assert fluency_spec(changed).profile.revision != fluency_spec(store).profile.revision


@given(value=st.floats(-50, 50))
def test_a_band_rises_to_its_middle_and_falls_after_it(value: float) -> None:
    low, full, falling, high = MEAN_BAND
    height = within(value, MEAN_BAND)
    assert 0.0 <= height <= 1.0
    assert (height == 0.0) == (value <= low or value >= high)
    assert (height == 1.0) == (full <= value <= falling)


def test_signals_are_plain_statistics() -> None:
    found = signals(np.array([-1.0, -3.0, -7.0, -9.0], np.float32))
    assert (found.mean, found.hard, found.spread) == (-5.0, 0.5, pytest.approx(10**0.5))
