"""What is wrong with an operator's request."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from moa_scorer.api.v1 import admin_service_pb2 as pb
from moa_scorer.contract.moments import instant
from moa_scorer.contract.validate import FOREIGN_TOKEN, page_violations, reference_violations
from moa_scorer.domain.errors import Violation

REASON: Final = 500
"""Characters."""
_NUMBER: Final = re.compile(r"\d{0,18}")


def quarantine_violations(message: pb.QuarantineJudgeRequest, now: datetime) -> Iterator[Violation]:
    """Of taking a judge out at the instant `now`."""
    yield from _judge_violations(message.judge)
    yield from reason_violations(message.reason, required=True)
    if message.HasField("end_time"):
        end = instant(message.end_time)
        if end is None or end <= now:
            yield Violation("end_time", "must lie in the future; leave it out for no end")


def restore_violations(message: pb.RestoreJudgeRequest) -> Iterator[Violation]:
    """Of putting a judge back."""
    yield from _judge_violations(message.judge)
    yield from reason_violations(message.reason)


def promote_violations(message: pb.PromoteSnapshotRequest) -> Iterator[Violation]:
    """Of letting a version serve again."""
    yield from reference_violations("snapshot", "snapshots", message.snapshot, required=True)
    if message.snapshot and not message.snapshot.partition("@")[2]:
        yield Violation("snapshot", "must name a version: `snapshots/NAME@VERSION`")
    yield from reason_violations(message.reason, required=True)


def roll_back_violations(message: pb.RollBackSnapshotRequest) -> Iterator[Violation]:
    """Of a step back."""
    yield from reference_violations("name", "snapshots", message.name, required=True, versioned=False)
    yield from reason_violations(message.reason, required=True)


def reason_violations(reason: str, *, required: bool = False) -> Iterator[Violation]:
    """Of the reason that is given."""
    if required and not reason.strip():
        yield Violation("reason", "is required: whoever reads the audit log wants to know why")
    if len(reason) > REASON or not all(c.isprintable() for c in reason):
        yield Violation("reason", f"must be at most {REASON} printable characters on one line")


def list_violations(message: pb.ListAuditEntriesRequest) -> Iterator[Violation]:
    """Of a page of the audit log."""
    yield from page_violations(message.page_size, "")
    if not _NUMBER.fullmatch(message.page_token):
        yield FOREIGN_TOKEN
    if message.HasField("since") and _unreadable(message.since):
        yield Violation("since", "must lie in the years 1 to 9999")


def _judge_violations(judge: str) -> Iterator[Violation]:
    yield from reference_violations("judge", "judges", judge, required=True, versioned=False)


def _unreadable(stamp: Timestamp) -> bool:
    return instant(stamp) is None
