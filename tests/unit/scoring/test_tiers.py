"""Tiers through the pipeline: asked while the decision is open, spared when it is settled."""

from collections import Counter
from dataclasses import replace

import pytest

from moa_scorer.aggregation.reconcile import mask_to_fit
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.calibration.usual_masks import masks_without
from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.panel import Layer, When
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.stopping import Stopping
from moa_scorer.domain.verdict import Completion
from moa_scorer.scoring.artefacts import Calibration
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.scoring.replay import compared
from moa_scorer.scoring.tiers import as_if_stopped, spared_at_stops
from tests.fakes.judges import ScriptedJudge, SystemClock, abstaining
from tests.fakes.records import rated, recorded_catalog, request_of, snapshot_of

CASCADE = (Layer(judges=("ann", "bob")), Layer(judges=("cid",), when=When.UNDECIDED, reads=False))
ITEMS = 24


@pytest.fixture(scope="module")
def table() -> RatedTable:
    return rated()


@pytest.fixture(scope="module")
def snapshot(table: RatedTable) -> Snapshot:
    return snapshot_of(table)


def cascade(
    table: RatedTable, *snapshots: Snapshot, margin: float | None = 1.0, **absent: Abstention
) -> Catalog:
    named = {f"{item}/{judge}": why for judge, why in absent.items() for item in table.ids}
    catalog = recorded_catalog(table, snapshots=snapshots, layers=CASCADE, absent=named)
    if margin == 1.0:
        return catalog
    rules = tuple(
        Stopping(margin=margin, panel="trio@1", policy=p.revision, snapshot=s.revision, items=9)
        for p in catalog.policies
        for s in snapshots
    )
    return replace(catalog, stoppings=rules)


async def score(catalog: Catalog, request: ScoreRequest) -> Record:
    pipeline = Pipeline(catalog, SystemClock())
    return await pipeline.score(request, Budget.starting(pipeline.clock.monotonic(), 60.0))


async def each(catalog: Catalog, table: RatedTable, policy: str = "careful") -> list[Record]:
    requests = [request_of(item, policy=policy) for item in table.ids[:ITEMS]]
    return [await score(catalog, request) for request in requests]


def asked(catalog: Catalog, judge: str) -> int:
    found = catalog.judges[judge]
    assert isinstance(found, ScriptedJudge)
    return found.started


async def test_the_tier_is_asked_where_the_decision_is_open_and_only_there(
    table: RatedTable, snapshot: Snapshot
) -> None:
    catalog = cascade(table, snapshot)
    records = await each(catalog, table)
    ends = Counter(record.verdict.completion for record in records)
    assert set(ends) == {Completion.COMPLETE, Completion.DECIDED}
    assert asked(catalog, "cid") == ends[Completion.COMPLETE]
    assert asked(catalog, "ann") == ITEMS


async def test_a_spared_judge_abstains_as_not_needed_and_the_verdict_is_not_degraded(
    table: RatedTable, snapshot: Snapshot
) -> None:
    records = await each(cascade(table, snapshot, margin=0.0), table, "strict")
    for record in records:
        spared = record.verdict.ballots[-1]
        assert spared.judge == "cid"
        assert isinstance(spared.outcome, Abstention)
        assert spared.outcome.reason is AbstentionReason.NOT_NEEDED
        assert (record.verdict.completion, record.verdict.degraded) == (Completion.DECIDED, "")


async def test_where_no_margin_is_supported_everybody_is_asked(table: RatedTable, snapshot: Snapshot) -> None:
    records = await each(cascade(table, snapshot, margin=None), table)
    assert {record.verdict.completion for record in records} == {Completion.COMPLETE}


async def test_without_policy_or_snapshot_everybody_is_asked(table: RatedTable, snapshot: Snapshot) -> None:
    for records in (await each(cascade(table, snapshot), table, ""), await each(cascade(table), table)):
        assert {record.verdict.completion for record in records} == {Completion.COMPLETE}


async def test_a_judge_that_fails_in_the_first_tier_makes_the_verdict_partial_whoever_is_spared(
    table: RatedTable, snapshot: Snapshot
) -> None:
    late = Abstention(reason=AbstentionReason.TIMEOUT)
    records = await each(cascade(table, snapshot, bob=late), table)
    assert {record.verdict.completion for record in records} == {Completion.PARTIAL}


async def test_a_tiers_judges_are_shown_no_ballots(table: RatedTable) -> None:
    catalog = cascade(table)
    (record, *_) = await each(catalog, table)
    strong = catalog.judges["cid"]
    assert isinstance(strong, ScriptedJudge)
    assert {asking.peers for asking in strong.askings} == {()}
    assert record.verdict.answered == 3


async def test_a_tier_is_asked_where_the_first_layer_said_nothing_at_all(table: RatedTable) -> None:
    refused = Abstention(reason=AbstentionReason.REFUSED)
    catalog = cascade(table, ann=refused, bob=refused)
    await each(catalog, table)
    assert asked(catalog, "cid") == ITEMS


async def test_the_verdict_of_a_decided_record_replays(table: RatedTable, snapshot: Snapshot) -> None:
    catalog = cascade(table, snapshot)
    for record in await each(catalog, table):
        replay = compared(record, Calibration(snapshot=snapshot, reference=catalog.reference))
        assert replay.same


async def test_the_plan_names_the_tier_its_worst_case_and_the_rule(
    table: RatedTable, snapshot: Snapshot
) -> None:
    pipeline = Pipeline(cascade(table, snapshot), SystemClock())
    plan = pipeline.plan(request_of("item0", policy="careful")).record()
    assert [layer.judges for layer in plan.layers] == [("ann", "bob"), ("cid",)]
    assert plan.estimate.seconds == pytest.approx(sum(layer.estimate.seconds for layer in plan.layers))
    assert plan.stopping is not None
    assert (plan.stopping.margin, plan.stopping.calibrated) == (1.0, False)
    assert pipeline.plan(request_of("item0", policy="")).record().stopping is None


async def test_a_tier_that_hangs_ends_with_the_budget(table: RatedTable, snapshot: Snapshot) -> None:
    catalog = cascade(table, snapshot, margin=None)
    hung = ScriptedJudge("cid", abstaining(), delay=3600)
    pipeline = Pipeline(replace(catalog, judges={**catalog.judges, "cid": hung}), SystemClock())
    record = await pipeline.score(
        request_of("item0", policy="careful"), Budget.starting(pipeline.clock.monotonic(), 0.3)
    )
    assert hung.cancelled == 1
    assert record.verdict.answered == 2


def test_whoever_has_cast_no_ballot_counts_as_not_needed(table: RatedTable) -> None:
    panel = recorded_catalog(table, layers=CASCADE).panels[0]
    assert [ballot.judge for ballot in as_if_stopped((), panel)] == list(panel.judges)


def test_what_is_spared_at_each_stop_is_every_tier_from_there_on(table: RatedTable) -> None:
    (panel,) = recorded_catalog(table).panels
    tiers = (
        Layer(judges=("ann",)),
        Layer(judges=("bob",), when=When.UNDECIDED, reads=False),
        Layer(judges=("cid",), when=When.UNDECIDED, reads=False),
    )
    assert spared_at_stops(replace(panel, layers=tiers)) == ({"bob", "cid"}, {"cid"})
    assert spared_at_stops(panel) == ()


async def test_a_server_that_has_prepared_its_stops_waits_for_no_weights(
    table: RatedTable, snapshot: Snapshot
) -> None:
    catalog = cascade(table, snapshot)
    (panel,) = catalog.panels
    prepared = masks_without(snapshot, spared_at_stops(panel))
    for mask in prepared:
        fit_mask(snapshot, mask)
    record = await score(catalog, request_of("item0", policy="strict"))
    ballots = as_if_stopped(record.verdict.ballots[:2], panel)
    assert mask_to_fit(ballots, snapshot, panel=panel, facts=record.facts) is None
