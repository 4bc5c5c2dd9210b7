"""What was kept of scored items: as asked for, as frozen values, and as messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from moa_scorer.api.v1 import record_pb2, verdict_pb2
from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.client.messages import result_of, word
from moa_scorer.client.requests import View, view_number
from moa_scorer.client.results import Contribution, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordQuery:
    """Which records; everything that is set must hold."""

    panel: str = ""
    """`name` or `name@version`; the same for the next three."""
    rubric: str = ""
    policy: str = ""
    snapshot: str = ""
    decision: str = ""
    """`accept`, `review`, `reject` or `none`."""
    completion: str = ""
    """`complete`, `partial`, `decided` or `unscored`."""
    content_id: str = ""
    content_digest: str = ""
    subject: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    """From this instant on; without a time zone it is in UTC."""
    until: datetime | None = None
    """Before this instant."""
    audited: bool | None = None
    oldest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """One record."""

    name: str
    """`records/ID`."""
    created: datetime
    """In UTC."""
    result: Result
    """As it was answered, in the view that was asked for."""
    text: str
    """View `full` only."""
    content_digest: str
    subject: str
    tags: Mapping[str, str]
    audited: bool
    """Whether it was drawn for the random audit."""
    message: record_pb2.Record = field(repr=False, compare=False)
    """The message as received, for what is not here and for JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedRecord:
    """A record that a list leaves out, because its bytes are not those that were written."""

    name: str
    """`records/ID`."""
    part: str
    """Which of its parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What a deletion reached."""

    records: int
    request_ids: int
    ratings: int
    job_items: int
    cached_answers: int
    names: tuple[str, ...]
    """`records/ID` of the first 1,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What replaying a record came to."""

    outcome: str
    """`same`, `different`, `damaged` or `artefact_missing`."""
    detail: str
    """What differs, is damaged or is missing, in words; empty when the same."""
    message: pb.ReplayRecordResponse = field(repr=False, compare=False)

    @property
    def same(self) -> bool:
        """Whether the number and the decision came out again, to the last bit."""
        return self.outcome == "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a record says what it says."""

    rationale: str
    """In at most fourteen lines."""
    contributions: tuple[Contribution, ...]
    """What each column added, the largest amount first."""
    dissents: tuple[tuple[str, float, float], ...]
    """(column, the score that it alone would give, in units of its usual distance), the furthest first."""
    flip: tuple[str, float, str] | None
    """(criterion, change of its score, decision that it would bring); None = nothing in [0, 1] would."""
    message: pb.ExplainRecordResponse = field(repr=False, compare=False)


_DECISION: Final = "DECISION_"
_COMPLETION: Final = "COMPLETION_"


def list_message(query: RecordQuery, view: View, size: int, token: str = "") -> pb.ListRecordsRequest:
    """A page as asked for; raises ValueError for words that are not in the contract."""
    wanted = record_pb2.RecordFilter(
        panel=query.panel,
        rubric=query.rubric,
        policy=query.policy,
        snapshot=query.snapshot,
        decision=verdict_pb2.Decision.Value(_DECISION + (query.decision or "unspecified").upper()),
        completion=verdict_pb2.Completion.Value(_COMPLETION + (query.completion or "unspecified").upper()),
        content_id=query.content_id,
        content_digest=query.content_digest,
        subject=query.subject,
        tags=query.tags,
        start_time=_timestamp(query.since),
        end_time=_timestamp(query.until),
        audited=query.audited,
    )
    order = pb.RECORD_ORDER_OLDEST_FIRST if query.oldest_first else pb.RECORD_ORDER_NEWEST_FIRST
    return pb.ListRecordsRequest(
        page_size=size, page_token=token, filter=wanted, order=order, view=view_number(view)
    )


def delete_message(
    *, names: Sequence[str], content_digest: str, subject: str, confirm: int | None
) -> pb.DeleteRecordsRequest:
    """A deletion as asked for; without `confirm` it only tells. Raises ValueError unless exactly one of the
    others is given."""
    if sum(map(bool, (names, content_digest, subject))) != 1:
        raise ValueError("give exactly one of names, content_digest and subject")
    message = pb.DeleteRecordsRequest(confirm_count=confirm, validate_only=confirm is None)
    if names:
        message.records.names.extend(names)
    elif content_digest:
        message.content_digest = content_digest
    else:
        message.subject = subject
    return message


def record_of(message: record_pb2.Record) -> StoredRecord:
    """A record."""
    return StoredRecord(
        name=message.name,
        created=message.create_time.ToDatetime(tzinfo=UTC),
        result=result_of(message.answer),
        text=message.request.content.text,
        content_digest=message.content_digest,
        subject=message.request.subject,
        tags=dict(message.request.tags),
        audited=message.audited,
        message=message,
    )


def damaged_of(message: record_pb2.DamagedRecord) -> DamagedRecord:
    """A record that cannot be read."""
    return DamagedRecord(name=message.record, part=message.part)


def deleted_of(message: pb.DeleteRecordsResponse) -> Deleted:
    """What was deleted, or would be."""
    return Deleted(
        records=message.records,
        request_ids=message.request_ids,
        ratings=message.ratings,
        job_items=message.job_items,
        cached_answers=message.cached_answers,
        names=tuple(message.names),
    )


def replayed_of(message: pb.ReplayRecordResponse) -> Replayed:
    """What a replay came to."""
    outcome = word(pb.ReplayOutcome.DESCRIPTOR, message.outcome, "REPLAY_OUTCOME_")
    return Replayed(outcome=outcome, detail=_detail(message), message=message)


def explanation_of(message: pb.ExplainRecordResponse) -> Explanation:
    """An explanation."""
    flip = message.flip
    decision = word(verdict_pb2.Decision.DESCRIPTOR, flip.decision, _DECISION)
    return Explanation(
        rationale=message.rationale,
        contributions=tuple(
            Contribution(column=c.column, value=c.value, amount=c.amount) for c in message.contributions
        ),
        dissents=tuple((d.column, d.alone, d.deviation) for d in message.dissents),
        flip=(flip.criterion, flip.shift, decision) if message.HasField("flip") else None,
        message=message,
    )


def _detail(message: pb.ReplayRecordResponse) -> str:
    if message.damaged_part:
        return f"the bytes of its {message.damaged_part} are not those that were written"
    if message.HasField("missing"):
        return f"{message.missing.name} ({message.missing.digest}) {message.missing.detail}"
    if message.HasField("difference"):
        found = message.difference
        return f"{found.path}: stored {found.stored}, recomputed {found.recomputed}"
    return ""


def _timestamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return stamp
