"""A text with what is personal replaced, and the way back from places in it to places in the original."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from moa_scorer.measures.windows import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """Something personal in a text."""

    kind: str
    """Such as `EMAIL`."""
    start: int
    """First code point, from 0."""
    end: int
    """One past the last, > start."""


class Finder(Protocol):
    """Finds what is personal in a text. Deterministic, offline, safe to call from any thread."""

    @property
    def revision(self) -> str:
        """Of the rules: another revision may find other things."""
        ...

    def find(self, text: str) -> Iterable[Personal]:
        """In any order; may overlap."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    start: int
    """In the redacted text."""
    origin: Span
    """In the original."""
    replaced: bool


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text as a vendor sees it."""

    text: str
    count: int
    """Spans that were replaced."""
    _pieces: tuple[_Piece, ...]

    def origin(self, start: int, end: int) -> Span:
        """Where a span of this text, not empty, stands in the original: a placeholder for its whole."""
        first = self._at(start)
        last = self._at(end - 1)
        begin = first.origin[0] if first.replaced else first.origin[0] + start - first.start
        finish = last.origin[1] if last.replaced else last.origin[0] + end - last.start
        return begin, finish

    def _at(self, place: int) -> _Piece:
        return self._pieces[bisect_right(self._pieces, place, key=lambda piece: piece.start) - 1]


def redacted(text: str, found: Iterable[Personal]) -> Redacted:
    """The text with `[KIND]` in place of what was found; of what overlaps the longer first, as one."""
    pieces, parts, length = [], [], 0
    for kind, start, end in _in_turn(text, found):
        part = f"[{kind}]" if kind else text[start:end]
        pieces.append(_Piece(start=length, origin=(start, end), replaced=bool(kind)))
        parts.append(part)
        length += len(part)
    return Redacted("".join(parts), sum(piece.replaced for piece in pieces), tuple(pieces))


def _in_turn(text: str, found: Iterable[Personal]) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of consecutive pieces; the kind of what stays is empty."""
    at = 0
    for each in _merged(found):
        if at < each.start:
            yield "", at, each.start
        yield each.kind, each.start, each.end
        at = each.end
    if at < len(text):
        yield "", at, len(text)


def _merged(found: Iterable[Personal]) -> Iterator[Personal]:
    """In order and without overlap: what overlaps becomes one, of the kind of its first and longest part."""
    held: Personal | None = None
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if held is not None and each.start < held.end:
            held = Personal(kind=held.kind, start=held.start, end=max(held.end, each.end))
            continue
        if held is not None:
            yield held
        held = each
    if held is not None:
        yield held
