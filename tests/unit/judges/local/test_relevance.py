from pathlib import Path

import numpy as np
import pytest

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.judges.local.detector import Detect, ModelMissing
from moa_scorer.judges.local.encoder_source import EncoderSource
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.pool import Stop
from moa_scorer.judges.local.relevance import CRITERIA, match, relevance_spec

PIPES = (
    "The city council voted on Tuesday to repair the old water mains. The work will cost 38 million dollars. "
    "Shops fear that closed streets will keep visitors away. Crews will replace the oldest pipes first."
)
TITLE = "Council approves plan to replace the city's water pipes"


@pytest.fixture(scope="module")
def detect(store: ModelStore) -> Detect:
    return relevance_spec(EncoderSource(store)).load()


def judged(detect: Detect, content: Content) -> Judgment:
    outcome = detect(content, Stop())
    assert isinstance(outcome, Judgment)
    return outcome


def value(judgment: Judgment, criterion: str) -> float:
    answer = judgment.answers[criterion]
    assert isinstance(answer, Score)
    return answer.value


def test_a_text_on_the_subject_scores_above_one_that_is_not(detect: Detect) -> None:
    on = judged(detect, Content(text=PIPES, context=TITLE))
    off = judged(detect, Content(text=PIPES, context="How to bake a chocolate cake at home"))
    for criterion in CRITERIA:
        assert 0.0 <= value(off, criterion) < value(on, criterion) - 0.15 <= 1.0
    assert "little to do" in off.critique
    assert "little to do" not in on.critique


def test_a_sentence_that_strays_is_cited_and_lowers_focus(detect: Detect) -> None:
    strayed = "My cousin collects antique butterfly stamps."
    plain = judged(detect, Content(text=PIPES, context=TITLE))
    mixed = judged(detect, Content(text=f"{PIPES} {strayed}", context=TITLE))
    cited = {item.quote: item.polarity for item in mixed.evidence}
    assert cited[strayed] is Polarity.AGAINST
    assert Polarity.FOR in cited.values()
    assert value(mixed, "focus") < value(plain, "focus")


def test_the_title_stands_in_for_a_context(detect: Detect) -> None:
    by_title = judged(detect, Content(text=PIPES, title=TITLE))
    by_context = judged(detect, Content(text=PIPES, context=TITLE))
    assert by_title.answers == by_context.answers
    assert "title" in by_title.critique


def test_the_same_content_gets_the_same_numbers(detect: Detect, store: ModelStore) -> None:
    content = Content(text=PIPES, context=TITLE)
    fresh = relevance_spec(EncoderSource(store)).load()
    assert judged(detect, content) == judged(detect, content) == judged(fresh, content)


def test_a_long_text_says_how_much_of_it_was_read(detect: Detect) -> None:
    text = PIPES * 60
    outcome = judged(detect, Content(text=text, context=TITLE))
    assert 0.1 < outcome.read_fraction <= 4000 / len(text)
    assert all(text[item.start : item.end] == item.quote for item in outcome.evidence)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (Content(text=PIPES), AbstentionReason.NO_CONTEXT),
        (Content(text=PIPES, context="  "), AbstentionReason.NO_CONTEXT),
        (Content(text="Yes.", context=TITLE), AbstentionReason.TOO_SHORT),
        (
            Content(
                text=PIPES, context="Der Stadtrat hat gestern beschlossen, die alten Wasserrohre zu ersetzen."
            ),
            AbstentionReason.UNSUPPORTED_LANGUAGE,
        ),
    ],
)
def test_what_it_cannot_judge_it_says(detect: Detect, content: Content, reason: AbstentionReason) -> None:
    outcome = detect(content, Stop())
    assert isinstance(outcome, Abstention)
    assert outcome.reason is reason


def test_without_the_model_loading_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="moa-scorer models fetch encoder"):
        relevance_spec(EncoderSource(ModelStore(directory=tmp_path))).load()


def test_matching_is_arithmetic_on_cosines() -> None:
    right, up = [1.0, 0.0], [0.0, 1.0]
    found = match(np.array([right, up], np.float32), np.array([right], np.float32))
    assert found.pieces == (1.0, 0.0)
    assert found.focus == 0.5
    assert found.coverage == 1.0
    assert found.whole == pytest.approx(0.5**0.5)


def test_only_the_best_covered_points_count() -> None:
    points = np.eye(5, dtype=np.float32)
    assert match(points[:3], points).coverage == 1.0
    assert match(points[:1], points).coverage == pytest.approx(1 / 3)
