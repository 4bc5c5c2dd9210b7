"""Shadows: observed beside every answer, and no answer is other for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.request import CacheControl, Retention, ScoreRequest
from moa_scorer.domain.verdict import Decision
from moa_scorer.scoring.background import Background
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.scoring.shadow_panels import is_drawn, may_be_shadowed
from moa_scorer.scoring.shadow_table import ShadowTable
from moa_scorer.scoring.shadows import Shadows
from moa_scorer.telemetry import events
from tests.fakes.judges import ScriptedJudge, SystemClock, abstaining, make_catalog, scoring
from tests.fakes.memory_stores import MemoryRecords
from tests.fakes.records import rated, recorded_catalog, request_of, scored, snapshot_of

REQUEST = ScoreRequest(
    content=Content(text="a text to judge", language="en", kind="comment"), policy="strict"
)


def always(decision: Decision, name: str = "always", on_unscored: Decision = Decision.REVIEW) -> Policy:
    return Policy(name=name, version=1, title="", rules=(), otherwise=decision, on_unscored=on_unscored)


def soon() -> Budget:
    return Budget.starting(SystemClock().monotonic(), 30)


def with_panel(catalog: Catalog, judge: ScriptedJudge) -> Catalog:
    other = Panel(
        name="other",
        version=1,
        title="",
        judges=(judge.name,),
        quorum=1,
        default_rubric="quality",
    )
    return replace(
        catalog,
        panels=(*catalog.panels, other),
        judges={**catalog.judges, judge.name: judge},
    )


async def observed(catalog: Catalog, shadows: Shadows, request: ScoreRequest = REQUEST) -> list[Record]:
    """The records that one request leaves, those of shadows included."""
    kept = MemoryRecords()
    pipeline = Pipeline(replace(catalog, shadows=shadows), SystemClock(), Memory(records=kept))
    await pipeline.score(request, soon())
    await pipeline.shadow_panels.settled()
    await pipeline.aclose()
    return list(kept.records.values())


async def test_a_policy_in_the_shadow_rules_and_is_not_heeded() -> None:
    catalog = make_catalog([ScriptedJudge("a", scoring("a", 0.9))])
    (record,) = await observed(catalog, Shadows(policies=(always(Decision.REJECT),)))
    assert record.ruling.decision is Decision.ACCEPT
    (shadow,) = record.shadows
    assert (shadow.resource, shadow.decision, shadow.rule) == (
        "policies/always@1",
        Decision.REJECT,
        "otherwise",
    )
    assert shadow.score == pytest.approx(0.9)


async def test_what_has_no_score_is_ruled_by_on_unscored_in_the_shadow_too_and_above_the_floor() -> None:
    catalog = make_catalog([ScriptedJudge("a", abstaining())])
    lax = always(Decision.ACCEPT, on_unscored=Decision.ACCEPT)
    (record,) = await observed(catalog, Shadows(policies=(lax,)))
    assert (record.shadows[0].decision, record.shadows[0].rule) == (Decision.ACCEPT, "on_unscored")
    assert record.shadows[0].score is None

    floored = replace(catalog, floor=always(Decision.ACCEPT, "floor", on_unscored=Decision.REJECT))
    (record,) = await observed(floored, Shadows(policies=(lax,)))
    assert (record.ruling.rule, record.shadows[0].rule) == ("floor:on_unscored", "floor:on_unscored")


async def test_a_snapshot_in_the_shadow_scores_the_same_ballots_once_its_weights_are_there() -> None:
    table = rated(120)
    serving, candidate = snapshot_of(table), snapshot_of(rated(90))
    candidate = replace(candidate, version=2)
    catalog = recorded_catalog(table, snapshots=(serving,))
    shadowed = replace(catalog, shadows=Shadows(snapshots=(candidate,)))
    pipeline = Pipeline(shadowed, SystemClock())
    request = request_of(table.ids[0])

    first = await pipeline.score(request, soon())
    while not first.shadows:
        first = await pipeline.score(request, soon())
    await pipeline.aclose()

    (shadow,) = first.shadows
    assert shadow.resource == f"snapshots/{candidate.revision}"
    assert shadow.score is not None
    (plain,) = await scored(catalog, [request])
    assert plain.verdict.outcome == first.verdict.outcome


async def test_a_panel_in_the_shadow_is_asked_in_the_background_and_its_record_says_beside_whose() -> None:
    other = ScriptedJudge("b", scoring("b", 0.1), cost=7)
    catalog = with_panel(make_catalog([ScriptedJudge("a", scoring("a", 0.9))]), other)
    answer, shadow = await observed(catalog, Shadows(panels={"other@1": 1.0}))
    assert (answer.request.shadow_of, shadow.request.shadow_of) == (None, answer.name)
    assert (shadow.plan.panel.revision, shadow.plan.rubric) == ("other@1", answer.plan.rubric)
    assert shadow.ruling.decision is not answer.ruling.decision
    assert sum(ballot.usage.micro_usd for ballot in shadow.verdict.ballots) == 7
    assert sum(ballot.usage.micro_usd for ballot in answer.verdict.ballots) == 0

    table = ShadowTable()
    table.add(answer)
    table.add(shadow)
    (row,) = table.rows()
    assert (row.resource, row.items, row.differing) == ("panels/other@1", 1, 1.0)
    assert row.mean_difference == pytest.approx(0.8)


async def test_a_panel_that_fails_or_is_too_slow_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Mapping[str, object]] = []
    monkeypatch.setattr(events, "shadow_failed", lambda **said: told.append(said))
    catalog = make_catalog([ScriptedJudge("a", scoring("a", 0.9))])
    (record,) = await observed(catalog, Shadows(panels={"gone@1": 1.0}))
    assert record.ruling.decision is Decision.ACCEPT
    assert told == [{"resource": "panels/gone@1", "error": "RESOURCE_NOT_FOUND"}]


async def test_more_items_than_may_be_at_work_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    left_out: list[str] = []
    monkeypatch.setattr(events, "shadow_left_out", lambda *, resource: left_out.append(resource))
    slow = ScriptedJudge("b", scoring("b", 0.1), delay=60)
    catalog = with_panel(make_catalog([ScriptedJudge("a", scoring("a", 0.9))]), slow)
    shadowed = replace(catalog, shadows=Shadows(panels={"other@1": 1.0}, at_once=2))
    pipeline = Pipeline(shadowed, SystemClock(), Memory(records=MemoryRecords()))
    for number in range(3):
        await pipeline.score(replace(REQUEST, content=Content(text=f"text {number}")), soon())
    await slow.asked.wait()
    assert left_out == ["panels/other@1"]
    await pipeline.aclose()
    assert slow.cancelled == slow.started


@pytest.mark.parametrize(
    "change", [{"retention": Retention.NOTHING}, {"shadow_of": ""}, {"shadow_of": "01J"}]
)
def test_what_may_not_be_kept_and_what_is_a_shadow_has_no_shadow(change: Mapping[str, object]) -> None:
    assert may_be_shadowed(REQUEST)
    assert not may_be_shadowed(replace(REQUEST, **change))  # type: ignore[arg-type]


def test_an_item_is_drawn_by_its_content_and_the_share_holds() -> None:
    requests = [replace(REQUEST, content=Content(text=f"text {k}")) for k in range(2000)]
    drawn = [is_drawn(request, "other@1", 0.25) for request in requests]
    assert 0.2 < sum(drawn) / len(drawn) < 0.3
    assert drawn == [is_drawn(request, "other@1", 0.25) for request in requests]
    assert drawn != [is_drawn(request, "third@1", 0.25) for request in requests]
    assert all(is_drawn(request, "other@1", 1.0) for request in requests)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    score=st.floats(0, 1),
    threshold=st.floats(0, 1),
    decisions=st.lists(st.sampled_from(Decision), max_size=3),
    share=st.sampled_from([0.0, 0.5, 1.0]),
)
async def test_a_shadow_never_changes_an_answer_or_its_number(
    score: float, threshold: float, decisions: Sequence[Decision], share: float
) -> None:
    catalog = with_panel(
        make_catalog([ScriptedJudge("a", scoring("a", score))]), ScriptedJudge("b", scoring("b", 1 - score))
    )
    rule = Rule(test=Test.SCORE_BELOW, then=Decision.REJECT, threshold=threshold)
    policies = tuple(replace(always(d, f"p{k}"), rules=(rule,)) for k, d in enumerate(decisions))
    panels = {"other@1": share} if share else {}
    plain = (await observed(catalog, Shadows()))[0]
    shadowed = (await observed(catalog, Shadows(policies=policies, panels=panels)))[0]
    assert (shadowed.verdict.outcome, shadowed.ruling) == (plain.verdict.outcome, plain.ruling)
    assert shadowed.plan == plain.plan
    assert len(shadowed.shadows) == len(policies)


async def test_a_cached_answer_asks_no_panel_again() -> None:
    other = ScriptedJudge("b", scoring("b", 0.1))
    catalog = with_panel(make_catalog([ScriptedJudge("a", scoring("a", 0.9))]), other)
    pipeline = Pipeline(replace(catalog, shadows=Shadows(panels={"other@1": 1.0})), SystemClock())
    record = await pipeline.score(replace(REQUEST, cache=CacheControl.NONE), soon())
    await pipeline.shadow_panels.settled()
    pipeline.shadow_panels.ask(replace(record, cache=CacheUse.HIT), pipeline.catalog.shadows)
    await pipeline.shadow_panels.settled()
    await pipeline.aclose()
    assert other.started == 1


async def test_the_background_ends_with_its_owner() -> None:
    background = Background()
    slow = ScriptedJudge("b", scoring("b", 0.1), delay=60)
    pipeline = Pipeline(make_catalog([slow]), SystemClock())
    background.start("one", pipeline.score(REQUEST, soon()))
    await slow.asked.wait()
    assert not background.has_room_for("one", 2)
    assert background.has_room_for("two", 2)
    assert not background.has_room_for("two", 1)
    await background.aclose()
    await pipeline.aclose()
    assert slow.cancelled == 1
