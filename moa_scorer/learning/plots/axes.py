"""Axes: where a value stands on paper, and round ticks with their words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from moa_scorer.learning.plots.svg import GRID, INK, SOFT, line, text, width_of

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICK = 3.0
_BELOW = 13.0
"""From an axis to the baseline of its ticks' words, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A range of values on a range of pixels."""

    low: float
    """Value at `start`; below `high`, and above 0 on a logarithmic axis."""
    high: float
    start: float
    """Pixel; above `end` on an upright axis, whose pixels count downwards."""
    end: float
    log: bool = False
    ticks: tuple[float, ...] = ()
    """Where it is marked; empty = at round values."""

    def place(self, value: float) -> float:
        """The value's pixel; a value outside the range stands at its edge."""
        held = min(max(value, self.low), self.high)
        if self.log:
            share = math.log(held / self.low) / math.log(self.high / self.low)
        else:
            share = (held - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def marked(self) -> tuple[float, ...]:
        """The values that get a tick, lowest first."""
        if self.ticks:
            return self.ticks
        return _log_ticks(self.low, self.high) if self.log else round_ticks(self.low, self.high)


def round_ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """At most so many round values in [low, high]."""
    magnitude = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(m * magnitude for m in (*_ROUND, 20.0) if (high - low) / (m * magnitude) <= most - 1 + 1e-9)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(round(k * step, 12) for k in range(first, last + 1))


def _log_ticks(low: float, high: float) -> tuple[float, ...]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = tuple(
            s * 10.0**d for d in decades for s in steps if low * 0.999 <= s * 10.0**d <= high * 1.001
        )
        if len(found) <= 7:
            return found
    return found[:: math.ceil(len(found) / 7)]


def tick_words(values: Sequence[float]) -> list[str]:
    """The values as `_words` says, with a true minus."""
    return [f"−{w[1:]}" if w.startswith("-") else w for w in _words(values)]


def _words(values: Sequence[float]) -> list[str]:
    """The values with as many decimals as the finest of them needs; large and tiny ones as powers of ten."""
    if any(v != 0 and (abs(v) >= 1e5 or abs(v) < 1e-4) for v in values):
        return [f"{v:g}".replace("e-0", "e-").replace("e+0", "e") for v in values]
    if values and min(abs(v) for v in values if v != 0) < 1 <= max(map(abs, values)) / 10:
        return [f"{v:g}" for v in values]
    decimals = max((_decimals(v) for v in values), default=0)
    return [f"{v:.{decimals}f}" for v in values]


def _decimals(value: float) -> int:
    shown = f"{value:.6f}".rstrip("0")
    return len(shown.partition(".")[2])


def padded(low: float, high: float, share: float = 0.05) -> tuple[float, float]:
    """The range made a little wider, so that no mark stands on its edge."""
    room = (high - low) * share if high > low else max(abs(low) * 0.1, 0.1)
    return low - room, high + room


def frame(x: Axis, y: Axis, x_words: str, y_words: str, *, grid: bool = True) -> list[str]:
    """Both axes with ticks, words and a light grid.

    The words of the upright axis stand level above it: nobody turns the page to read them.
    """
    marks = [*_across(x, y, grid=grid), *_upright(x, y, grid=grid)]
    marks.append(line(x.start, y.start, x.end, y.start, INK))
    marks.append(line(x.start, y.start, x.start, y.end, INK))
    if x_words:
        marks.append(text((x.start + x.end) / 2, y.start + _BELOW + 14, x_words, anchor="middle", fill=SOFT))
    marks.append(text(0.0, y.end - 9, y_words, fill=SOFT))
    return marks


def _across(x: Axis, y: Axis, *, grid: bool) -> list[str]:
    marks: list[str] = []
    free = -math.inf
    for value, words in zip(x.marked(), tick_words(x.marked()), strict=True):
        at, half = x.place(value), width_of(words) / 2
        if grid:
            marks.append(line(at, y.start, at, y.end, GRID, 0.6))
        marks.append(line(at, y.start, at, y.start + _TICK))
        if at - half >= free:
            marks.append(text(at, y.start + _BELOW, words, anchor="middle"))
            free = at + half + 3
    return marks


def _upright(x: Axis, y: Axis, *, grid: bool) -> list[str]:
    marks: list[str] = []
    for value, words in zip(y.marked(), tick_words(y.marked()), strict=True):
        at = y.place(value)
        if grid:
            marks.append(line(x.start, at, x.end, at, GRID, 0.6))
        marks.append(line(x.start - _TICK, at, x.start, at))
        marks.append(text(x.start - 5, at + 3.5, words, anchor="end"))
    return marks
