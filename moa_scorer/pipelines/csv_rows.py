"""Rows of comma-separated values. A quote that is never closed costs its own line and no other."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import IO, Final

from moa_scorer.domain.job import START, Position
from moa_scorer.pipelines.rows import BadRow, Fields, Line, Row, Unreadable, bad, lines, words

MOST_LINES: Final = 1_000
"""Lines of one row; a quote that stays open for longer was not meant as one."""
DELIMITERS: Final = ",;\t"
_ENDS: Final = "\r\n"
_MARK: Final = "\ufeff"


class Layout:
    """The columns of a file and what stands between them, by its first row."""

    def __init__(self, header: str) -> None:
        """Raises Unreadable where a column is named twice."""
        found = max(DELIMITERS, key=header.count)
        self._field = re.compile(rf'"(?P<quoted>(?:[^"]++|"")*+)(?P<end>")?[^{found}]*+|[^{found}]*+')
        self.columns = self.values(header)
        if len(set(self.columns)) < len(self.columns):
            raise Unreadable("its first line names a column twice")

    def values(self, text: str) -> Sequence[str]:
        """The fields of a whole row."""
        return [
            m["quoted"].replace('""', '"') if m["end"] else m[0] for m in self._fields(text.rstrip(_ENDS))
        ]

    def ends_open(self, text: str, *, inside: bool) -> bool:
        """Whether a quoted field goes on after this line, which begins inside of one or not."""
        return any(m["quoted"] is not None and not m["end"] for m in self._fields('"' * inside + text))

    def _fields(self, text: str) -> Iterator[re.Match[str]]:
        place = 0
        while place <= len(text):
            match = self._field.match(text, place)
            assert match is not None, "the pattern matches the empty text too"
            yield match
            place = match.end() + 1


def csv_rows(file: IO[bytes], start: Position, *, gzipped: bool) -> Iterator[Row]:
    """A row for each row but the first, which names the columns. Raises Unreadable where it does not."""
    beginning = lines(file, START, gzipped=gzipped)
    layout = _layout(beginning)
    rest = lines(file, start, gzipped=gzipped) if start.offset else beginning
    for index, (block, mistake) in enumerate(_blocks(rest, layout), start.index):
        last = block[-1].at
        after = Position(index=index + 1, line=last.line + 1, offset=block[-1].end)
        text = b"".join(line.text for line in block)
        parse = partial(bad(mistake)) if mistake else partial(_parsed, text, layout)
        yield Row(at=replace(block[0].at, index=index), after=after, parse=parse)


def _layout(beginning: Iterator[Line]) -> Layout:
    first = next(beginning, None)
    if first is None:
        raise Unreadable("is empty; its first line should name the columns")
    try:
        return Layout(words(first.text).removeprefix(_MARK))
    except BadRow as error:
        raise Unreadable(f"its first line {error}") from None


def _blocks(source: Iterator[Line], layout: Layout) -> Iterator[tuple[Sequence[Line], str]]:
    """The lines of each row, or one line and why it is none."""
    waiting: deque[Line] = deque()
    while (first := _next(waiting, source)) is not None:
        if not (first.text.strip() or first.mistake):
            continue
        block = _block(first, waiting, source, layout)
        mistake = first.mistake or _mistake(block, layout)
        if mistake and len(block) > 1:
            waiting.extendleft(reversed(block[1:]))
            block = [first]
            mistake = _mistake(block, layout) or mistake
        yield block, mistake


def _next(waiting: deque[Line], source: Iterator[Line]) -> Line | None:
    return waiting.popleft() if waiting else next(source, None)


def _block(first: Line, waiting: deque[Line], source: Iterator[Line], layout: Layout) -> list[Line]:
    """The line, and those after it as long as a quoted field is open."""
    block = [first]
    inside = not first.mistake and layout.ends_open(_lenient(first), inside=False)
    while inside and len(block) < MOST_LINES and (line := _next(waiting, source)) is not None:
        block.append(line)
        inside = not line.mistake and layout.ends_open(_lenient(line), inside=True)
    return block


def _lenient(line: Line) -> str:
    """Text in which quotes and delimiters stand where they are, whatever the other bytes mean."""
    return line.text.decode("utf-8", "replace")


def _mistake(block: Sequence[Line], layout: Layout) -> str:
    """Why these lines are not a row; empty = they are."""
    text = "".join(_lenient(line) for line in block)
    if layout.ends_open(text, inside=False):
        return "has a quote that is never closed"
    if any(line.mistake for line in block):
        return next(line.mistake for line in block if line.mistake)
    found, wanted = len(layout.values(text)), len(layout.columns)
    return "" if found == wanted else f"has {found} columns where the first line names {wanted}"


def _parsed(text: bytes, layout: Layout) -> Fields:
    return dict(zip(layout.columns, layout.values(words(text)), strict=True))
