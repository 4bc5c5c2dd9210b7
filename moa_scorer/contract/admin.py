"""What each method for operators does, message in and message out."""

from datetime import UTC, datetime

from moa_scorer.api.v1 import admin_service_pb2 as pb
from moa_scorer.contract.admin_messages import entry_message, judge_message, snapshot_message
from moa_scorer.contract.moments import instant
from moa_scorer.contract.pages import DEFAULT_PAGE, LARGEST_PAGE
from moa_scorer.contract.translate import bare
from moa_scorer.contract.validate import check
from moa_scorer.contract.validate_admin import (
    list_violations,
    promote_violations,
    quarantine_violations,
    reason_violations,
    restore_violations,
    roll_back_violations,
)
from moa_scorer.domain.admin import AdminDesk
from moa_scorer.domain.audit_log import AuditLog
from moa_scorer.domain.errors import Precondition

NO_DATABASE = "this server has no database: set `database` (MOA_SCORER_DATABASE)"


async def list_judge_health(desk: AdminDesk) -> pb.ListJudgeHealthResponse:
    """How every judge stands; raises StorageUnavailable, as every method here does."""
    return pb.ListJudgeHealthResponse(judges=[judge_message(each) for each in await desk.judges()])


async def quarantine_judge(desk: AdminDesk, message: pb.QuarantineJudgeRequest) -> pb.QuarantineJudgeResponse:
    """Takes a judge out; raises InvalidRequest, NotFound and Precondition, as what follows does."""
    now = datetime.now(UTC)
    check(quarantine_violations(message, now))
    until = instant(message.end_time) if message.HasField("end_time") else None
    found = await desk.quarantine(bare(message.judge), message.reason, until)
    return pb.QuarantineJudgeResponse(judge=judge_message(found))


async def restore_judge(desk: AdminDesk, message: pb.RestoreJudgeRequest) -> pb.RestoreJudgeResponse:
    """Puts a judge back."""
    check(restore_violations(message))
    found = await desk.restore(bare(message.judge), message.reason)
    return pb.RestoreJudgeResponse(judge=judge_message(found))


async def list_snapshot_states(desk: AdminDesk) -> pb.ListSnapshotStatesResponse:
    """What was decided about the snapshots."""
    return pb.ListSnapshotStatesResponse(states=[snapshot_message(each) for each in await desk.snapshots()])


async def promote_snapshot(desk: AdminDesk, message: pb.PromoteSnapshotRequest) -> pb.PromoteSnapshotResponse:
    """Lets a version serve again."""
    check(promote_violations(message))
    name, _, version = bare(message.snapshot).partition("@")
    found = await desk.promote(name, int(version), message.reason)
    return pb.PromoteSnapshotResponse(state=snapshot_message(found))


async def roll_back_snapshot(
    desk: AdminDesk, message: pb.RollBackSnapshotRequest
) -> pb.RollBackSnapshotResponse:
    """Lets the version serve again that the present one replaced."""
    check(roll_back_violations(message))
    found = await desk.roll_back(bare(message.name), message.reason)
    return pb.RollBackSnapshotResponse(state=snapshot_message(found))


async def reload_configuration(desk: AdminDesk) -> pb.ReloadConfigurationResponse:
    """Reads the files again."""
    return pb.ReloadConfigurationResponse(changes=await desk.reload())


async def drain_server(desk: AdminDesk, message: pb.DrainServerRequest) -> pb.DrainServerResponse:
    """Asks the server to stop."""
    check(reason_violations(message.reason))
    await desk.drain(message.reason)
    return pb.DrainServerResponse()


async def list_audit_entries(
    log: AuditLog | None, message: pb.ListAuditEntriesRequest
) -> pb.ListAuditEntriesResponse:
    """A page of the audit log."""
    if log is None:
        raise Precondition("audit_log", NO_DATABASE)
    check(list_violations(message))
    since = instant(message.since) if message.HasField("since") else None
    size, after = min(message.page_size or DEFAULT_PAGE, LARGEST_PAGE), int(message.page_token or 0)
    found = await log.page(size + 1, since=since, after=after)
    shown = found[:size]
    return pb.ListAuditEntriesResponse(
        entries=[entry_message(entry) for entry in shown],
        next_page_token=str(shown[-1].number) if len(found) > len(shown) else "",
    )
