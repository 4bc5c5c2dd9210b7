"""A call's bytes as its message: read once it is known whose they are, and never more than the method takes.

Reading costs far more than receiving: a batch of empty items takes 180 times its bytes in memory.
"""

from collections.abc import Callable
from typing import Any, Final

from moa_scorer.contract.errors import MalformedRequest
from moa_scorer.contract.limits import MOST_BYTES, MOST_FIELDS
from moa_scorer.domain.errors import InvalidRequest, Violation

WITH_TEXTS: Final = frozenset(
    f"/moa_scorer.api.v1.ScoringService/{name}"
    for name in ("ScoreContent", "StreamScoreContent", "ScorePipeline", "BatchScoreContents")
)
"""Methods whose messages are as large as the transport takes: what is too long in one is told by name. Those
of all others have at most `MOST_BYTES`."""
_FEW_BYTES: Final = 64 * 1024
"""In so few nobody hides enough fields to matter."""

Read = Callable[[bytes], Any]


def reader(method: str, deserialize: Read) -> Read:
    """What reads the messages of a method; it raises InvalidRequest and MalformedRequest."""
    most = None if method in WITH_TEXTS else MOST_BYTES

    def read(data: bytes) -> Any:
        if most is not None and len(data) > most:
            raise _too_large(f"must be at most {most:,} bytes encoded, not {len(data):,}")
        if len(data) > _FEW_BYTES and has_more_fields(data, MOST_FIELDS):
            raise _too_large(f"must have at most {MOST_FIELDS:,} fields, entries of lists counted")
        try:
            return deserialize(data)
        except Exception:
            raise MalformedRequest from None

    return read


def has_more_fields(data: bytes, most: int) -> bool:
    """Whether an encoded message has more fields than that; what is no message is left to who reads it."""
    place = 0
    try:
        for _ in range(most):
            if place >= len(data):
                return False
            place = _after_field(data, place)
    except (IndexError, ValueError):
        return False
    return place < len(data)


def _after_field(data: bytes, place: int) -> int:
    """Where the field ends that begins there; raises IndexError and ValueError for what is none."""
    tag, place = _varint(data, place)
    match tag & 7:
        case 0:
            return _varint(data, place)[1]
        case 1:
            return place + 8
        case 2:
            length, place = _varint(data, place)
            return place + length
        case 5:
            return place + 4
    raise ValueError("a group, or nothing that the encoding knows")


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """The number that begins there, and where it ends."""
    number = shift = 0
    while True:
        byte = data[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return number, place
        if shift > 63:
            raise ValueError("longer than any number of the encoding")


def _too_large(words: str) -> InvalidRequest:
    return InvalidRequest((Violation("message", words),))
