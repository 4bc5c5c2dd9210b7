"""A text with its evidence marked, safe to show on a terminal."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.text import Text

from moa_scorer.client import Evidence

WHOLE: Final = 2_000
"""Code points up to which a text is shown whole; of a longer one, what surrounds its evidence."""
AROUND: Final = 80
EXCERPTS: Final = 6
STYLES: Final = {"for": "green underline", "against": "red underline"}

Span = tuple[int, int]


def visible(text: str) -> str:
    """The text with control, escape and direction characters replaced one for one; lines and tabs stay."""
    return "".join(_seen(character) for character in text)


def _seen(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return character
    return chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\N{REPLACEMENT CHARACTER}"


def marked(text: str, evidence: Sequence[Evidence]) -> Text:
    """The text, or the excerpts that hold evidence, with each span in the colour of its polarity."""
    whole = Text(visible(text))
    for span in evidence:
        whole.stylize(STYLES.get(span.polarity, "underline"), span.start, span.end)
    if len(text) <= WHOLE:
        return whole
    shown = Text()
    for start, end in _excerpts(len(text), evidence):
        shown.append("… " if start else "")
        shown.append_text(whole[start:end])
        shown.append(" …\n" if end < len(text) else "\n")
    return shown


def _excerpts(length: int, evidence: Iterable[Evidence]) -> list[Span]:
    """What to show of a long text: its beginning, and the surroundings of its first spans."""
    wanted = [(0, 4 * AROUND), *((e.start - AROUND, e.end + AROUND) for e in evidence)]
    return list(_merged((max(0, start), min(length, end)) for start, end in wanted))[:EXCERPTS]


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    current: Span | None = None
    for start, end in sorted(spans):
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
        else:
            if current is not None:
                yield current
            current = (start, end)
    if current is not None:
        yield current
