"""Instants in messages."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def instant(stamp: Timestamp) -> datetime | None:
    """The instant in UTC, to the microsecond; None where it is none of the years 1 to 9999."""
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
