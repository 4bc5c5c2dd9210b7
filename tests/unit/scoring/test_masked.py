"""What a catalogue knows against judges and snapshots: alarms, quarantine, sources in doubt."""

from dataclasses import replace
from datetime import UTC, date, datetime

from moa_scorer.calibration.standing import OpenAlarm, OpenDoubt, SnapshotState
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.judge_state import JudgeStanding, JudgeState
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import CertificateStatus, Scored
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import SystemClock
from tests.fakes.records import rated, recorded_catalog, request_of, snapshot_of

TABLE = rated(120)
SNAPSHOT = snapshot_of(TABLE)
NAME = "essay.essay.trio"
ALARM = OpenAlarm(judge="bob", since="2026-06-30", what="refuses more often than in the ratings (+9.0%)")
DOUBT = OpenDoubt(source="forum", since="2026-06-30", what="its items are unlike the rated ones")


def catalog(**state: object) -> Catalog:
    states = {NAME: SnapshotState(**state)}  # type: ignore[arg-type]
    return replace(recorded_catalog(TABLE, snapshots=(SNAPSHOT,)), states=states)


async def scored(over: Catalog, request: ScoreRequest | None = None) -> Record:
    pipeline = Pipeline(over, SystemClock())
    wanted = request or request_of(TABLE.ids[0])
    return await pipeline.score(wanted, Budget(pipeline.clock.monotonic() + 60))


def status(record: Record) -> CertificateStatus:
    assert isinstance(record.verdict.outcome, Scored)
    return record.verdict.outcome.certificate.status


async def test_the_others_take_over_while_a_judge_drifts_and_their_number_is_valid() -> None:
    calm, alarmed = await scored(catalog()), await scored(catalog(alarms=(ALARM,)))

    why = {b.judge: getattr(b.outcome, "reason", None) for b in alarmed.verdict.ballots}
    assert why == {"ann": None, "bob": AbstentionReason.DRIFT_MASKED, "cid": None}
    assert status(alarmed) is status(calm) is CertificateStatus.VALID
    assert alarmed.plan.ruler == calm.plan.ruler, "the ruler is the same: the mask is in the record"


async def test_a_drifting_judge_that_the_quorum_hangs_on_is_asked_and_the_number_is_stale() -> None:
    request = replace(request_of(TABLE.ids[0]), quorum=3)

    record = await scored(catalog(alarms=(ALARM,)), request)

    assert record.verdict.answered == 3
    assert status(record) is CertificateStatus.STALE


async def test_only_the_source_in_doubt_is_stale() -> None:
    over = catalog(doubts=(DOUBT,))
    forum = replace(request_of(TABLE.ids[0]), tags={"source": "forum"})

    assert status(await scored(over, forum)) is CertificateStatus.STALE
    assert status(await scored(over)) is CertificateStatus.VALID


async def test_a_doubt_about_one_tenants_source_is_no_doubt_about_anothers() -> None:
    forum = replace(request_of(TABLE.ids[0]), tags={"source": "forum"})
    acme = replace(forum, tenant=Tenant("acme"))
    posing = replace(forum, tags={"source": "acme/forum"})
    over = catalog(doubts=(replace(DOUBT, source="acme/forum"),))

    assert status(await scored(over, acme)) is CertificateStatus.STALE
    for other in (forum, posing, replace(forum, tenant=Tenant("globex"))):
        assert status(await scored(over, other)) is CertificateStatus.VALID
    assert status(await scored(catalog(doubts=(DOUBT,)), acme)) is CertificateStatus.VALID


def test_a_doubt_about_a_kind_holds_where_no_source_is_said() -> None:
    over = catalog(doubts=(replace(DOUBT, source="essay"),))

    assert over.standing(SNAPSHOT, date(2026, 7, 1), "essay").doubt
    assert not over.standing(SNAPSHOT, date(2026, 7, 1), "comment").doubt


async def test_a_judge_in_quarantine_is_not_asked_whatever_the_snapshot() -> None:
    gone = JudgeState(
        judge="ann",
        standing=JudgeStanding.QUARANTINED,
        why="its vendor changed the terms",
        since=datetime(2026, 7, 1, tzinfo=UTC),
    )
    over = replace(recorded_catalog(TABLE), judge_states={"ann": gone})

    record = await scored(over)

    assert record.plan.left_out[0].judge == "ann"
    assert getattr(record.plan.left_out[0].outcome, "detail", "") == "its vendor changed the terms"
