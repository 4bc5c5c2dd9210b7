"""Score against human rating: a dot an item, or shaded cells where there are too many to tell apart."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.plots.axes import Axis, frame, round_ticks
from moa_scorer.learning.plots.svg import (
    BLUE,
    ORANGE,
    SOFT,
    drawing,
    line,
    mark,
    number,
    polyline,
    rect,
    shortened,
    text,
)

Array = NDArray[np.float64]

WIDTH, HEIGHT = 330.0, 306.0
MOST_DOTS = 250
"""With more items they are counted in cells."""
CELLS = 24
"""Cells a side."""
_SHADES = ("#e3edf5", "#bcd5e8", "#86b6d6", "#4a90be", "#1b659b", "#083b66")
"""From few items in a cell to many; darker is more, also in grey."""


def scatter(
    score: Array, human: Array, low: float, high: float, *, caption: str = "", width: float = WIDTH
) -> str:
    """Scores across, mean ratings upwards, both on the people's own scale [low, high]; no unscored items.

    `caption` stands above the plot, such as a criterion's name and its correlation; the height follows the
    `width`, in pixels.
    """
    here = ~np.isnan(score) & ~np.isnan(human)
    score, human = score[here], human[here]
    top = 42.0 if caption else 26.0
    height = min(width - 42 + top + 34, HEIGHT)
    x = Axis(low=low, high=high, start=34.0, end=width - 8, ticks=round_ticks(low, high))
    y = Axis(low=low, high=high, start=height - 34, end=top, ticks=round_ticks(low, high))
    marks = [text(0.0, 12.0, shortened(caption, width - 8), weight="bold", whole=caption)] if caption else []
    marks += frame(x, y, "score", "mean rating by people", grid=score.size <= MOST_DOTS)
    marks += _dots(score, human, x, y) if score.size <= MOST_DOTS else list(_cells(score, human, x, y))
    marks.append(line(x.place(low), y.place(low), x.place(high), y.place(high), SOFT, 1.0, "4 3"))
    marks.append(polyline(_trend(score, human, x, y), ORANGE, 1.8))
    return drawing(width, height, f"Score against mean rating {caption}".strip(), marks)


def _dots(score: Array, human: Array, x: Axis, y: Axis) -> list[str]:
    """All dots as one path of round ends: a few bytes each."""
    steps = "".join(
        f"M{number(x.place(s))} {number(y.place(h))}h0"
        for s, h in zip(score.tolist(), human.tolist(), strict=True)
    )
    if not steps:
        return []
    return [
        mark("path", d=steps, stroke=BLUE, stroke_linecap="round", stroke_width=3.6, stroke_opacity="0.55")
    ]


def _cells(score: Array, human: Array, x: Axis, y: Axis) -> Iterator[str]:
    limits = ((x.low, x.high), (y.low, y.high))
    counts = np.histogram2d(score.clip(x.low, x.high), human.clip(y.low, y.high), CELLS, limits)[0]
    wide, high = (x.end - x.start) / CELLS, (y.start - y.end) / CELLS
    most = math.log1p(float(counts.max()))
    for i, j in zip(*map(np.ndarray.tolist, np.nonzero(counts)), strict=True):
        shade = min(int(len(_SHADES) * math.log1p(counts[i, j]) / most), len(_SHADES) - 1)
        yield rect(x.start + i * wide, y.start - (j + 1) * high, wide, high, _SHADES[shade])


def _trend(score: Array, human: Array, x: Axis, y: Axis) -> Iterator[tuple[float, float]]:
    """Mean rating of ten equally large groups of items in the order of their scores."""
    order = np.argsort(score, kind="stable")
    for part in np.array_split(order, min(10, score.size // 5)) if score.size >= 15 else ():
        yield x.place(float(score[part].mean())), y.place(float(human[part].mean()))
