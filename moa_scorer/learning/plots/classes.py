"""Scores of items that people accepted beside those that they did not: for ratings that are yes or no."""

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.plots.axes import Axis, round_ticks, tick_words
from moa_scorer.learning.plots.svg import BLUE, INK, ORANGE, SOFT, drawing, line, rect, text

Array = NDArray[np.float64]

WIDTH, HEIGHT = 330.0, 306.0
BARS = 20
_LEFT, _RIGHT, _MIDDLE, _REACH = 10.0, 322.0, 152.0, 104.0
_BOTTOM = 272.0


def is_two_valued(human: Array, low: float, high: float) -> bool:
    """Whether people said nothing between the ends of the scale."""
    return bool(np.isin(human, (low, high)).all())


def classes(score: Array, human: Array, low: float, high: float) -> str:
    """Numbers of items by score: rated `high` above the line, rated `low` below it; no unscored items."""
    here = ~np.isnan(score)
    x = Axis(low=low, high=high, start=_LEFT, end=_RIGHT, ticks=round_ticks(low, high))
    good, bad = (_counts(score[here & (human == value)], x) for value in (high, low))
    most = max(int(good.max()), int(bad.max()), 1)
    marks = [
        text(_LEFT, 26.0, f"rated {high:g}: {good.sum():,} items", fill=BLUE),
        text(_LEFT, _BOTTOM - 6, f"rated {low:g}: {bad.sum():,} items", fill=ORANGE),
        *_bars(good, most, x, BLUE, up=True),
        *_bars(bad, most, x, ORANGE, up=False),
        line(_LEFT, _MIDDLE, _RIGHT, _MIDDLE, INK),
        *_scale(x),
    ]
    return drawing(WIDTH, HEIGHT, "Scores of items by what people said", marks)


def _counts(score: Array, x: Axis) -> NDArray[np.intp]:
    return np.histogram(score.clip(x.low, x.high), BARS, (x.low, x.high))[0]


def _bars(counts: NDArray[np.intp], most: int, x: Axis, colour: str, *, up: bool) -> list[str]:
    step = (x.end - x.start) / BARS
    heights = [_REACH * int(n) / most for n in counts]
    return [
        rect(x.start + k * step + 0.7, _MIDDLE - h if up else _MIDDLE, step - 1.4, h, colour)
        for k, h in enumerate(heights)
        if h > 0
    ]


def _scale(x: Axis) -> list[str]:
    marks = [line(x.start, _BOTTOM, x.end, _BOTTOM, INK)]
    for value, words in zip(x.marked(), tick_words(x.marked()), strict=True):
        marks.append(line(x.place(value), _BOTTOM, x.place(value), _BOTTOM + 3))
        marks.append(text(x.place(value), _BOTTOM + 13, words, anchor="middle"))
    marks.append(text((x.start + x.end) / 2, _BOTTOM + 28, "score", anchor="middle", fill=SOFT))
    return marks
