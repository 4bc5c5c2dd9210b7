"""A row for each of many things: a dot with its interval, its name before it and a note behind it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from moa_scorer.learning.plots.axes import Axis, round_ticks, tick_words
from moa_scorer.learning.plots.svg import (
    BLUE,
    GRID,
    INK,
    ORANGE,
    SOFT,
    dot,
    drawing,
    line,
    rect,
    shortened,
    text,
    width_of,
)

WIDTH = 680.0
ROW = 17.0
"""Height of a row in pixels."""
MOST_ROWS = 24
_TOP = 8.0
_NAMES = 230.0
"""Most pixels for names; longer ones lose their middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One estimate."""

    name: str
    value: float
    """NaN = not known: the row has its note only."""
    low: float = math.nan
    high: float = math.nan
    note: str = ""
    """Such as the number of items."""
    warns: bool = False
    """Whether it is drawn as an orange square: bad news."""


def whiskers(
    rows: Sequence[Row],
    words: str,
    *,
    title: str,
    reference: float | None = None,
    floor: float | None = None,
    ceiling: float | None = None,
) -> str:
    """The rows in their order, at most MOST_ROWS of them; say beside it what was left out.

    `reference` gets a dashed line; `floor` and `ceiling` bound the axis where values have bounds.
    """
    rows = rows[:MOST_ROWS]
    names = min(max((width_of(r.name) for r in rows), default=0.0), _NAMES)
    notes = max((width_of(r.note) for r in rows), default=0.0)
    x = _axis(rows, reference, floor, ceiling, names + 12, WIDTH - notes - 12)
    bottom = _TOP + ROW * len(rows)
    marks = _scale(x, bottom, words)
    if reference is not None:
        marks.append(line(x.place(reference), _TOP - 6, x.place(reference), bottom, INK, 1.0, "4 3"))
    for k, row in enumerate(rows):
        marks += _row(row, _TOP + ROW * (k + 0.5), x, names)
    return drawing(WIDTH, bottom + 34, title, marks)


def _axis(
    rows: Sequence[Row],
    reference: float | None,
    floor: float | None,
    ceiling: float | None,
    start: float,
    end: float,
) -> Axis:
    values = [v for r in rows for v in (r.value, r.low, r.high) if not math.isnan(v)]
    values += [reference] if reference is not None else []
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = max(high - low, 0.02) * 0.06
    low = low - room if floor is None else max(low - room, floor)
    high = high + room if ceiling is None else min(high + room, ceiling)
    return Axis(low=low, high=high, start=start, end=end, ticks=round_ticks(low, high, most=9))


def _scale(x: Axis, bottom: float, words: str) -> list[str]:
    marks = [line(x.start, bottom, x.end, bottom, INK)]
    for value, shown in zip(x.marked(), tick_words(x.marked()), strict=True):
        at = x.place(value)
        marks.append(line(at, _TOP - 6, at, bottom, GRID, 0.6))
        marks.append(text(at, bottom + 13, shown, anchor="middle"))
    marks.append(text((x.start + x.end) / 2, bottom + 28, words, anchor="middle", fill=SOFT))
    return marks


def _row(row: Row, y: float, x: Axis, names: float) -> list[str]:
    marks = [text(0.0, y + 3.5, shortened(row.name, names), whole=row.name)]
    if row.note:
        marks.append(text(WIDTH, y + 3.5, row.note, anchor="end", fill=SOFT))
    if math.isnan(row.value):
        return marks
    colour = ORANGE if row.warns else BLUE
    if not math.isnan(row.low):
        marks.append(line(x.place(row.low), y, x.place(row.high), y, colour, 1.6))
    at = x.place(row.value)
    marks.append(_square(at, y, colour) if row.warns else dot(at, y, 3.2, colour))
    return marks


def _square(x: float, y: float, colour: str) -> str:
    return rect(x - 3.2, y - 3.2, 6.4, 6.4, colour)
