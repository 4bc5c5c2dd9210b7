"""Buying what a record left unused."""

from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import InvalidRequest, NotFound, Precondition
from moa_scorer.domain.panel import Layer, When
from moa_scorer.domain.quota import Meter
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import Retention, ScoreRequest, Sensitivity
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Completion, Decision
from moa_scorer.scoring.escalate import EscalateRequest, unused
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import (
    STRICT,
    Outcome,
    ScriptedJudge,
    SystemClock,
    abstaining,
    make_catalog,
    scoring,
)
from tests.fakes.memory_stores import MemoryRecords
from tests.fakes.quotas import counted

TIERS = (Layer(judges=("a", "b")), Layer(judges=("c",), when=When.UNDECIDED, reads=False))


class Late:
    """Times out the first time and answers the second."""

    def __init__(self, name: str, value: float) -> None:
        self.outcomes = [abstaining(AbstentionReason.TIMEOUT), scoring(name, value)]

    def __call__(self, content: Content) -> Outcome:
        return self.outcomes.pop(0)(content)


def pipeline_of(*judges: ScriptedJudge, layers: tuple[Layer, ...] = ()) -> Pipeline:
    catalog = make_catalog(judges, layers=layers)
    return Pipeline(catalog, SystemClock(), Memory(records=MemoryRecords()))


def trio() -> tuple[ScriptedJudge, ...]:
    return (
        ScriptedJudge("a", scoring("a", 0.4), cost=10),
        ScriptedJudge("b", Late("b", 0.9), cost=20),
        ScriptedJudge("c", scoring("c", 0.9), cost=40),
    )


async def score(pipeline: Pipeline, **over: object) -> Record:
    request = ScoreRequest(**{"content": Content(text="some text"), "policy": "strict", **over})  # type: ignore[arg-type]
    return await pipeline.score(request, budget(pipeline))


async def escalate(pipeline: Pipeline, record: str, **over: object) -> Record:
    return await pipeline.escalate(EscalateRequest(record=record, **over), budget(pipeline))  # type: ignore[arg-type]


def budget(pipeline: Pipeline) -> Budget:
    return Budget.starting(pipeline.clock.monotonic(), 30.0)


def asked(judges: tuple[ScriptedJudge, ...]) -> list[int]:
    return [judge.started for judge in judges]


async def test_only_judges_without_a_judgment_are_asked_and_the_new_record_names_the_old() -> None:
    judges = trio()
    pipeline = pipeline_of(*judges)
    first = await score(pipeline)
    second = await escalate(pipeline, first.name)

    assert asked(judges) == [1, 2, 1]
    assert first.verdict.completion is Completion.PARTIAL
    assert second.verdict.completion is Completion.COMPLETE
    assert (second.origin, second.name != first.name) == (first.name, True)


async def test_old_ballots_are_kept_and_cost_nothing_again() -> None:
    pipeline = pipeline_of(*trio())
    first = await score(pipeline)
    second = await escalate(pipeline, first.name)

    costs = {ballot.judge: ballot.usage.micro_usd for ballot in second.verdict.ballots}
    assert costs == {"a": 0, "b": 20, "c": 0}
    assert second.verdict.ballots[0].outcome == first.verdict.ballots[0].outcome


async def test_whoever_escalates_a_record_of_the_shadow_pays_for_it() -> None:
    pipeline, on = pipeline_of(*trio()), counted(micro_usd=1_000)
    pipeline.quotas = on.quotas
    shadow = await score(pipeline, shadow_of="01J")
    assert await on.used(Meter.MICRO_USD) == 0
    second = await escalate(pipeline, shadow.name)

    assert await on.used(Meter.MICRO_USD) == 20
    assert (second.origin, second.request.shadow_of) == (shadow.name, None)


async def test_the_records_own_policy_decides_again_though_the_catalogue_has_lost_it() -> None:
    pipeline = pipeline_of(ScriptedJudge("a", scoring("a", 0.4)), ScriptedJudge("b", Late("b", 0.9)))
    first = await score(pipeline)
    pipeline.catalog = replace(pipeline.catalog, policies=())
    second = await escalate(pipeline, first.name)

    assert (first.ruling.decision, second.ruling.decision) == (Decision.REJECT, Decision.ACCEPT)
    assert second.plan.policy == STRICT


async def test_a_spared_tier_is_bought_after_the_fact() -> None:
    judges = (
        ScriptedJudge("a", scoring("a", 0.4)),
        ScriptedJudge("b", scoring("b", 0.4)),
        ScriptedJudge("c", abstaining(AbstentionReason.NOT_NEEDED)),
    )
    pipeline = pipeline_of(*judges, layers=TIERS)
    first = await score(pipeline)
    assert unused(first) == ("c",)
    judges[2].script = scoring("c", 0.9)

    second = await escalate(pipeline, first.name)

    assert asked(judges) == [1, 1, 2]
    assert second.verdict.completion is Completion.COMPLETE


async def test_judges_that_were_barred_stay_barred() -> None:
    vendor = ScriptedJudge("b", scoring("b", 0.9), local=False)
    pipeline = pipeline_of(ScriptedJudge("a", Late("a", 0.4)), vendor)
    first = await score(pipeline, sensitivity=Sensitivity.LOCAL_ONLY)
    second = await escalate(pipeline, first.name)

    assert vendor.started == 0
    assert [type(ballot.outcome) for ballot in second.verdict.ballots] == [Judgment, Abstention]


async def test_named_judges_alone_are_asked_within_the_ceiling() -> None:
    judges = (
        ScriptedJudge("a", scoring("a", 0.4)),
        ScriptedJudge("b", Late("b", 0.9), cost=20),
        ScriptedJudge("c", Late("c", 0.9), cost=40),
    )
    pipeline = pipeline_of(*judges)
    first = await score(pipeline)
    await escalate(pipeline, first.name, judges=("c",))
    assert asked(judges) == [1, 1, 2]
    poor = await escalate(pipeline, first.name, judges=("b",), cost_ceiling=10)
    left_out = poor.verdict.ballots[1].outcome
    assert isinstance(left_out, Abstention)
    assert left_out.reason is AbstentionReason.BUDGET


async def test_a_judge_that_has_answered_or_is_not_of_the_panel_cannot_be_named() -> None:
    pipeline = pipeline_of(*trio())
    first = await score(pipeline)
    with pytest.raises(InvalidRequest) as caught:
        await escalate(pipeline, first.name, judges=("a", "nobody"))
    assert [violation.field for violation in caught.value.violations] == ["judges[0]", "judges[1]"]


async def test_nobody_left_to_ask_text_not_kept_and_no_records_are_preconditions() -> None:
    whole = pipeline_of(ScriptedJudge("a", scoring("a", 0.4)))
    numbers = pipeline_of(*trio())
    bare = Pipeline(make_catalog(trio()), SystemClock())
    for pipeline, name in (
        (whole, (await score(whole)).name),
        (numbers, (await score(numbers, retention=Retention.NUMBERS)).name),
        (bare, "ANY"),
    ):
        with pytest.raises(Precondition):
            await escalate(pipeline, name)


async def test_another_tenants_record_is_not_found() -> None:
    pipeline = pipeline_of(*trio())
    first = await score(pipeline)
    with pytest.raises(NotFound):
        await escalate(pipeline, first.name, tenant=Tenant("another"))


async def test_an_escalation_is_counted_with_the_judges_that_it_asked_and_no_other() -> None:
    def counted(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    def counts() -> list[float]:
        judged = [counted("moa_ballots_total", judge=name, outcome="judged") for name in ("a", "b", "c")]
        return [*judged, counted("moa_cost_usd_total", tenant="default", judge="b")]

    pipeline = pipeline_of(*trio())
    first = await score(pipeline)
    before = counts()
    await escalate(pipeline, first.name)
    a, b, c, cost = (now - then for now, then in zip(counts(), before, strict=True))
    assert (a, b, c) == (0, 1, 0)
    assert cost == pytest.approx(20e-6)
