"""Who is not asked: kin, vendors where content must stay, and what money does not reach."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.domain.content import Content
from moa_scorer.domain.panel import Layer, Panel
from moa_scorer.domain.request import ScoreRequest, Sensitivity
from moa_scorer.scoring.left_out import beyond, left_out
from tests.fakes.judges import ScriptedJudge, scoring

CONTENT = Content(text="a text", producer="claude-sonnet-4")
REQUEST = ScoreRequest(content=replace(CONTENT, producer=""))


def judge(name: str, **over: object) -> ScriptedJudge:
    return ScriptedJudge(name, scoring(name, 0.5), **over)


def reasons(
    judges: list[ScriptedJudge],
    request: ScoreRequest,
    quorum: int = 1,
    layers: tuple[Layer, ...] = (),
    **masked: AbstentionReason,
) -> dict[str, AbstentionReason]:
    names = tuple(j.name for j in judges)
    panel = Panel(
        name="p", version=1, title="", judges=names, quorum=quorum, default_rubric="r", layers=layers
    )
    estimates = {j.name: j.estimate(request.content) for j in judges}
    out = left_out(
        judges, estimates, request, panel, quorum, {n: Abstention(reason=r) for n, r in masked.items()}
    )
    return {n: a.reason for n, a in out.items()}


def test_a_plain_request_leaves_nobody_out() -> None:
    assert reasons([judge("a", cost=5, local=False, family="claude"), judge("b")], REQUEST) == {}


def test_a_judge_is_not_asked_about_its_own_familys_text() -> None:
    judges = [judge("a", family="claude"), judge("b", family="gpt"), judge("c")]
    assert reasons(judges, replace(REQUEST, content=CONTENT)) == {"a": AbstentionReason.SAME_FAMILY}


def test_content_that_must_stay_is_shown_to_local_judges_only() -> None:
    request = replace(REQUEST, sensitivity=Sensitivity.LOCAL_ONLY)
    assert reasons([judge("a", local=False), judge("b")], request) == {"a": AbstentionReason.SENSITIVITY}


def test_the_dearest_go_until_the_others_fit_the_ceiling() -> None:
    judges = [judge("a", cost=50), judge("b", cost=30), judge("c", cost=30), judge("d")]
    assert reasons(judges, replace(REQUEST, cost_ceiling=30)) == {
        "a": AbstentionReason.BUDGET,
        "c": AbstentionReason.BUDGET,
    }


@pytest.mark.parametrize("quorum", [2, 3])
def test_a_quorum_out_of_reach_means_that_nobody_is_asked(quorum: int) -> None:
    judges = [judge("a", cost=50), judge("b", cost=50), judge("c")]
    assert reasons(judges, replace(REQUEST, cost_ceiling=0), quorum) == {
        "a": AbstentionReason.BUDGET,
        "b": AbstentionReason.BUDGET,
        "c": AbstentionReason.NOT_NEEDED,
    }


def test_without_a_first_layer_the_later_ones_have_nothing_to_read() -> None:
    judges = [judge("a", cost=50), judge("b")]
    layers = (Layer(judges=("a",)), Layer(judges=("b",)))
    assert reasons(judges, replace(REQUEST, cost_ceiling=10), 1, layers) == {
        "a": AbstentionReason.BUDGET,
        "b": AbstentionReason.NOT_NEEDED,
    }


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 1000), max_size=8), st.integers(0, 3000))
def test_those_that_stay_always_fit_and_no_cheaper_one_goes_before_a_dearer(
    costs: dict[str, int], ceiling: int
) -> None:
    gone = beyond(costs, ceiling)
    stay = [name for name in costs if name not in gone]
    assert sum(costs[name] for name in stay) <= ceiling
    assert not gone or min(costs[n] for n in gone) >= max((costs[n] for n in stay), default=0)
    assert all(costs[name] > 0 for name in gone)


def test_what_is_too_dear_says_so_in_dollars() -> None:
    judges, request = [judge("a", cost=16_675)], replace(REQUEST, cost_ceiling=1000)
    panel = Panel(name="p", version=1, title="", judges=("a",), quorum=1, default_rubric="r")
    out = left_out(judges, {"a": judges[0].estimate(request.content)}, request, panel, 1)
    assert "$0.016675" in out["a"].detail
    assert "$0.001000" in out["a"].detail


def test_a_judge_that_drifts_is_left_out_as_far_as_the_quorum_does_without_it() -> None:
    judges, drifts = [judge("a"), judge("b"), judge("c")], AbstentionReason.DRIFT_MASKED

    assert reasons(judges, REQUEST, 2, b=drifts) == {"b": drifts}
    assert reasons(judges, REQUEST, 2, a=drifts, b=drifts) == {"a": drifts}
    assert reasons(judges, REQUEST, 3, b=drifts) == {}


def test_a_judge_in_quarantine_is_left_out_even_if_the_quorum_fails() -> None:
    judges, gone = [judge("a"), judge("b")], AbstentionReason.QUARANTINED

    assert reasons(judges, REQUEST, 1, a=gone) == {"a": gone}
    assert reasons(judges, REQUEST, 2, a=gone) == {"a": gone, "b": AbstentionReason.NOT_NEEDED}
