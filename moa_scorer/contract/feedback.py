"""What each method about ratings does, message in and message out, whatever the edge."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from moa_scorer.api.v1 import feedback_service_pb2 as pb
from moa_scorer.contract.access import tenant
from moa_scorer.contract.errors import status_of
from moa_scorer.contract.moments import instant
from moa_scorer.contract.translate import bare
from moa_scorer.contract.validate import check
from moa_scorer.contract.validate_feedback import appeal_violations, rating_violations, submit_violations
from moa_scorer.contract.verdicts import DECISIONS
from moa_scorer.domain.errors import (
    InvalidRequest,
    MoaError,
    NotFound,
    Precondition,
    RatingIdReused,
    Violation,
)
from moa_scorer.domain.rating import WHOLE, Appeal, AppealOutcome, Rating, RatingStore, Receipt, Stream
from moa_scorer.domain.record import Record
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.stores import RecordFilter, RecordStore
from moa_scorer.domain.verdict import Decision
from moa_scorer.scoring.keeping import NO_RECORDS, Memory

STREAMS: Final = {each: pb.RatingStream.Value(f"RATING_STREAM_{each.name}") for each in Stream}
_STREAM_OF: Final = {number: each for each, number in STREAMS.items()}
_OUTCOME_OF: Final = {pb.AppealOutcome.Value(f"APPEAL_OUTCOME_{each.name}"): each for each in AppealOutcome}
_DECISION_OF: Final = {number: each for each, number in DECISIONS.items()}


async def submit_ratings(
    memory: Memory, message: pb.SubmitRatingsRequest, now: datetime
) -> pb.SubmitRatingsResponse:
    """Stores ratings, each with its own outcome; raises what concerns the whole call, and as every method
    here StorageUnavailable, and Precondition where no records are kept."""
    check(submit_violations(message))
    records, ratings = stores(memory)
    found = await _records_of(records, message.ratings)
    read = [_read(rating, n, found, now) for n, rating in enumerate(message.ratings)]
    sound = [each for each in read if isinstance(each, Rating)]
    receipts = iter(await ratings.add(sound))
    outcomes = [
        _outcome(each, next(receipts)) if isinstance(each, Rating) else _failed(each) for each in read
    ]
    new = sum(o.HasField("rating") and not o.rating.repeated for o in outcomes)
    return pb.SubmitRatingsResponse(outcomes=outcomes, stored=new)


async def submit_appeal_outcome(
    memory: Memory, message: pb.SubmitAppealOutcomeRequest, now: datetime
) -> pb.SubmitAppealOutcomeResponse:
    """Stores the end of an objection, with the rating that came with it; raises NotFound, RatingIdReused."""
    check(appeal_violations(message, now))
    records, ratings = stores(memory)
    record = await records.get(tenant(), bare(message.record))
    appeal = _appeal(message, record, now)
    rating = _appeal_rating(message, appeal, record) if message.HasField("value") else None
    receipt = await ratings.add_appeal(appeal)
    _raise_for(receipt, "appeal", appeal.id, record.name)
    answer = pb.SubmitAppealOutcomeResponse(appeal_id=appeal.id, repeated=receipt is Receipt.KNOWN)
    if rating is not None:
        (kept,) = await ratings.add([rating])
        _raise_for(kept, "rating", rating.id, record.name)
        answer.rating.CopyFrom(_stored(rating, kept))
    return answer


def stores(memory: Memory) -> tuple[RecordStore, RatingStore]:
    """Where records and ratings are; raises Precondition where none are kept."""
    if memory.records is None or memory.ratings is None:
        raise Precondition("records", NO_RECORDS)
    return memory.records, memory.ratings


Found = Mapping[str, Record]
"""`NAME` of a record, or the id of a content after a slash -> the record."""


async def _records_of(records: RecordStore, ratings: Iterable[pb.Rating]) -> Found:
    """The records that ratings name, in few queries; damaged ones count as missing."""
    listed = list(ratings)
    names = tuple(sorted({bare(r.record) for r in listed if r.record}))
    found: dict[str, Record] = {}
    if names:
        where = RecordFilter(tenant=tenant(), names=names)
        found = {r.name: r async for r in records.scan(where, damaged=lambda _: None)}
    for content_id in {r.content_id for r in listed if r.content_id and not r.record}:
        where = RecordFilter(tenant=tenant(), content_id=content_id)
        newest = await records.page(where, 1, damaged=lambda _: None)
        found |= {f"/{content_id}": record for record in newest}
    return found


def _read(message: pb.Rating, number: int, found: Found, now: datetime) -> Rating | MoaError:
    """The rating, or what is wrong with it."""
    prefix = f"ratings[{number}]."
    if violations := rating_violations(message, now, prefix):
        return InvalidRequest(violations)
    name = bare(message.record) or f"/{message.content_id}"
    record = found.get(name)
    if record is None:
        return NotFound("records", name.removeprefix("/"))
    if wrong := tuple(_misfits(message, record)):
        return InvalidRequest(tuple(Violation(prefix + v.field, v.description) for v in wrong))
    return _rating(message, record, now)


def _misfits(message: pb.Rating, record: Record) -> Iterable[Violation]:
    """What does not go with the record."""
    rubric = record.plan.rubric
    names = [c.name for c in rubric.criteria]
    if message.criterion not in ("", WHOLE, *names):
        yield Violation("criterion", f"must be `{WHOLE}` or one of {', '.join(names)}: {rubric.revision}'s")
    yield from _off_scale(message.value, rubric)
    if message.stream == pb.RATING_STREAM_AUDIT and not record.audited:
        yield Violation("stream", "the record was not drawn for the audit")


def _off_scale(value: float, rubric: Rubric) -> Iterable[Violation]:
    low, high = rubric.scale_min, rubric.scale_max
    if not low <= value <= high:
        yield Violation("value", f"must lie in {low:g} to {high:g}, the scale of rubrics/{rubric.revision}")


def _rating(message: pb.Rating, record: Record, now: datetime) -> Rating:
    rubric, criterion = record.plan.rubric, _criterion(message.criterion, record.plan.rubric)
    return Rating(
        id=message.rating_id or _made_of(record.name, message.rater, criterion),
        tenant=tenant(),
        record=record.name,
        rater=message.rater,
        criterion=criterion,
        value=_unit(message.value, rubric),
        saw_score=message.saw_score,
        stream=_stream(message, record),
        propensity=message.propensity if message.HasField("propensity") else None,
        plan=message.plan,
        rated=(instant(message.rated_at) if message.HasField("rated_at") else None) or now,
        received=now,
        rubric=rubric.revision,
        panel=record.plan.panel.revision,
        kind=record.request.content.kind,
    )


def _criterion(said: str, rubric: Rubric) -> str:
    """A rubric's only criterion and the whole are the same question."""
    only = [c.name for c in rubric.criteria]
    return only[0] if said in ("", WHOLE) and len(only) == 1 else said or WHOLE


def _unit(value: float, rubric: Rubric) -> float:
    unit = (value - rubric.scale_min) / (rubric.scale_max - rubric.scale_min)
    return min(max(unit, 0.0), 1.0)


def _stream(message: pb.Rating, record: Record) -> Stream:
    usual = Stream.AUDIT if record.audited else Stream.PLAN if message.plan else Stream.REVIEW
    return _STREAM_OF.get(message.stream, usual)


def _appeal(message: pb.SubmitAppealOutcomeRequest, record: Record, now: datetime) -> Appeal:
    """Raises InvalidRequest for a decision that overturns nothing."""
    outcome = _OUTCOME_OF[message.outcome]
    decision = _DECISION_OF.get(message.decision, Decision.NONE)
    if outcome is AppealOutcome.OVERTURNED and decision in (record.ruling.decision, Decision.NONE):
        words = f"must be another than the record's, {record.ruling.decision}, where it was overturned"
        raise InvalidRequest((Violation("decision", words),))
    return Appeal(
        id=message.appeal_id or _made_of("appeal", record.name),
        tenant=tenant(),
        record=record.name,
        outcome=outcome,
        decision=decision,
        decided_by=message.decided_by,
        decided=(instant(message.decided_at) if message.HasField("decided_at") else None) or now,
        received=now,
    )


def _appeal_rating(message: pb.SubmitAppealOutcomeRequest, appeal: Appeal, record: Record) -> Rating:
    """Raises InvalidRequest for a value that is not on the rubric's scale."""
    rubric = record.plan.rubric
    check(_off_scale(message.value, rubric))
    return Rating(
        id=_made_of("appeal", appeal.id, "rating"),
        tenant=appeal.tenant,
        record=record.name,
        rater=appeal.decided_by,
        criterion=_criterion("", rubric),
        value=_unit(message.value, rubric),
        saw_score=not message.score_hidden,
        stream=Stream.APPEAL,
        rated=appeal.decided,
        received=appeal.received,
        rubric=rubric.revision,
        panel=record.plan.panel.revision,
        kind=record.request.content.kind,
    )


def _made_of(*parts: str) -> str:
    """An id that the same parts make again."""
    return "made-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _outcome(rating: Rating, receipt: Receipt) -> pb.RatingOutcome:
    try:
        _raise_for(receipt, "rating", rating.id, rating.record)
    except MoaError as error:
        return _failed(error)
    return pb.RatingOutcome(rating=_stored(rating, receipt))


def _failed(error: MoaError) -> pb.RatingOutcome:
    return pb.RatingOutcome(error=status_of(error))


def _stored(rating: Rating, receipt: Receipt) -> pb.StoredRating:
    return pb.StoredRating(
        rating_id=rating.id,
        record=f"records/{rating.record}",
        stream=STREAMS[rating.stream],
        repeated=receipt is Receipt.KNOWN,
    )


def _raise_for(receipt: Receipt, what: str, id_: str, record: str) -> None:
    """Raises what keeps it from being stored."""
    if receipt is Receipt.CONFLICT:
        raise RatingIdReused(what, id_)
    if receipt is Receipt.GONE:
        raise NotFound("records", record)
