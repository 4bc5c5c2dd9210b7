"""The judges' plain mean stands beside what was learnt, for as long as ratings are too few to do better.

Weights and a surface from 22 ratings may order items worse than no weights at all. So a share of the rank is
a line on the mean of the judges' own columns, each in units of its spread and in the direction that it was
found to score. The share falls with the number of rated items, and to nothing where these show the mean to
be worse. At 22 ratings no shared set is then below its mean by more than .008 in rank correlation (.015).

Tried on the shared sets and lost: the mean as a third part of the mixture, all drawn to one third (-.01 at
100 ratings on toxicity, -.04 on pairs of answers), all three drawn to shares by their left-out errors (-.005
to -.01 at 22 on most sets).
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from moa_scorer.calibration.crossfit import Folds
from moa_scorer.calibration.mask_fit import Mask
from moa_scorer.calibration.propensity import at, mean_of
from moa_scorer.calibration.reference import standing_columns
from moa_scorer.calibration.snapshot import Column
from moa_scorer.calibration.table import Array, is_measure

HALF = 7.0
"""Rated items at which mean and what was learnt would count alike; with 22 the mean's share is a quarter."""
EVIDENCE = 0.25
"""How much of the difference in log-likelihood on left-out items is believed: it is noisy where items are
few."""
LEAST = 0.01
"""A smaller share is none: from about 700 rated items nothing is added."""

Lines = Mapping[int, tuple[float, ...]]
"""Column -> what it adds at its knots, on the scale of ranks."""


class PlainMean(NamedTuple):
    """The mean of one head's judges on the scale of ranks."""

    cross_fitted: Array
    """Per item, from a slope without its fold."""
    lines: Lines
    """Of the slope from all items; they sum to 0 where every column stands at its mean."""


def fit_plain_mean(
    columns: tuple[Column, ...],
    mask: Mask,
    head: str,
    values: Array,
    ranks: Array,
    folds: Folds,
    counts: Array | None,
) -> PlainMean | None:
    """The line on the mean of the columns that each judge stands by for the head; None without judges.

    `values` has shape (items, all columns), NaN = missing, which stands at the column's mean.
    """
    units = _units(columns, mask, head)
    if not units:
        return None
    own = np.array(list(units), dtype=np.intp)
    away = np.nan_to_num(values[:, own] - [columns[k].mean for k in units], nan=0.0)
    mean: Array = away @ np.array(list(units.values()))
    fused = np.empty(ranks.size)
    for fold in np.unique(folds):
        rest, mine = folds != fold, folds == fold
        slope, middle, level = _line(mean[rest], ranks[rest], at(counts, rest))
        fused[mine] = level + slope * (mean[mine] - middle)
    slope, _, _ = _line(mean, ranks, counts)
    return PlainMean(fused, {k: _values(columns[k], slope * unit) for k, unit in units.items()})


def share_of_mean(learnt: Array, mean: Array, ranks: Array, counts: Array | None) -> float:
    """The mean's share in [0, 1) beside what was learnt, both cross-fitted ranks."""
    prior = HALF / (HALF + ranks.size)
    errors = [mean_of((fused - ranks) ** 2, counts) for fused in (learnt, mean)]
    worse = max(errors[1] - errors[0], 0.0) / max(errors[0], 1e-9)
    odds = prior / (1.0 - prior) * math.exp(-EVIDENCE * ranks.size * worse / 2)
    share = odds / (1.0 + odds)
    return round(share, 6) if share >= LEAST else 0.0


def _units(columns: tuple[Column, ...], mask: Mask, head: str) -> dict[int, float]:
    """Column -> what 1 of it adds to the mean, negative where its judge scores the other way."""
    at_name = {columns[k].name: k for k in mask if not is_measure(columns[k].name)}
    judges = standing_columns(at_name, head)
    counts = {at_name[c]: len(own) * len(judges) for own in judges.values() for c in own}
    return {k: (-1.0 if columns[k].falling else 1.0) / counts[k] / columns[k].spread for k in sorted(counts)}


def _line(mean: Array, ranks: Array, counts: Array | None) -> tuple[float, float, float]:
    """(slope of at least 0, mean of the means, mean rank)."""
    middle, level = mean_of(mean, counts), mean_of(ranks, counts)
    spread = mean_of((mean - middle) ** 2, counts)
    along = mean_of((mean - middle) * (ranks - level), counts)
    return max(along / spread, 0.0) if spread > 1e-12 else 0.0, middle, level


def _values(column: Column, slope: float) -> tuple[float, ...]:
    return tuple(round(slope * (x - column.mean), 9) for x in column.knots)
