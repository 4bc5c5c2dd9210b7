"""Ballots that a caller brings, through the pipeline."""

from dataclasses import replace

import pytest

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import InvalidRequest, NotFound, QuotaExceeded, RulerMismatch
from moa_scorer.domain.raw_ballot import RawBallot, RawScore
from moa_scorer.domain.request import ReconcileRequest
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.domain.verdict import CertificateStatus, Completion, Scored, Unscored, UnscoredReason
from moa_scorer.scoring.brought import Reconciled, resolve
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import five_judges, make_pipeline
from tests.fakes.own import own_snapshot, own_table, raw_ballots
from tests.fakes.quotas import counted


@pytest.fixture(scope="module")
def table() -> RatedTable:
    return own_table()


@pytest.fixture(scope="module")
def snapshot(table: RatedTable) -> Snapshot:
    return own_snapshot(table)


@pytest.fixture
def pipeline(snapshot: Snapshot) -> Pipeline:
    made = make_pipeline(five_judges())
    newer = replace(snapshot, version=2)
    return Pipeline(replace(made.catalog, snapshots=(snapshot, newer)), made.clock)


def mine(table: RatedTable, **over: object) -> ReconcileRequest:
    fields: dict[str, object] = {
        "ballots": raw_ballots(table, 0),
        "content": Content(text="", kind="essay", language="en"),
        "snapshot": "essay.essay.trio",
        **over,
    }
    return ReconcileRequest(**fields)  # type: ignore[arg-type]


async def run(pipeline: Pipeline, request: ReconcileRequest, seconds: float = 30.0) -> Reconciled:
    return await pipeline.reconcile(request, Budget.starting(pipeline.clock.monotonic(), seconds))


async def test_it_is_an_item_of_its_tenants_quota_and_costs_nothing(
    pipeline: Pipeline, table: RatedTable
) -> None:
    pipeline.quotas = counted(items=1, micro_usd=0).quotas
    await run(pipeline, mine(table))
    with pytest.raises(QuotaExceeded):
        await run(pipeline, mine(table))


async def test_the_newest_snapshot_of_a_name_gives_the_verdict(pipeline: Pipeline, table: RatedTable) -> None:
    found = await run(pipeline, mine(table))

    assert isinstance(found.verdict.outcome, Scored)
    assert found.verdict.outcome.certificate.status is CertificateStatus.VALID
    assert found.verdict.completion is Completion.COMPLETE
    assert (found.plan.panel.revision, found.plan.rubric.revision) == ("trio@1", "essay@1")
    assert found.plan.snapshot.endswith("@2")


def test_after_a_rollback_an_unpinned_name_is_the_serving_version(
    pipeline: Pipeline, table: RatedTable
) -> None:
    states = {"essay.essay.trio": SnapshotState(serving=1)}
    rolled_back = replace(pipeline.catalog, states=states)

    assert resolve(mine(table), rolled_back).snapshot == pipeline.catalog.snapshots[0]
    pinned = resolve(mine(table, snapshot="essay.essay.trio@2"), rolled_back)
    assert pinned.snapshot == pipeline.catalog.snapshots[1]


async def test_a_pinned_snapshot_makes_another_ruler_and_a_wrong_ruler_is_refused(
    pipeline: Pipeline, table: RatedTable
) -> None:
    newest = resolve(mine(table), pipeline.catalog)
    pinned = resolve(mine(table, snapshot="essay.essay.trio@1"), pipeline.catalog)
    assert newest.ruler != pinned.ruler

    with pytest.raises(RulerMismatch):
        resolve(mine(table, expected_ruler=pinned.ruler), pipeline.catalog)
    assert resolve(mine(table, expected_ruler=newest.ruler), pipeline.catalog) == replace(
        newest, request=mine(table, expected_ruler=newest.ruler)
    )


async def test_without_a_snapshot_the_score_is_an_ordering_that_says_how_to_change_that(
    pipeline: Pipeline, table: RatedTable
) -> None:
    ballot = RawBallot(judge="clarity", outcome={"quality": RawScore(score=0.5)})
    found = await run(pipeline, mine(table, snapshot="", panel="scripted", ballots=(ballot,)))

    assert isinstance(found.verdict.outcome, Scored)
    certificate = found.verdict.outcome.certificate
    assert certificate.status is CertificateStatus.UNCALIBRATED
    assert "fit a snapshot" in certificate.detail


async def test_no_ballots_are_a_missed_quorum_not_an_error(pipeline: Pipeline, table: RatedTable) -> None:
    found = await run(pipeline, mine(table, ballots=()))

    assert isinstance(found.verdict.outcome, Unscored)
    assert found.verdict.outcome.reason is UnscoredReason.QUORUM_MISSED


def test_a_snapshot_of_own_judges_serves_no_content(pipeline: Pipeline) -> None:
    catalog = pipeline.catalog
    panel = catalog.panel(DEFAULT_TENANT, "")

    assert catalog.snapshot_for(catalog.rubrics[0], panel, "essay") is None


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"snapshot": "nobody"}, NotFound),
        ({"policy": "nothing"}, NotFound),
        ({"quorum": 4}, InvalidRequest),
        ({"ballots": (RawBallot(judge="dan", outcome={}),)}, InvalidRequest),
        ({"ballots": (RawBallot(judge="ann", outcome={}, read=("bob",)),)}, InvalidRequest),
        ({"ballots": (RawBallot(judge="ann", outcome={"wit": RawScore(score=1)}),)}, InvalidRequest),
    ],
)
def test_what_does_not_exist_is_refused(
    pipeline: Pipeline, table: RatedTable, over: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        resolve(mine(table, **over), pipeline.catalog)
