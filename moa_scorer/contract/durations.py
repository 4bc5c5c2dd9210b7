"""Seconds as messages and back."""

from typing import Final

from google.protobuf.duration_pb2 import Duration

_NANOS: Final = 999_999_999


def duration(value: float) -> Duration:
    """Seconds as a message, to the nanosecond; negative ones count as none."""
    message = Duration()
    message.FromNanoseconds(max(0, round(value * 1e9)))
    return message


def seconds(duration: Duration) -> float:
    """A well-formed duration in seconds."""
    return duration.seconds + duration.nanos / 1e9


def well_formed(duration: Duration) -> bool:
    """Whether both parts have the same sign, and the nanoseconds are less than a second."""
    return abs(duration.nanos) <= _NANOS and duration.seconds * duration.nanos >= 0
