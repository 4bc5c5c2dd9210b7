"""Texts that a program took apart into tokens, put together again for tools that expect prose."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

_LONE_MARK: Final = re.compile(r"(?<=\s)[.,](?=\s|$)")
_GAP: Final = re.compile(
    r"[^\S\n]+(?=(?:[.,;:!?)\]}%]|'')(?=\s|$)|n't\b|'(?:s|m|d|ll|re|ve)\b)|(?<=[(\[{$£#])[^\S\n]+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A text without the blanks that tokenising put before its marks."""

    text: str
    cuts: tuple[int, ...]
    """Where blanks are missing, in code points of `text`, ascending; empty = nothing was cut."""
    cut: tuple[int, ...]
    """Blanks missing up to and with each of these."""

    @property
    def tokenised(self) -> bool:
        return bool(self.cuts)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text as given that a non-empty span of `text` stands for."""
        return self._place(start), self._place(end - 1) + 1

    def _place(self, position: int) -> int:
        known = bisect_right(self.cuts, position)
        return position + (self.cut[known - 1] if known else 0)


def put_together(text: str) -> Prepared:
    """Removes the blanks before marks and clitics of a tokenised text; any other text stays as it is."""
    lone = sum(1 for _ in _LONE_MARK.finditer(text))
    if 2 * lone <= text.count(".") + text.count(","):
        return Prepared(text=text, cuts=(), cut=())
    kept: list[str] = []
    cuts: list[int] = []
    cut: list[int] = []
    last = missing = 0
    for gap in _GAP.finditer(text):
        kept.append(text[last : gap.start()])
        last = gap.end()
        cuts.append(gap.start() - missing)
        missing += gap.end() - gap.start()
        cut.append(missing)
    kept.append(text[last:])
    return Prepared(text="".join(kept), cuts=tuple(cuts), cut=tuple(cut))
