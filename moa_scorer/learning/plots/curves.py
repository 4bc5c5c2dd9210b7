"""Lines over a common axis, each named at its end: the learning curve and the drift chart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from moa_scorer.learning.plots.axes import Axis, frame, padded, round_ticks
from moa_scorer.learning.plots.svg import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    SOFT,
    area,
    dot,
    drawing,
    line,
    polyline,
    shortened,
    spread,
    text,
    width_of,
)

WIDTH = 680.0
STYLES = (
    (BLUE, None),
    (ORANGE, "6 3"),
    (GREEN, "2 2"),
    (PURPLE, "8 3 2 3"),
    (INK, "1 3"),
    (SKY, "12 3"),
)
"""Colour and dashes of the first lines: told apart in grey as well."""
NEAR = 100.0
"""A line that came within this factor of the alarm is named."""
_NAMES = 190.0
_GAP = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    """As many as `x`; NaN = no value there: the line is broken."""
    low: tuple[float, ...] = ()
    """Lower edge of a band about the line; empty = no band."""
    high: tuple[float, ...] = ()


def learning_curve(curves: Sequence[Curve], x_words: str, y_words: str, *, title: str) -> str:
    """Quality over the number of ratings (logarithmic from 1 up), at most six lines with their bands."""
    curves = [c for c in curves if c.x][: len(STYLES)]
    counts = sorted({v for c in curves for v in c.x})
    values = [v for c in curves for v in (*c.y, *c.low, *c.high) if not math.isnan(v)]
    low, high = padded(min(values, default=0.0), max(values, default=1.0))
    names = _room(curves)
    first, last = (counts[0], counts[-1]) if counts else (1.0, 10.0)
    x = Axis(
        low=max(first, 1.0) * 0.9,
        high=max(last, 2.0),
        start=40.0,
        end=WIDTH - names - 14,
        log=True,
        ticks=tuple(counts),
    )
    y = Axis(low=low, high=high, start=226.0, end=26.0, ticks=round_ticks(low, high))
    marks = frame(x, y, x_words, y_words)
    for curve, (colour, dash) in zip(curves, STYLES, strict=False):
        marks += _line(curve, x, y, colour, dash)
    marks += _end_names(curves, x, y, [colour for colour, _ in STYLES], names)
    return drawing(WIDTH, 258.0, title, marks)


def _line(curve: Curve, x: Axis, y: Axis, colour: str, dash: str | None) -> list[str]:
    marks = []
    if curve.low and curve.high:
        edge = [
            (x.place(a), y.place(b)) for a, b in zip(curve.x, curve.low, strict=True) if not math.isnan(b)
        ]
        back = [
            (x.place(a), y.place(b)) for a, b in zip(curve.x, curve.high, strict=True) if not math.isnan(b)
        ]
        marks.append(area([*edge, *reversed(back)], colour, 0.12))
    points = [(x.place(a), y.place(b)) for a, b in zip(curve.x, curve.y, strict=True) if not math.isnan(b)]
    marks.append(polyline(points, colour, 1.8, dash))
    return [*marks, *(dot(a, b, 2.4, colour) for a, b in points)]


def _room(curves: Sequence[Curve]) -> float:
    return min(max((width_of(c.name) for c in curves), default=0.0), _NAMES)


def _end_names(curves: Sequence[Curve], x: Axis, y: Axis, colours: Sequence[str], room: float) -> list[str]:
    """Each name beside the end of its line, moved up or down where two would touch."""
    ends = [next((v for v in reversed(c.y) if not math.isnan(v)), y.low) for c in curves]
    heights = spread([y.place(v) for v in ends], _GAP, y.end, y.start)
    return [
        text(x.end + 8, at + 3.5, shortened(c.name, room), fill=colour, whole=c.name)
        for c, at, colour in zip(curves, heights, colours, strict=False)
    ]


def drift_chart(curves: Sequence[Curve], alarm: float, *, title: str) -> str:
    """Evidence of change of every judge (e-value, logarithmic) over the items' order, and the alarm's level.

    Of those that came near the alarm at most six are drawn bold and named, else the highest alone; the others
    stay thin and grey.
    """
    ranked = sorted((c for c in curves if c.x), key=lambda c: -max(c.y))
    high = sum(max(c.y) * NEAR >= alarm for c in ranked)
    count = min(max(high, 1), len(STYLES))
    named, others = ranked[:count], ranked[count:]
    names = _room(named)
    last = max((c.x[-1] for c in ranked), default=1.0)
    top = max([alarm * 3, *(max(c.y) * 1.2 for c in ranked)])
    x = Axis(low=0.0, high=last, start=46.0, end=WIDTH - names - 14, ticks=round_ticks(0.0, last))
    y = Axis(low=0.1, high=top, start=226.0, end=26.0, log=True)
    marks = frame(x, y, "anchors seen, in their order", "evidence of a change (e-value)")
    marks += [polyline(_points(c, x, y, 120), "#b0b0b0", 0.7) for c in others]
    for curve, (colour, dash) in zip(named, STYLES, strict=False):
        marks.append(polyline(_points(curve, x, y), colour, 1.6, dash))
    marks.append(line(x.start, y.place(alarm), x.end, y.place(alarm), INK, 1.0, "4 3"))
    marks.append(text(x.start + 5, y.place(alarm) - 4, f"alarm from {alarm:,.0f}", fill=SOFT))
    marks += _end_names(named, x, y, [colour for colour, _ in STYLES], names)
    return drawing(WIDTH, 258.0, title, marks)


def _points(curve: Curve, x: Axis, y: Axis, most: int = 400) -> list[tuple[float, float]]:
    """The line's points, thinned where there are more than a print can show; each step's highest is kept."""
    step = max(1, math.ceil(len(curve.x) / most))
    found = []
    for k in range(0, len(curve.x), step):
        part = range(k, min(k + step, len(curve.x)))
        best = max(part, key=lambda i: curve.y[i])
        found.append((x.place(curve.x[best]), y.place(curve.y[best])))
    return found
