"""JSON objects in what a model wrote, mended where that invents nothing."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import json_repair

LONGEST: Final = 100_000
"""Code points of a reply that is read at all."""

_MOST_STARTS: Final = 8
_MOST_OBJECTS: Final = 32
_DEEPEST: Final = 24
_LONGEST_MENDED: Final = 12_000
_MOST_QUOTES_MENDED: Final = 400
_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?P<closed>"|\Z)|[{}\[\],]', re.S)
_SMART: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object that stands in a text by itself, not inside another."""

    value: dict[str, Any] = field(repr=False)
    start: int
    """Its first code point."""
    end: int
    """One past its last; the end of the text when it was never closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """How far an object reaches."""

    end: int
    complete: int
    """Up to here its members are complete; equal to `end` when it was closed."""
    depth: int
    """Of its deepest member."""


def objects(text: str) -> tuple[Found, ...]:
    """The outermost JSON objects, in order; time is linear in the text, and nothing is raised.

    Of an object that is never closed, the last member is left out unless something follows it: a number at
    the very end may have lost digits. Code points beyond `LONGEST` are not looked at.
    """
    return tuple(found for found, _ in zip(_objects(text[:LONGEST]), range(_MOST_OBJECTS), strict=False))


def _objects(text: str) -> Iterator[Found]:
    place, unclosed = text.find("{"), 0
    while place >= 0 and unclosed < _MOST_STARTS:
        extent = _extent(text, place)
        closed = extent.complete == extent.end
        unclosed += not closed
        value = _parsed(text[place : extent.complete], closed=closed) if extent.depth <= _DEEPEST else None
        if value:
            yield Found(value=value, start=place, end=extent.end)
        place = text.find("{", extent.end if closed or value else place + 1)


def _extent(text: str, start: int) -> _Extent:
    depth = deepest = 0
    complete = start + 1
    for match in _TOKENS.finditer(text, start):
        token = match[0]
        if token in ("{", "["):
            depth += 1
            deepest = max(deepest, depth)
        elif token in ("}", "]"):
            depth -= 1
            complete = match.end()
            if depth <= 0:
                return _Extent(end=complete, complete=complete, depth=deepest)
        elif token == ",":
            complete = match.start()
    return _Extent(end=len(text), complete=min(complete, len(text) - 1), depth=deepest)


def _parsed(piece: str, *, closed: bool) -> dict[str, Any] | None:
    if closed:
        try:
            value = json.loads(piece, strict=False)
        except (ValueError, RecursionError):
            value = _mended(piece)
    else:
        value = _mended(piece)
    return value if isinstance(value, dict) else None


def _mended(piece: str) -> Any:
    """What the mending library makes of it. It is not linear on hostile input: that is kept from it."""
    if len(piece) > _LONGEST_MENDED or piece.count('"') > _MOST_QUOTES_MENDED:
        return None
    for spelling in dict.fromkeys((piece, piece.translate(_SMART))):
        try:
            value = json_repair.loads(spelling)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    return None
