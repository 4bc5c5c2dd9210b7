import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.judges.local.coherence import CRITERIA, coherence_spec, flow, freshness
from moa_scorer.judges.local.detector import Detect, ModelMissing
from moa_scorer.judges.local.encoder_source import EncoderSource
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.pool import Stop
from moa_scorer.measures.sentences import sentences


@pytest.fixture(scope="module")
def detect(store: ModelStore) -> Detect:
    return coherence_spec(EncoderSource(store)).load()


def judged(detect: Detect, text: str) -> Judgment:
    outcome = detect(Content(text=text), Stop())
    assert isinstance(outcome, Judgment)
    return outcome


def value(judgment: Judgment, criterion: str) -> float:
    answer = judgment.answers[criterion]
    assert isinstance(answer, Score)
    return answer.value


def shuffled(text: str, seed: int) -> str:
    parts = [text[start:end] for start, end in sentences(text)]
    random.Random(seed).shuffle(parts)
    return " ".join(parts)


def test_shuffling_the_sentences_lowers_the_flow(detect: Detect, prose: tuple[str, ...]) -> None:
    ordered = [value(judged(detect, text), "flow") for text in prose]
    mixed = [value(judged(detect, shuffled(text, seed)), "flow") for seed, text in enumerate(prose)]
    assert sum(ordered) / len(ordered) > sum(mixed) / len(mixed) + 0.02


def test_another_text_in_the_second_half_loses_the_thread(detect: Detect, prose: tuple[str, ...]) -> None:
    whole = [value(judged(detect, text), "coherence") for text in prose]
    halves = zip(prose, [*prose[1:], prose[0]], strict=True)
    spliced = [judged(detect, f"{a[: len(a) // 2]}. {b[len(b) // 2 :]}") for a, b in halves]
    lost = sum(value(outcome, "coherence") for outcome in spliced) / len(spliced)
    assert lost < sum(whole) / len(whole) - 0.05
    assert sum("drifted" in outcome.critique for outcome in spliced) >= 6


def test_saying_things_twice_is_scored_cited_and_said(detect: Detect, prose: tuple[str, ...]) -> None:
    once, twice = judged(detect, prose[1]), judged(detect, f"{prose[1]} {prose[1]}")
    assert value(once, "repetition") > 0.9
    assert value(twice, "repetition") < 0.6
    assert value(twice, "coherence") < value(once, "coherence")
    repeats = [item for item in twice.evidence if item.criterion == "repetition"]
    assert [item.polarity for item in repeats] == [Polarity.AGAINST]
    assert repeats[0].start > len(prose[1])
    assert "again" in twice.critique


def test_quotes_are_of_the_text(detect: Detect, prose: tuple[str, ...]) -> None:
    for text in prose[:4]:
        outcome = judged(detect, text)
        assert outcome.evidence
        assert all(text[item.start : item.end] == item.quote for item in outcome.evidence)
        assert all(0.0 <= value(outcome, criterion) <= 1.0 for criterion in CRITERIA)


def test_two_sentences_have_no_order_to_judge(detect: Detect) -> None:
    outcome = judged(detect, "The harbour was closed on Monday. A storm had damaged fourteen ships.")
    assert set(outcome.answers) == set(CRITERIA)
    abstained = {name for name, answer in outcome.answers.items() if isinstance(answer, Abstention)}
    assert abstained == {"coherence", "flow"}


@pytest.mark.parametrize("text", ["Fine.", "The harbour was closed on Monday because of a storm."])
def test_one_sentence_is_too_short(detect: Detect, text: str) -> None:
    outcome = detect(Content(text=text), Stop())
    assert isinstance(outcome, Abstention)
    assert outcome.reason is AbstentionReason.TOO_SHORT


def test_without_the_model_loading_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="moa-scorer models fetch encoder"):
        coherence_spec(EncoderSource(ModelStore(directory=tmp_path))).load()


def unit_rows(seed: int, count: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, 6))
    unit: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


@given(seed=st.integers(0, 1000), count=st.integers(2, 12))
def test_measures_do_not_depend_on_the_direction_of_space(seed: int, count: int) -> None:
    rows = unit_rows(seed, count)
    turn, _ = np.linalg.qr(np.random.default_rng(seed + 1).normal(size=(6, 6)))
    before, after = flow(rows), flow((rows @ turn).astype(np.float32))
    assert before.mean == pytest.approx(after.mean, abs=1e-4)
    assert before.held == pytest.approx(after.held, abs=1e-4)
    assert before.steps == pytest.approx(after.steps, abs=1e-4)
    assert len(before.repeats) == len(before.steps) == count - 1


def test_reading_backwards_keeps_neighbours_and_order() -> None:
    rows = unit_rows(3, 9)
    forward, backward = flow(rows), flow(rows[::-1])
    assert forward.steps[::-1] == pytest.approx(backward.steps)
    assert forward.order == pytest.approx(backward.order)


def test_only_repeats_make_a_text_stale() -> None:
    apart = np.eye(6, dtype=np.float32)
    assert freshness(flow(apart)) == 1.0
    assert freshness(flow(np.concatenate([apart[:3], apart[:3]]))) == pytest.approx(1 - 3 / 5)
