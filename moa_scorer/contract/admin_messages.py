"""What operators are shown, as messages."""

from typing import Final

from moa_scorer.api.v1 import admin_service_pb2 as pb
from moa_scorer.contract.moments import stamp
from moa_scorer.domain.admin import Circuit, Finding, JudgeHealth, SnapshotStanding
from moa_scorer.domain.audit_log import AuditAction, AuditEntry
from moa_scorer.domain.judge_state import JudgeStanding

STANDINGS: Final = {each: pb.JudgeStanding.Value(f"JUDGE_STANDING_{each.name}") for each in JudgeStanding}
CIRCUITS: Final = {each: pb.Circuit.Value(f"CIRCUIT_{each.name}") for each in Circuit}
ACTIONS: Final = {each: pb.AuditAction.Value(f"AUDIT_ACTION_{each.name}") for each in AuditAction}


def judge_message(health: JudgeHealth) -> pb.JudgeHealth:
    """How a judge stands."""
    state, endpoint = health.state, health.endpoint
    return pb.JudgeHealth(
        judge=f"judges/{health.judge}",
        standing=STANDINGS[state.standing],
        reason=state.why,
        since=stamp(state.since) if health.decided else None,
        end_time=stamp(state.until),
        endpoint=endpoint.name if endpoint else "",
        circuit=CIRCUITS[endpoint.circuit] if endpoint else pb.CIRCUIT_UNSPECIFIED,
        in_flight=endpoint.in_flight if endpoint else None,
        waiting=endpoint.waiting if endpoint else None,
        alarms=[f"snapshots/{revision}" for revision in health.alarms],
    )


def snapshot_message(standing: SnapshotStanding) -> pb.SnapshotState:
    """What was decided about the snapshots of a name."""
    return pb.SnapshotState(
        name=f"snapshots/{standing.name}",
        serving=standing.serving,
        versions=standing.versions,
        age_limit_days=standing.age_limit_days,
        alarms=[_finding(each) for each in standing.alarms],
        doubts=[_finding(each) for each in standing.doubts],
    )


def entry_message(entry: AuditEntry) -> pb.AuditEntry:
    """An entry of the audit log."""
    return pb.AuditEntry(
        number=entry.number,
        time=stamp(entry.at),
        tenant=entry.tenant,
        who=entry.who,
        action=ACTIONS[entry.action],
        subject=entry.subject,
        before=entry.before,
        after=entry.after,
        reason=entry.why,
    )


def _finding(finding: Finding) -> pb.OpenFinding:
    return pb.OpenFinding(subject=finding.subject, what=finding.what, since=finding.since)
