"""What is wrong with ratings, ends of appeals and wishes for a plan, before any record is looked at."""

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from moa_scorer.api.v1 import feedback_service_pb2 as pb
from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.contract.moments import instant
from moa_scorer.contract.validate import reference_violations
from moa_scorer.contract.validate_memory import MARK, MARK_WORDS
from moa_scorer.contract.validate_records import name_violations
from moa_scorer.domain.errors import Violation

MOST_RATINGS: Final = 1_000
MOST_PLANNED: Final = 500
AHEAD: Final = timedelta(days=1)
"""How far a rater's clock may be ahead."""
_CRITERION: Final = re.compile(r"[A-Za-z0-9_.-]{0,128}")
_PLAN: Final = re.compile(r"[!-~]{0,64}")
_KIND: Final = re.compile(r"([a-z][a-z0-9_-]{0,31})?")
_LARGEST_SEED: Final = 2**32 - 1
_STREAMS: Final = frozenset(pb.RatingStream.values())
_OUTCOMES: Final = frozenset(pb.AppealOutcome.values()) - {pb.APPEAL_OUTCOME_UNSPECIFIED}
_DECISIONS: Final = frozenset(verdict_pb2.Decision.values())


def submit_violations(request: pb.SubmitRatingsRequest) -> Iterator[Violation]:
    """Of the call as a whole; its ratings are checked one by one."""
    if not 1 <= len(request.ratings) <= MOST_RATINGS:
        yield Violation("ratings", f"must be 1 to {MOST_RATINGS:,}, not {len(request.ratings):,}")


def rating_violations(rating: pb.Rating, now: datetime, prefix: str) -> tuple[Violation, ...]:
    """Of one rating; `prefix` stands before every field's path."""
    return tuple(Violation(prefix + v.field, v.description) for v in _rating(rating, now))


def _rating(rating: pb.Rating, now: datetime) -> Iterator[Violation]:
    yield from _mark("rating_id", rating.rating_id)
    if rating.record:
        yield from name_violations(rating.record, "record")
    elif not MARK.fullmatch(rating.content_id):
        yield Violation("record", f"is required, or `content_id`, {MARK_WORDS}")
    yield from _mark("rater", rating.rater, required=True)
    if not _CRITERION.fullmatch(rating.criterion):
        yield Violation("criterion", "must be empty or at most 128 of the characters A-Z a-z 0-9 _ . -")
    if not rating.HasField("value"):
        yield Violation("value", "is required")
    elif not math.isfinite(rating.value):
        yield Violation("value", "must be a finite number")
    if rating.HasField("propensity") and not 0 < rating.propensity <= 1:
        yield Violation("propensity", "must lie in (0, 1]: the chance with which the record was chosen")
    yield from _stream(rating)
    if rating.HasField("rated_at"):
        yield from _moment("rated_at", rating.rated_at, now)


def _stream(rating: pb.Rating) -> Iterator[Violation]:
    if rating.stream not in _STREAMS:
        yield Violation("stream", "must be one of the values of `RatingStream`")
    if not _PLAN.fullmatch(rating.plan):
        yield Violation("plan", "must be empty or at most 64 printable ASCII characters without spaces")
    if rating.stream == pb.RATING_STREAM_PLAN:
        if not rating.plan:
            yield Violation("plan", "is required with stream PLAN: chances compare within a plan")
        if not rating.HasField("propensity"):
            yield Violation("propensity", "is required with stream PLAN: as the plan said")


def appeal_violations(request: pb.SubmitAppealOutcomeRequest, now: datetime) -> Iterator[Violation]:
    """Of the end of an objection."""
    yield from _mark("appeal_id", request.appeal_id)
    yield from name_violations(request.record, "record")
    if request.outcome not in _OUTCOMES:
        yield Violation("outcome", "is required: UPHELD, OVERTURNED or WITHDRAWN")
    if request.decision not in _DECISIONS:
        yield Violation("decision", "must be one of the values of `Decision`")
    elif request.outcome == pb.APPEAL_OUTCOME_OVERTURNED and not request.decision:
        yield Violation("decision", "is required with OVERTURNED: what holds now")
    yield from _mark("decided_by", request.decided_by, required=True)
    if request.HasField("decided_at"):
        yield from _moment("decided_at", request.decided_at, now)
    if request.HasField("value") and not math.isfinite(request.value):
        yield Violation("value", "must be a finite number")


def plan_violations(request: pb.PlanRatingsRequest) -> Iterator[Violation]:
    """Of a wish for a plan."""
    yield from reference_violations("panel", "panels", request.panel)
    yield from reference_violations("rubric", "rubrics", request.rubric)
    if not _KIND.fullmatch(request.kind):
        words = "must be empty or 1 to 32 lower-case letters, digits, _ and -, the first a letter"
        yield Violation("kind", words)
    if request.HasField("count") and not 1 <= request.count <= MOST_PLANNED:
        yield Violation("count", f"must be 1 to {MOST_PLANNED:,}")
    if request.HasField("audit_share") and not 0 <= request.audit_share <= 1:
        yield Violation("audit_share", "must lie in [0, 1]")
    if request.seed > _LARGEST_SEED:
        yield Violation("seed", f"must be at most {_LARGEST_SEED:,}")


def _mark(field: str, value: str, *, required: bool = False) -> Iterator[Violation]:
    if (value or required) and not MARK.fullmatch(value):
        yield Violation(field, f"{'is required:' if required else 'must be empty or'} {MARK_WORDS}")


def _moment(field: str, stamp: Timestamp, now: datetime) -> Iterator[Violation]:
    found = instant(stamp)
    if found is None:
        yield Violation(field, "must lie in the years 1 to 9999, with nanos 0 to 999,999,999")
    elif found > now + AHEAD:
        yield Violation(field, "lies in the future")
