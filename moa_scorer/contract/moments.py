"""Instants in messages."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def instant(stamped: Timestamp) -> datetime | None:
    """The instant in UTC, to the microsecond; None where it is none of the years 1 to 9999."""
    try:
        return stamped.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def stamp(moment: datetime | None) -> Timestamp | None:
    """The instant in a message; None stays unset."""
    if moment is None:
        return None
    stamped = Timestamp()
    stamped.FromDatetime(moment)
    return stamped
