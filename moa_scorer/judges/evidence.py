"""Evidence spans and words about them, the same way for every judge."""

from collections.abc import Iterable, Sequence
from typing import Final

from moa_scorer.domain.ballot import Evidence, Polarity
from moa_scorer.measures.sentences import sentences
from moa_scorer.measures.windows import Span

MOST_SPANS: Final = 8
"""Spans that one ballot cites at most."""

_LONGEST_QUOTE: Final = 160
_LONGEST_NOTE: Final = 100
_WORDS: Final = (
    *(
        "no",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def span(text: str, start: int, end: int, criterion: str, polarity: Polarity, note: str = "") -> Evidence:
    """Evidence that quotes `text[start:end]` without blanks at its ends, cut after 160 code points.

    Raises ValueError when nothing is left to quote.
    """
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    quote = piece.strip()[:_LONGEST_QUOTE].rstrip()
    if not quote:
        raise ValueError("an evidence span must hold text")
    return Evidence(
        quote=quote,
        start=start,
        end=start + len(quote),
        criterion=criterion,
        polarity=polarity,
        note=shortened(note, _LONGEST_NOTE),
    )


def against(text: str, start: int, end: int, criterion: str, note: str = "") -> Evidence:
    """A span that speaks against the content."""
    return span(text, start, end, criterion, Polarity.AGAINST, note)


def in_favour(text: str, start: int, end: int, criterion: str, note: str = "") -> Evidence:
    """A span that speaks for the content."""
    return span(text, start, end, criterion, Polarity.FOR, note)


def chosen(evidence: Iterable[Evidence], most: int = MOST_SPANS) -> tuple[Evidence, ...]:
    """The first so many spans that repeat no other's place, in the order of the text."""
    taken: dict[tuple[int, int], Evidence] = {}
    for item in evidence:
        if len(taken) >= most:
            break
        taken.setdefault((item.start, item.end), item)
    return tuple(sorted(taken.values(), key=lambda item: (item.start, item.end)))


def untouched_sentence(text: str, within: Iterable[Span], faults: Sequence[Span]) -> Span | None:
    """The longest quotable sentence inside `within` that overlaps none of the faults, the first of equals."""
    best: Span | None = None
    for first, last in within:
        for begin, finish in sentences(text[first:last]):
            start, end = first + begin, first + finish
            longer = best is None or end - start > best[1] - best[0]
            if longer and end - start <= _LONGEST_QUOTE and not _overlaps(start, end, faults):
                best = (start, end)
    return best


def _overlaps(start: int, end: int, spans: Sequence[Span]) -> bool:
    return any(first < end and start < last for first, last in spans)


def counted(count: int, thing: str, things: str = "") -> str:
    """A count in words: "no links", "one link", "two links", "about thirty links", "thousands of links"."""
    return f"one {thing}" if count == 1 else f"{_number(count)} {things or f'{thing}s'}"


def _number(count: int) -> str:
    if count < len(_WORDS):
        return _WORDS[count]
    if count < 95:
        return f"about {_TENS[round(count / 10) - 2]}"
    if count < 950:
        hundreds = _WORDS[max(1, round(count / 100))]
        return f"about {hundreds} hundred"
    return "about a thousand" if count < 1950 else "thousands of"


def sentence(words: str) -> str:
    """Words with a capital first and a full stop."""
    trimmed = words.strip().rstrip(".")
    return f"{trimmed[:1].upper()}{trimmed[1:]}." if trimmed else ""


def listed(things: Sequence[str]) -> str:
    """Things joined as people do: "a", "a and b", "a, b and c"."""
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])} and {things[-1]}"


def shortened(words: str, most: int) -> str:
    """Words on one line, cut at a blank with an ellipsis when longer than `most` code points."""
    line = " ".join(words.split())
    if len(line) <= most:
        return line
    head = line[: most - 1]
    return f"{head.rsplit(' ', 1)[0]}…"


def clipped(value: float) -> float:
    """The value, brought into [0, 1]."""
    return min(1.0, max(0.0, value))
