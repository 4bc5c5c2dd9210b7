"""What is wrong with a request about records."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from moa_scorer.api.v1 import record_pb2, scoring_service_pb2, verdict_pb2
from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.contract.validate import page_violations, reference_violations
from moa_scorer.contract.validate_memory import MARK, MARK_WORDS, TAGS
from moa_scorer.domain.errors import Violation

MOST_NAMES: Final = 1_000
"""Records that can be named in one request."""
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_DIGEST_WORDS: Final = "`sha256:` and 64 hexadecimal digits"
_EARLIEST: Final = -62_135_596_800
_LATEST: Final = 253_402_300_799
"""Seconds of the years 1 and 9999, what a timestamp can say."""
_VIEWS: Final = frozenset(scoring_service_pb2.View.values())
_ORDERS: Final = frozenset(pb.RecordOrder.values())


def name_violations(name: str, field: str = "name") -> Iterator[Violation]:
    """Of the name of a record, which is required."""
    yield from reference_violations(field, "records", name, required=True, versioned=False)


def get_violations(request: pb.GetRecordRequest) -> tuple[Violation, ...]:
    """Of a request for one record."""
    return (*name_violations(request.name), *_view(request.view))


def list_violations(request: pb.ListRecordsRequest) -> tuple[Violation, ...]:
    """Of a request for a page."""
    found = chain(
        page_violations(request.page_size, request.page_token),
        filter_violations(request.filter),
        _view(request.view),
    )
    if request.order not in _ORDERS:
        return (*found, Violation("order", "must be one of the values of `RecordOrder`"))
    return tuple(found)


def filter_violations(wanted: record_pb2.RecordFilter, prefix: str = "filter.") -> Iterator[Violation]:
    """Of a filter, which may be empty; `prefix` stands before every field's path."""
    yield from reference_violations(f"{prefix}panel", "panels", wanted.panel)
    yield from reference_violations(f"{prefix}rubric", "rubrics", wanted.rubric)
    yield from reference_violations(f"{prefix}policy", "policies", wanted.policy)
    yield from reference_violations(f"{prefix}snapshot", "snapshots", wanted.snapshot)
    if wanted.decision not in verdict_pb2.Decision.values():
        yield Violation(f"{prefix}decision", "must be one of the values of `Decision`")
    if wanted.completion not in verdict_pb2.Completion.values():
        yield Violation(f"{prefix}completion", "must be one of the values of `Completion`")
    for field in ("content_id", "subject"):
        if (value := getattr(wanted, field)) and not MARK.fullmatch(value):
            yield Violation(f"{prefix}{field}", f"must be empty or {MARK_WORDS}")
    if wanted.content_digest and not _DIGEST.fullmatch(wanted.content_digest):
        yield Violation(f"{prefix}content_digest", f"must be empty or {_DIGEST_WORDS}")
    if len(wanted.tags) > TAGS:
        yield Violation(f"{prefix}tags", f"must be at most {TAGS}")
    yield from _times(wanted, prefix)


def delete_violations(request: pb.DeleteRecordsRequest) -> tuple[Violation, ...]:
    """Of a request to delete."""
    found = list(_selection(request))
    if not request.validate_only and not request.HasField("confirm_count"):
        words = "is required, unless `validate_only`: how many records are meant"
        found.append(Violation("confirm_count", words))
    if request.HasField("confirm_count") and request.confirm_count < 0:
        found.append(Violation("confirm_count", "must not be negative"))
    return tuple(found)


def _selection(request: pb.DeleteRecordsRequest) -> Iterator[Violation]:
    selected = request.WhichOneof("selection")
    if selected is None:
        yield Violation("selection", "is required: `records`, `content_digest` or `subject`")
    elif selected == "records":
        if not 1 <= len(request.records.names) <= MOST_NAMES:
            yield Violation("records.names", f"must be 1 to {MOST_NAMES:,}")
        for k, name in enumerate(request.records.names):
            yield from name_violations(name, f"records.names[{k}]")
    elif selected == "content_digest" and not _DIGEST.fullmatch(request.content_digest):
        yield Violation("content_digest", f"must be {_DIGEST_WORDS}")
    elif selected == "subject" and not MARK.fullmatch(request.subject):
        yield Violation("subject", f"must be {MARK_WORDS}")


def _view(view: int) -> Iterator[Violation]:
    if view not in _VIEWS:
        yield Violation("view", "must be one of the values of `View`")


def _times(wanted: record_pb2.RecordFilter, prefix: str) -> Iterator[Violation]:
    fields = [field for field in ("start_time", "end_time") if wanted.HasField(field)]
    wrong = [field for field in fields if not _is_time(getattr(wanted, field))]
    for field in wrong:
        yield Violation(f"{prefix}{field}", "must lie in the years 1 to 9999, with nanos 0 to 999,999,999")
    if len(fields) == 2 and not wrong and _key(wanted.start_time) >= _key(wanted.end_time):
        yield Violation(f"{prefix}end_time", "must be after `start_time`")


def _is_time(stamp: Timestamp) -> bool:
    return _EARLIEST <= stamp.seconds <= _LATEST and 0 <= stamp.nanos < 1_000_000_000


def _key(stamp: Timestamp) -> tuple[int, int]:
    return stamp.seconds, stamp.nanos
