"""Curve, line and part in the plain mean of each column of a head as one piecewise-linear effect."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import numpy as np

from moa_scorer.calibration.mask_fit import Effect
from moa_scorer.calibration.plain_mean import Lines
from moa_scorer.calibration.propensity import column_means
from moa_scorer.calibration.readout import Readout
from moa_scorer.calibration.snapshot import Column, Head, Snapshot
from moa_scorer.calibration.stack import Parts
from moa_scorer.calibration.table import Array


def effects_of(
    snapshot: Snapshot,
    head: Head,
    parts: Parts,
    weights: Array,
    mean: Lines,
    columns: Array,
    fused: Array,
    readout: Readout,
    counts: Array | None,
) -> tuple[Effect, ...]:
    """Curve, line and part in the judges' plain `mean` of each column as one piecewise-linear effect."""
    known = dict(zip(parts.all, weights.tolist(), strict=True))
    of_curve = {k: i for i, k in enumerate(head.used) if known.get(i, 0.0) > 0 or (k in mean and i in known)}
    slopes = {k: known.get(len(head.used) + i, 0.0) for i, k in enumerate(head.lines)}
    by_itself = _by_themselves([head.curves[i] for i in of_curve.values()], readout)
    alone = dict(zip(of_curve, by_itself, strict=True))
    taken = list(of_curve.values())
    distances = dict(zip(of_curve, _deviations(columns[:, taken], fused, counts), strict=True))
    effects = []
    for k in sorted({*of_curve, *mean, *(k for k, slope in slopes.items() if slope != 0)}):
        slope, i, line = slopes.get(k, 0.0), of_curve.get(k), mean.get(k)
        values = _effect_values(snapshot, head, k, slope, i, 0.0 if i is None else known[i])
        effects.append(
            Effect(
                column=k,
                values=values if line is None else _sum(values, line),
                weight=abs(slope) + _step(snapshot.columns[k], line) + (0.0 if i is None else known[i]),
                curve=None if i is None else head.curves[i],
                alone=alone.get(k),
                deviation=distances.get(k, 0.0),
            )
        )
    return tuple(effects)


def _effect_values(
    snapshot: Snapshot, head: Head, k: int, slope: float, i: int | None, weight: float
) -> tuple[float, ...]:
    column = snapshot.columns[k]
    values = [slope * (x - column.mean) / column.spread for x in column.knots]
    if i is not None:
        values = [v + weight * (g - head.centres[i]) for v, g in zip(values, head.curves[i], strict=True)]
    return tuple(round(v, 9) for v in values)


def _sum(values: tuple[float, ...], line: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(round(a + b, 9) for a, b in zip(values, line, strict=True))


def _step(column: Column, line: tuple[float, ...] | None) -> float:
    """How far one spread of the column moves the rank along a line at its knots."""
    if line is None:
        return 0.0
    return round(abs(line[-1] - line[0]) / (column.knots[-1] - column.knots[0]) * column.spread, 9)


def _by_themselves(curves: Sequence[Sequence[float]], readout: Readout) -> Iterator[tuple[float, ...]]:
    """The score that each curve gives by itself at its knots; all are read at once."""
    flat = np.fromiter(chain.from_iterable(curves), dtype=np.float64)
    scores = iter(readout.all(flat).clip(0.0, 1.0).round(9).tolist())
    return (tuple(islice(scores, len(curve))) for curve in curves)


def _deviations(columns: Array, fused: Array, counts: Array | None) -> list[float]:
    """Root mean square distance of each column from the fused ranks."""
    squares: Array = (columns - fused[:, None]) ** 2
    found: list[float] = np.sqrt(column_means(squares, counts)).round(6).tolist()
    return found
