"""Invariants of the domain's values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import InvalidRequest, NotFound, Violation
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.domain.ruler import digest, ruler


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=8))
def test_a_rubrics_weights_sum_to_one(weights: list[float]) -> None:
    criteria = tuple(Criterion(name=str(i), description="", weight=w) for i, w in enumerate(weights))
    rubric = Rubric(name="r", version=1, title="", kinds=(), criteria=criteria)
    assert sum(rubric.weights().values()) == pytest.approx(1.0)


def test_a_score_is_written_on_the_rubrics_own_scale() -> None:
    rubric = Rubric(name="r", version=2, title="", kinds=(), criteria=(), scale_min=1, scale_max=5)
    assert [rubric.on_scale(s) for s in (0.0, 0.5, 1.0)] == [1, 3, 5]
    assert rubric.revision == "r@2"


def test_a_whole_abstention_answers_for_every_criterion_and_scores_none() -> None:
    missing = Abstention(reason=AbstentionReason.MODEL_MISSING)
    ballot = Ballot(judge="j", outcome=missing)
    assert ballot.answer("anything") is missing
    assert ballot.scores() == {}


def test_a_judgment_abstains_criterion_by_criterion() -> None:
    no_context = Abstention(reason=AbstentionReason.NO_CONTEXT)
    ballot = Ballot(
        judge="j", outcome=Judgment(answers={"fluency": Score(value=0.0), "relevance": no_context})
    )
    assert ballot.scores() == {"fluency": Score(value=0.0)}
    assert ballot.answer("relevance") is no_context
    assert ballot.answer("other") == Abstention(reason=AbstentionReason.NOT_APPLICABLE)


def test_a_budget_only_shrinks_and_never_goes_below_nothing() -> None:
    budget = Budget.starting(100.0, 2.0)
    assert budget.remaining(101.5) == pytest.approx(0.5)
    assert budget.remaining(200.0) == 0.0
    assert budget.shrunk(0.5).remaining(100.0) == pytest.approx(1.5)
    for impossible in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="positive"):
            Budget.starting(0.0, impossible)
    with pytest.raises(ValueError, match="shrink"):
        budget.shrunk(-0.1)


def test_the_context_is_what_relevance_is_measured_against_then_the_title() -> None:
    assert Content(text="t", title="title", context="prompt").reference == "prompt"
    assert Content(text="t", title="title").reference == "title"
    assert Content(text="t").reference == ""


def test_a_panel_names_a_rubric_for_each_kind_or_its_default() -> None:
    panel = Panel(
        name="p",
        version=1,
        title="",
        judges=("a",),
        quorum=1,
        default_rubric="general",
        rubrics={"story": "story"},
    )
    assert panel.rubric_for("story") == "story"
    assert panel.rubric_for("") == "general"


PARTS = {"rubric": "r", "panel": "p@1", "aggregator": "fuse-v1", "snapshot": "s"}


@pytest.mark.parametrize("part", PARTS)
def test_the_ruler_changes_with_each_of_its_parts(part: str) -> None:
    judges = {"a": "1", "b": "2"}
    assert ruler(judges=judges, **PARTS) != ruler(judges=judges, **{**PARTS, part: "other"})


def test_the_ruler_changes_with_a_judges_revision_and_with_the_order_of_the_judges() -> None:
    rulers = {
        ruler(judges=judges, **PARTS)
        for judges in ({"a": "1", "b": "2"}, {"a": "1", "b": "3"}, {"b": "2", "a": "1"}, {"a": "1"})
    }
    assert len(rulers) == 4


def test_a_digest_is_a_known_constant_and_blind_to_the_order_of_keys() -> None:
    # printf '{"a":1,"b":[0.1]}' | sha256sum
    known = "sha256:da65f37e2098a5185eeb8569adfefa99cc5622e6701a102310254f9dab4aaab6"
    assert digest({"b": [0.1], "a": 1}) == known


def test_errors_say_what_is_known_and_carry_metadata_for_machines() -> None:
    error = NotFound("panels", "emb", ("embedded", "embedded-fast"))
    assert str(error) == "panels/emb does not exist; known: embedded, embedded-fast"
    assert error.metadata == {"collection": "panels", "name": "emb"}
    invalid = InvalidRequest((Violation("content.text", "is empty"), Violation("quorum", "must be >= 1")))
    assert str(invalid) == "content.text: is empty; quorum: must be >= 1"
