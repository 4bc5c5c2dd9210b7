"""Cuts a text into pieces of about a sentence: what the encoder embeds and evidence quotes."""

from collections.abc import Iterator, Sequence
from typing import Final

from moa_scorer.measures.sentences import sentences

Span = tuple[int, int]

LONGEST_PIECE: Final = 400
"""Code points; a longer sentence is cut at a blank, for the encoder reads no more of it."""
SHORTEST_PIECE: Final = 20
"""Code points; a shorter sentence is read with the one after it."""


def pieces(text: str, places: Sequence[Span]) -> tuple[Span, ...]:
    """Disjoint spans of code points in order inside `places`, each at most LONGEST_PIECE long."""
    found: list[Span] = []
    for start, end in places:
        whole = ((start + first, start + last) for first, last in sentences(text[start:end]))
        found += _joined([part for span in whole for part in _cut(text, span)])
    return tuple(found)


def _cut(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    while end - start > LONGEST_PIECE:
        blank = text.rfind(" ", start + LONGEST_PIECE // 2, start + LONGEST_PIECE)
        middle = blank if blank > 0 else start + LONGEST_PIECE
        yield start, middle
        start = middle + 1 if blank > 0 else middle
    if start < end:
        yield start, end


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Short spans joined to their successors, and a short last one to the span before it."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1][1] - found[-1][0] < SHORTEST_PIECE and span[1] - found[-1][0] <= LONGEST_PIECE:
            found[-1] = (found[-1][0], span[1])
        else:
            found.append(span)
    if len(found) > 1 and found[-1][1] - found[-1][0] < SHORTEST_PIECE:
        last = found.pop()
        if last[1] - found[-1][0] <= LONGEST_PIECE:
            found[-1] = (found[-1][0], last[1])
        else:
            found.append(last)
    return found
