"""Correlations of judges as a table of shades: numbered across, named downwards, no name is turned."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.plots.svg import INK, SOFT, drawing, line, mark, rect, shortened, text, width_of

Array = NDArray[np.float64]

WIDTH = 680.0
MOST = 32
"""Judges shown; with more the first of them, and the report says so."""
WRITTEN = 16
"""Up to so many judges the figures are written into the cells."""
_NAMES = 200.0
_NUMBERS = 22.0
_TOP = 18.0
_LARGEST, _SMALLEST = 30.0, 11.0
_BLUES = ((255, 255, 255), (8, 59, 102))
_REDS = ((255, 255, 255), (160, 62, 0))


def heat_map(correlations: Array, names: Sequence[str]) -> str:
    """The matrix of shape (judges, judges), in [-1, 1], NaN = not known (a slash), for its first MOST judges.

    Blue is positive, orange with a dot negative: also told apart in grey.
    """
    shown = min(len(names), MOST)
    room = min(max((width_of(n) for n in names[:shown]), default=0.0), _NAMES)
    left = _NUMBERS + room + 10
    side = max(min(_LARGEST, (WIDTH - left) / max(shown, 1)), _SMALLEST)
    size = min(10.0, side * 0.75)
    marks = _numbers(shown, left, side, size)
    for i in range(shown):
        top = _TOP + i * side
        baseline = top + side / 2 + size * 0.35
        marks.append(text(_NUMBERS - 6, baseline, str(i + 1), anchor="end", fill=SOFT, size=size))
        marks.append(text(_NUMBERS, baseline, shortened(names[i], room, size), whole=names[i], size=size))
        for j in range(shown):
            marks += _cell(float(correlations[i, j]), left + j * side, top, side, i == j, shown)
    return drawing(WIDTH, _TOP + shown * side + 4, "Correlations of judges", marks)


def _numbers(shown: int, left: float, side: float, size: float) -> list[str]:
    """The judges' numbers over the columns, as many as have room."""
    every = math.ceil((width_of("00", size) + 2) / side)
    return [
        text(left + (k + 0.5) * side, _TOP - 5, str(k + 1), anchor="middle", fill=SOFT, size=size)
        for k in range(0, shown, every)
    ]


def _cell(value: float, x: float, y: float, side: float, own: bool, shown: int) -> list[str]:
    if own:
        return [rect(x, y, side - 0.6, side - 0.6, "#f0f0f0")]
    if math.isnan(value):
        return [line(x + 2, y + 2, x + side - 3, y + side - 3, "#bbbbbb")]
    marks = [rect(x, y, side - 0.6, side - 0.6, _shade(value))]
    ink = "#ffffff" if abs(value) > 0.55 else INK
    middle = x + side / 2 - 0.3
    if shown <= WRITTEN:
        marks.append(text(middle, y + side / 2 + 3, _figure(value), anchor="middle", fill=ink, size=9.0))
    elif value < 0:
        marks.append(mark("circle", cx=middle, cy=y + side / 2 - 0.3, r=1.3, fill=ink))
    return marks


def _figure(value: float) -> str:
    """`.57`, `−.20`."""
    return f"{value:.2f}".replace("0.", ".", 1).replace("-", "−")


def _shade(value: float) -> str:
    light, dark = _BLUES if value >= 0 else _REDS
    share = min(abs(value), 1.0)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(light, dark, strict=True))
