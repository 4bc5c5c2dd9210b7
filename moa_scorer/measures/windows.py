"""Which parts of a long text are read: the same parts every time."""

import re
from typing import Final

LIMIT: Final = 4000
"""Code points that any one reader takes from a text."""

_COUNT: Final = 4
_SMALLEST: Final = 250
_SENTENCE_END: Final = re.compile(r"[.!?…]['\"”’)\]]{0,3}\s|[。！？\n]")
_BLANK: Final = re.compile(r"\s")

Span = tuple[int, int]


def windows(text: str, limit: int = LIMIT) -> tuple[Span, ...]:
    """Disjoint `(start, end)` spans of code points in order, at most `limit` long altogether.

    A text of at most `limit` is one span; a longer one gives its start, its end and parts evenly between, cut
    at the ends of sentences, else at blanks, where there are any near the cut. An empty text has no span.
    Raises ValueError unless `limit` is at least 2.
    """
    if limit < 2:
        raise ValueError("a limit must be at least 2")
    if len(text) <= limit:
        return ((0, len(text)),) if text else ()
    count = max(2, min(_COUNT, limit // _SMALLEST))
    size = limit // count
    step = (len(text) - size) / (count - 1)
    starts = [round(i * step) for i in range(count)]
    return tuple(_fitted(text, start, start + size) for start in starts)


def read_fraction(text: str, spans: tuple[Span, ...]) -> float:
    """Share of the text's code points inside disjoint spans, in [0, 1]; 1 for an empty text."""
    return sum(end - start for start, end in spans) / len(text) if text else 1.0


def _fitted(text: str, start: int, end: int) -> Span:
    """The span shrunk to boundaries within a fifth of its length at either side, where they are needed."""
    slack = (end - start) // 5
    first = start if start == 0 else _boundary(text, start, start + slack, last=False)
    after = end if end >= len(text) else _boundary(text, end - slack, end, last=True)
    return (first, after) if first < after else (start, end)


def _boundary(text: str, start: int, end: int, *, last: bool) -> int:
    """A cut in `[start, end]`: after a sentence, else after a blank, else at the outer edge."""
    for pattern in (_SENTENCE_END, _BLANK):
        cuts = [match.end() for match in pattern.finditer(text, start, end)]
        if cuts:
            return cuts[-1] if last else cuts[0]
    return end if last else start
