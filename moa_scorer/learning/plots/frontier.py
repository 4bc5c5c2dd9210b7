"""Quality over cost: every single judge and every panel, and those that nothing cheaper matches."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from moa_scorer.learning.plots.axes import Axis, frame, padded, round_ticks
from moa_scorer.learning.plots.svg import (
    BLUE,
    INK,
    ORANGE,
    SOFT,
    dot,
    drawing,
    polyline,
    rect,
    shortened,
    text,
    width_of,
)

WIDTH, HEIGHT = 680.0, 280.0
_NAMES = 200.0
MOST_NAMED = 12
"""Points with their names; the others are dots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something one could pay for."""

    name: str
    cost: float
    """Of one item, in any unit, > 0 on a logarithmic axis."""
    quality: float
    """Higher is better."""
    panel: bool = False
    """Whether several judges stand behind it: a square instead of a dot."""


def frontier_of(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices that nothing at the same or a lower cost matches, cheapest first."""
    found: list[Choice] = []
    for choice in sorted(choices, key=lambda c: (c.cost, -c.quality, c.name)):
        if not found or choice.quality > found[-1].quality:
            found.append(choice)
    return tuple(found)


def frontier(choices: Sequence[Choice], x_words: str, y_words: str, *, log: bool) -> str:
    """The choices, the frontier as a stepped line, and names where there is room for them."""
    costs, qualities = [c.cost for c in choices], [c.quality for c in choices]
    low, high = padded(min(qualities, default=0.0), max(qualities, default=1.0), 0.08)
    x = _costs(costs, log)
    y = Axis(low=low, high=high, start=HEIGHT - 34, end=26.0, ticks=round_ticks(low, high))
    best = frontier_of(choices)
    marks = frame(x, y, x_words, y_words)
    marks.append(polyline(_steps(best, x, y), INK, 1.2))
    for choice in choices:
        marks.append(_point(choice, x, y, choice in best))
    wanted = [
        *best,
        *sorted((c for c in choices if c not in best), key=lambda c: (not c.panel, -c.quality, c.name)),
    ]
    taken = [_about(x.place(c.cost), y.place(c.quality)) for c in choices] + _strips(_steps(best, x, y))
    marks += _names(wanted[:MOST_NAMED], taken, x, y)
    return drawing(WIDTH, HEIGHT, "Quality over cost", marks)


def _costs(costs: Sequence[float], log: bool) -> Axis:
    end = WIDTH - 10
    if log:
        low, high = min(costs, default=1.0), max(costs, default=10.0)
        return Axis(low=low / 1.3, high=max(high * 1.3, low * 3), start=46.0, end=end, log=True)
    high = max(costs, default=1.0) * 1.08
    return Axis(low=0.0, high=high, start=46.0, end=end, ticks=round_ticks(0.0, high))


def _steps(best: Sequence[Choice], x: Axis, y: Axis) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for choice in best:
        if points:
            points.append((x.place(choice.cost), points[-1][1]))
        points.append((x.place(choice.cost), y.place(choice.quality)))
    return [*points, (x.end, points[-1][1])] if points else []


def _point(choice: Choice, x: Axis, y: Axis, best: bool) -> str:
    at, height = x.place(choice.cost), y.place(choice.quality)
    colour = (ORANGE if choice.panel else BLUE) if best else SOFT
    return rect(at - 3.2, height - 3.2, 6.4, 6.4, colour) if choice.panel else dot(at, height, 3.2, colour)


Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _names(wanted: Sequence[Choice], taken: list[Box], x: Axis, y: Axis) -> list[str]:
    """Names right, left, above or below their points, wherever they touch nothing; else left out."""
    marks = []
    for choice in wanted:
        words = shortened(choice.name, _NAMES)
        for at, height, anchor, box in _places(
            x.place(choice.cost), y.place(choice.quality), width_of(words)
        ):
            inside = box[0] > x.start and box[2] < WIDTH and box[1] > y.end - 4 and box[3] < y.start
            if inside and not any(_touch(box, other) for other in taken):
                taken.append(box)
                marks.append(text(at, height, words, anchor=anchor, whole=choice.name))
                break
    return marks


def _places(x: float, y: float, width: float) -> list[tuple[float, float, str, Box]]:
    """(x, baseline, anchor, box) of a name's possible places, best first."""
    found = [(x + 6, y + 3.5, "start", (x + 5, y - 6, x + 7 + width, y + 6))]
    found.append((x - 6, y + 3.5, "end", (x - 7 - width, y - 6, x - 5, y + 6)))
    for lift in (-6.0, 14.0, -18.0, 26.0):
        top = y + lift - 9
        found.append((x - 3, y + lift, "end", (x - 4 - width, top, x - 2, top + 12)))
        found.append((x + 5, y + lift, "start", (x + 4, top, x + 6 + width, top + 12)))
    return found


def _about(x: float, y: float) -> Box:
    return (x - 3.5, y - 3.5, x + 3.5, y + 3.5)


def _strips(points: Sequence[tuple[float, float]]) -> list[Box]:
    """What a stepped line covers."""
    return [
        (min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1)
        for a, b in pairwise(points)
    ]


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
