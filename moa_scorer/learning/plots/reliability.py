"""Reliability diagram: what people said of the items that got about the same score, with counts."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.plots.axes import Axis, frame, round_ticks
from moa_scorer.learning.plots.svg import BLUE, INK, SOFT, dot, drawing, line, mark, polyline, rect, text

Array = NDArray[np.float64]

WIDTH, HEIGHT = 330.0, 306.0
FEW = 10
"""Bins with fewer items are drawn hollow: their mean says little."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 322.0, 26.0, 212.0
_BARS_TOP, _BARS_BOTTOM = 236.0, 286.0
"""Pixels between which the counts stand, highest bar first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Items whose scores lie between two round values."""

    low: float
    high: float
    count: int
    """Items in it, >= 0."""
    score: float
    """Their mean score; NaN without items."""
    human: float
    """Their mean rating; NaN without items."""
    error: float
    """Standard error of the mean rating; NaN with fewer than two items."""


def bins_of(score: Array, human: Array, low: float, high: float, count: int = 10) -> tuple[Bin, ...]:
    """Equal steps of the scale [low, high], finer where the scores fill little of it; no unscored items."""
    here = ~np.isnan(score) & ~np.isnan(human)
    score, human = score[here], human[here]
    step = (high - low) / count
    if score.size:
        filled = float(np.ptp(score)) / (high - low)
        step /= 2 if filled < 0.5 else 1
    edges = np.arange(round((high - low) / step) + 1) * step + low
    place = np.clip(np.searchsorted(edges, score, side="right") - 1, 0, len(edges) - 2)
    return tuple(
        _bin(float(edges[b]), float(edges[b + 1]), score[place == b], human[place == b])
        for b in range(len(edges) - 1)
    )


def _bin(low: float, high: float, score: Array, human: Array) -> Bin:
    n = score.size
    return Bin(
        low=low,
        high=high,
        count=n,
        score=float(score.mean()) if n else math.nan,
        human=float(human.mean()) if n else math.nan,
        error=float(human.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan,
    )


def reliability(score: Array, human: Array, low: float, high: float) -> str:
    """The diagram of scores and mean ratings on the people's own scale [low, high]."""
    bins = bins_of(score, human, low, high)
    x = Axis(low=low, high=high, start=_LEFT, end=_RIGHT, ticks=round_ticks(low, high))
    y = Axis(low=low, high=high, start=_BOTTOM, end=_TOP, ticks=round_ticks(low, high))
    filled = [b for b in bins if b.count]
    marks = [
        *frame(x, y, "", "mean rating by people"),
        line(x.place(low), y.place(low), x.place(high), y.place(high), SOFT, 1.0, "4 3"),
        *(m for b in filled for m in _whisker(b, x, y)),
        polyline(((x.place(b.score), y.place(b.human)) for b in filled), BLUE),
        *(_point(b, x, y) for b in filled),
        *_counts(bins, x),
    ]
    return drawing(WIDTH, HEIGHT, "Reliability diagram: mean rating by score, with counts", marks)


def _point(b: Bin, x: Axis, y: Axis) -> str:
    fill = BLUE if b.count >= FEW else "#ffffff"
    return dot(x.place(b.score), y.place(b.human), 3.2, fill, BLUE)


def _whisker(b: Bin, x: Axis, y: Axis) -> list[str]:
    """95 % interval of the mean rating."""
    if math.isnan(b.error):
        return []
    at, reach = x.place(b.score), 1.96 * b.error
    return [line(at, y.place(b.human - reach), at, y.place(b.human + reach), BLUE, 1.2)]


def _counts(bins: tuple[Bin, ...], x: Axis) -> list[str]:
    """A bar a bin with its number of items; numbers stand upright over their bars where there is room."""
    most = max((b.count for b in bins), default=0)
    marks = [text(0.0, _BARS_TOP + 8, "items", fill=SOFT)]
    for b in bins:
        if b.count:
            height = max((_BARS_BOTTOM - _BARS_TOP - 10) * b.count / most, 1.0)
            left, right = x.place(b.low), x.place(b.high)
            marks.append(rect(left + 0.7, _BARS_BOTTOM - height, right - left - 1.4, height, "#b9c9d6"))
            marks.append(_number(b.count, (left + right) / 2, _BARS_BOTTOM - height - 3, right - left))
    marks.append(line(x.start, _BARS_BOTTOM, x.end, _BARS_BOTTOM, INK))
    marks.append(
        text(
            (x.start + x.end) / 2,
            _BARS_BOTTOM + 14,
            "score (dashed: score = rating)",
            anchor="middle",
            fill=SOFT,
        )
    )
    return marks


def _number(count: int, x: float, y: float, room: float) -> str:
    size = min(9.0, room / (0.6 * len(str(count)) + 0.2))
    return mark("text", str(count), x=x, y=y, text_anchor="middle", font_size=size) if size >= 6 else ""
