"""The plots of a report, each with one sentence on what to read off it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.choice.frontier import Point
from moa_scorer.learning.plots.classes import classes, is_two_valued
from moa_scorer.learning.plots.curves import Curve, drift_chart, learning_curve
from moa_scorer.learning.plots.frontier import Choice, frontier
from moa_scorer.learning.plots.heatmap import MOST, heat_map
from moa_scorer.learning.plots.reliability import reliability
from moa_scorer.learning.plots.scatter import scatter
from moa_scorer.learning.plots.whiskers import Row, whiskers
from moa_scorer.learning.protocol.findings import (
    BEST,
    CONSTANT,
    MEAN,
    PANEL,
    RIDGE,
    Evaluation,
    OutOfFold,
)
from moa_scorer.learning.report.coverage import NOMINAL, coverage_rows, mask_rows
from moa_scorer.learning.report.found import Found
from moa_scorer.learning.report.words import figure, heading, metric_name, plural

Array = NDArray[np.float64]

SIDE_BY_SIDE = {1: 330.0, 2: 330.0, 3: 216.0, 4: 166.0}
"""Plots of criteria -> the width of each; more of them stand three in a row."""
LOWEST = 0.25
"""Rank correlation below the best from which a choice is not drawn: it would press the others together."""
_WIDE = 12
"""Judges of the largest panel beyond which the axis of their number is logarithmic."""
CURVES = (PANEL, BEST, MEAN, RIDGE)
"""Methods of the learning curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Drawings that belong together."""

    title: str
    drawings: tuple[str, ...]
    """SVG, side by side as far as they have room."""
    reading: str
    """What to read off it, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A plot that cannot be drawn."""

    title: str
    reason: str
    """Why, and what would help."""


def plots(found: Found) -> tuple[Plot | Missing, ...]:
    """All plots in reading order."""
    makers: tuple[Callable[[Found], Plot | Missing], ...] = (
        _differences,
        _calibration,
        _criteria,
        _coverage,
        _masks,
        _judges,
        _learning,
        _frontier,
        _drift,
    )
    return tuple(maker(found) for maker in makers)


def _differences(found: Found) -> Plot | Missing:
    title = "Is the panel better than something simpler?"
    metric = found.evaluation.primary
    own = [d for d in found.evaluation.differences if (d.criterion, d.metric) == (found.head, metric)]
    rows = [
        Row(
            name=d.rival,
            value=d.estimate.value,
            low=d.estimate.low,
            high=d.estimate.high,
            note={True: "better", False: "worse", None: "not settled"}[d.better],
            warns=d.better is False,
        )
        for d in own
        if d.rival != CONSTANT
    ]
    if not rows:
        return Missing(title=title, reason="nothing was measured beside the panel")
    words = f"panel's {metric_name(metric)} less the rival's, {heading(found.head)}"
    up = found.evaluation.metrics.get(metric, "higher") == "higher"
    side = "right" if up else "left"
    reading = (
        "Each row is the panel less one rival, with its 95 % interval over source documents: "
        f"{side} of the dashed line the panel is better, and a bar across it settles nothing."
    )
    return Plot(title=title, drawings=(whiskers(rows, words, title=title, reference=0.0),), reading=reading)


def _on_scale(found: Found, said: OutOfFold) -> tuple[Array, Array, float, float]:
    """(scores, ratings, lowest, highest) on the people's scale."""
    low, high = found.scale
    score, human = (np.array(x) * (high - low) + low for x in (said.score, said.human))
    return score, human, low, high


def _calibration(found: Found) -> Plot | Missing:
    title = "Do scores mean what they say?"
    said = found.said(found.whole)
    if said is None:
        return Missing(title=title, reason="the evaluation keeps no scores of single items")
    score, human, low, high = _on_scale(found, said)
    if is_two_valued(human, low, high):
        second, right = classes(score, human, low, high), "the farther the two colours are apart, the better"
    else:
        second = scatter(score, human, low, high)
        right = "the closer to the line, the better single items are known (orange: mean rating)"
    reading = (
        "Left: where dots lie on the dashed line, items with that score are rated so by people (hollow: "
        f"fewer than ten items; bars: 95 % intervals). Right: {right}. No fit had seen the rating of an item "
        "that it scored."
    )
    return Plot(title=title, drawings=(reliability(score, human, low, high), second), reading=reading)


def _criteria(found: Found) -> Plot | Missing:
    title = "The same for each criterion"
    pairs = [(c, found.said(c)) for c in found.evaluation.criteria if c != found.whole]
    known = [(c, said) for c, said in pairs if said is not None]
    if not known:
        return Missing(title=title, reason="")
    width = SIDE_BY_SIDE.get(len(known), SIDE_BY_SIDE[3])
    drawings = [
        scatter(*_on_scale(found, said), caption=_caption(found, criterion), width=width)
        for criterion, said in known
    ]
    reading = "A flat orange line means that scores of this criterion tell little about people's ratings."
    return Plot(title=title, drawings=tuple(drawings), reading=reading)


def _caption(found: Found, criterion: str) -> str:
    estimate = found.figure(PANEL, criterion, "spearman")
    return f"{criterion}, ρ {figure(estimate.value)}" if estimate else criterion


def _coverage(found: Found) -> Plot | Missing:
    title = "Do intervals hold, for all kinds of items?"
    rows = coverage_rows(found)
    if not rows:
        return Missing(title=title, reason="no part of the items has 30 verdicts with an interval")
    reading = (
        "Orange squares are kinds of items whose 90 % intervals hold too rarely to be trusted; where a bar "
        "lies right of the dashed line they are wider than they need be."
    )
    return Plot(title=title, drawings=(_held(rows, title),), reading=reading)


def _masks(found: Found) -> Plot | Missing:
    title = "Do intervals hold when judges are missing?"
    rows = mask_rows(found)
    if len(rows) < 2:
        return Missing(title=title, reason="all items with an interval were answered by the same judges")
    reading = (
        "Each row is a set of judges that answered; it is weighed anew, so all should lie on the dashed line."
    )
    return Plot(title=title, drawings=(_held(rows, title),), reading=reading)


def _held(rows: Sequence[Row], title: str) -> str:
    axis = "share of 90 % intervals that hold the people's mean"
    return whiskers(rows, axis, title=title, reference=NOMINAL, ceiling=1.0)


def _judges(found: Found) -> Plot | Missing:
    title = "Do judges say the same?"
    if found.card is None or len(found.evaluation.judges) < 2:
        return Missing(title=title, reason="there is one judge only, or too few ratings for report cards")
    between = found.card.between
    names = [c.judge for c in found.card.judges]
    order = [between.judges.index(n) for n in names]
    matrix = between.matrix[np.ix_(order, order)]
    cut = f" Of {len(names)} judges the first {MOST} of the table are shown." if len(names) > MOST else ""
    reading = f"The darker a cell, the less the second of the two judges adds. {_votes(found)}{cut}"
    return Plot(title=title, drawings=(heat_map(matrix, names),), reading=reading)


def _votes(found: Found) -> str:
    votes, judges = found.evaluation.votes, len(found.evaluation.judges)
    if np.isnan(votes):
        return "How many independent votes they are worth cannot be estimated from these ratings."
    return f"Together the {judges} judges are worth {votes:.1f} independent copies of the best of them."


def _learning(found: Found) -> Plot | Missing:
    title = "Would more ratings help?"
    runs = [*found.curve, found.evaluation]
    if len(runs) < 2:
        return Missing(title=title, reason="too few rated items to fit on fewer, or --curve none")
    metric, head = found.evaluation.primary, found.head
    curves = [c for m in CURVES if (c := _curve(runs, m, head, metric)) is not None]
    drawing = learning_curve(curves, "rated items", f"{metric_name(metric)}, {heading(head)}", title=title)
    reading = (
        "Where the panel's line is still rising at its right end, more ratings will make it better; with "
        "fewer ratings than where it crosses another line, use what that line stands for."
    )
    return Plot(title=title, drawings=(drawing,), reading=reading)


def _curve(runs: Sequence[Evaluation], method: str, head: str, metric: str) -> Curve | None:
    known = [(rated_of(run), e) for run in runs if (e := run.figure(method, head, metric)) is not None]
    if not known:
        return None
    band = method in (PANEL, BEST)
    return Curve(
        name=method,
        x=tuple(float(n) for n, _ in known),
        y=tuple(e.value for _, e in known),
        low=tuple(e.low for _, e in known) if band else (),
        high=tuple(e.high for _, e in known) if band else (),
    )


def rated_of(run: Evaluation) -> int:
    """Rated items that each fit got: of a grouped five-fold four fifths of them all."""
    return round(run.items * 0.8) if run.rated is None else run.rated


def _frontier(found: Found) -> Plot | Missing:
    title = "What does quality cost?"
    if found.card is None or len(found.evaluation.judges) < 2:
        return Missing(title=title, reason="there is one judge only, or too few ratings to compare panels")
    points = found.card.selection.points
    priced = all(p.cost is not None and p.cost > 0 for p in points)
    every = [_choice(p, priced) for p in points]
    choices = [c for c in every if c.quality >= max(e.quality for e in every) - LOWEST]
    drawing = frontier(
        choices,
        "cost of an item in millionths of a dollar"
        if priced
        else "judges asked for an item (costs are not known)",
        "Spearman with people, overall, on items that no choice was made on",
        log=priced or max(p.size for p in points) > _WIDE,
    )
    suggested = found.card.selection.panel
    reading = (
        "Anything below the line costs as much as something better; squares are panels (“first 2”: the two "
        "judges of most value for their cost), dots single judges. "
        f"Suggested: {plural(len(suggested), 'judge')}.{_not_drawn(len(every) - len(choices))}"
    )
    return Plot(title=title, drawings=(drawing,), reading=reading)


def _not_drawn(count: int) -> str:
    if not count:
        return ""
    verb = "is" if count == 1 else "are"
    return f" {plural(count, 'judge')} more than {LOWEST:g} below the best {verb} not drawn."


def _choice(point: Point, priced: bool) -> Choice:
    cost = point.cost if priced and point.cost is not None else point.size
    return Choice(name=point.name, cost=cost, quality=point.agreement, panel=len(point.judges) > 1)


def _drift(found: Found) -> Plot | Missing:
    title = "Has a judge changed?"
    drift = found.drift
    if drift is None or not drift.curves:
        return Missing(title=title, reason="needs 50 rated source documents, and others after them")
    drawing = drift_chart(drift.curves, drift.alarm, title=title)
    crossed = sum(max(c.y) >= drift.alarm for c in drift.curves)
    verb = "crosses" if crossed == 1 else "cross"
    reading = (
        f"Each line is a judge on one criterion, held against {drift.against}, in the file's order; one that "
        f"crosses {drift.alarm:,.0f} scores otherwise than it did there, or the file is not in the order of "
        f"time. {crossed or 'None'} of {plural(len(drift.curves), 'line')} {verb} it."
    )
    return Plot(title=title, drawings=(drawing,), reading=reading)
