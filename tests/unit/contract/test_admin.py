"""What the methods for operators refuse and answer, message in and message out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from moa_scorer.api.v1 import admin_service_pb2 as pb
from moa_scorer.contract.admin import (
    list_audit_entries,
    list_judge_health,
    list_snapshot_states,
    promote_snapshot,
    quarantine_judge,
    roll_back_snapshot,
)
from moa_scorer.domain.admin import Circuit, EndpointHealth, Finding, JudgeHealth, SnapshotStanding
from moa_scorer.domain.audit_log import AuditAction
from moa_scorer.domain.errors import InvalidRequest, Precondition
from moa_scorer.domain.judge_state import JudgeStanding, JudgeState
from tests.fakes.identities import NOW, entry_of
from tests.fakes.memory_stores import MemoryAuditLog

HEALTH = JudgeHealth(
    judge="gpt",
    state=JudgeState(judge="gpt", standing=JudgeStanding.QUARANTINED, why="bills twice", since=NOW),
    decided=True,
    endpoint=EndpointHealth(name="openai", circuit=Circuit.OPEN, in_flight=0, waiting=3),
    alarms=("news.summary.mine@2",),
)
STANDING = SnapshotStanding(
    name="news.summary.mine",
    serving=2,
    versions=(1, 2),
    alarms=(Finding(subject="gpt", what="drifts", since="2026-11-01"),),
)


class Told:
    """A desk that does what it is told."""

    def __init__(self) -> None:
        self.orders: list[tuple[Any, ...]] = []

    async def judges(self) -> list[JudgeHealth]:
        return [HEALTH, replace(HEALTH, judge="fluency", decided=False, endpoint=None, alarms=())]

    async def snapshots(self) -> list[SnapshotStanding]:
        return [STANDING]

    async def quarantine(self, *order: Any) -> JudgeHealth:
        self.orders.append(order)
        return HEALTH

    async def promote(self, *order: Any) -> SnapshotStanding:
        self.orders.append(order)
        return STANDING

    async def roll_back(self, *order: Any) -> SnapshotStanding:
        self.orders.append(order)
        return STANDING


def in_an_hour() -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.now(UTC) + timedelta(hours=1))
    return stamp


async def fields(call: Any) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        await call
    return [violation.field for violation in refused.value.violations]


async def test_a_quarantine_wants_a_judge_a_reason_and_an_end_that_is_to_come() -> None:
    desk: Any = Told()
    past = pb.QuarantineJudgeRequest(judge="panels/x", reason="two\nlines", end_time=Timestamp(seconds=1))
    assert await fields(quarantine_judge(desk, past)) == ["judge", "reason", "end_time"]
    assert await fields(quarantine_judge(desk, pb.QuarantineJudgeRequest(judge="gpt", reason=" "))) == [
        "reason"
    ]
    end = in_an_hour()
    await quarantine_judge(
        desk, pb.QuarantineJudgeRequest(judge="judges/gpt", reason="bills twice", end_time=end)
    )
    assert desk.orders == [("gpt", "bills twice", end.ToDatetime(tzinfo=UTC))]


async def test_a_promotion_names_a_version_and_a_step_back_names_none() -> None:
    desk: Any = Told()
    without = pb.PromoteSnapshotRequest(snapshot="snapshots/news.summary.mine", reason="why")
    assert await fields(promote_snapshot(desk, without)) == ["snapshot"]
    pinned = pb.RollBackSnapshotRequest(name="news.summary.mine@2", reason="why")
    assert await fields(roll_back_snapshot(desk, pinned)) == ["name"]
    await promote_snapshot(desk, pb.PromoteSnapshotRequest(snapshot="news.summary.mine@1", reason="why"))
    await roll_back_snapshot(desk, pb.RollBackSnapshotRequest(name="news.summary.mine", reason="why"))
    assert desk.orders == [("news.summary.mine", 1, "why"), ("news.summary.mine", "why")]


async def test_judges_and_snapshots_are_shown_with_what_is_known_and_nothing_made_up() -> None:
    desk: Any = Told()
    gpt, fluency = (await list_judge_health(desk)).judges
    assert (gpt.judge, gpt.standing, gpt.circuit, gpt.waiting) == (
        "judges/gpt",
        pb.JUDGE_STANDING_QUARANTINED,
        pb.CIRCUIT_OPEN,
        3,
    )
    assert gpt.alarms == ["snapshots/news.summary.mine@2"]
    assert not gpt.HasField("end_time")
    assert not fluency.HasField("waiting")
    assert not fluency.HasField("since")
    (state,) = (await list_snapshot_states(desk)).states
    assert (state.serving, list(state.versions), state.alarms[0].subject) == (2, [1, 2], "gpt")
    assert not state.HasField("age_limit_days")


async def test_the_audit_log_is_read_page_by_page() -> None:
    log = MemoryAuditLog()
    for action in AuditAction:
        await log.add(entry_of(action))
    request, read = pb.ListAuditEntriesRequest(page_size=4), []
    while True:
        page = await list_audit_entries(log, request)
        read += page.entries
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert [entry.number for entry in read] == list(range(1, len(AuditAction) + 1))
    assert pb.AUDIT_ACTION_UNSPECIFIED not in {entry.action for entry in read}
    wrong = pb.ListAuditEntriesRequest(page_size=-1, page_token="first", since=Timestamp(seconds=-(10**12)))
    assert await fields(list_audit_entries(log, wrong)) == ["page_size", "page_token", "since"]
    with pytest.raises(Precondition, match="no database"):
        await list_audit_entries(None, pb.ListAuditEntriesRequest())
