"""Which records a message means."""

from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from moa_scorer.api.v1 import record_pb2, verdict_pb2
from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.contract.translate import bare
from moa_scorer.contract.verdicts import COMPLETIONS, DECISIONS
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Completion, Decision

_DECISIONS: Final[dict[verdict_pb2.Decision.ValueType, Decision]] = {
    number: each for each, number in DECISIONS.items()
}
_COMPLETIONS: Final[dict[verdict_pb2.Completion.ValueType, Completion]] = {
    number: each for each, number in COMPLETIONS.items()
}


def record_filter(message: record_pb2.RecordFilter, tenant: Tenant) -> RecordFilter:
    """A valid filter, parsed."""
    return RecordFilter(
        tenant=tenant,
        panel=bare(message.panel),
        rubric=bare(message.rubric),
        policy=bare(message.policy),
        snapshot=bare(message.snapshot),
        decision=_DECISIONS.get(message.decision),
        completion=_COMPLETIONS.get(message.completion),
        content_id=message.content_id,
        content_digest=message.content_digest,
        subject=message.subject,
        tags=dict(message.tags),
        since=_moment(message.start_time) if message.HasField("start_time") else None,
        until=_moment(message.end_time) if message.HasField("end_time") else None,
        audited=message.audited if message.HasField("audited") else None,
    )


def selection(message: pb.DeleteRecordsRequest, tenant: Tenant) -> RecordFilter:
    """What a valid request to delete means: exactly one thing is set."""
    return RecordFilter(
        tenant=tenant,
        names=tuple(map(bare, message.records.names)),
        content_digest=message.content_digest,
        subject=message.subject,
    )


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
