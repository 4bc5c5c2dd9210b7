"""What every rival of a panel is given, and how one number an item becomes a calibrated score. numpy only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.conformal import conformal_quantile
from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.curves import knots_of, locate_all, read_all
from moa_scorer.calibration.isotonic import monotone_curve
from moa_scorer.calibration.table import RatedTable, criterion_of, is_measure, judge_of
from moa_scorer.domain.verdict import IntervalKind
from moa_scorer.learning.agreement import spearman

Array = NDArray[np.float64]
Index = NDArray[np.intp]

COVERAGE: Final = 0.9
FOLDS: Final = 5
CLEAR: Final = 1.645
"""Standard errors by which a correlation must be negative for a judge to be turned round."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """What a method says of the new items, for one head."""

    order: Array
    """What they are ranked by, complete."""
    value: Array
    """In [0, 1], complete."""
    lower: Array
    """Of the 90 % interval; NaN = none."""
    upper: Array
    judge: str = ""
    """The judge that was chosen, where one was."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """One head of one split: everything that a rival may look at. Rows are all items of a study."""

    judges: tuple[str, ...]
    scores: Array
    """Shape (items, judges): each judge's standing score; NaN = none."""
    columns: Array
    """Shape (items, columns): every judge x criterion."""
    measures: Array
    """Shape (items, measures)."""
    words: Array
    """Words of each item's text."""
    train: Index
    target: Array
    """Ratings of the items at `train`, in [0, 1]."""
    groups: tuple[str, ...]
    """Of the items at `train`."""
    new: Index
    binary: bool
    """Whether people said yes or no."""
    seed: int = 0
    memory: dict[str, Array] = field(default_factory=dict)

    def oriented(self) -> Array:
        """`scores` with the judges turned round that clearly score the other way on the rated items."""
        if "oriented" not in self.memory:
            signs = directions(self.scores[self.train], self.target)
            self.memory["oriented"] = np.where(signs > 0, self.scores, 1.0 - self.scores)
        return self.memory["oriented"]


def standing(table: RatedTable, head: str) -> tuple[tuple[str, ...], Array]:
    """(judges, one score each): the judge's column of the head's name, else the mean of all its own."""
    own: dict[str, list[int]] = {}
    for k, column in enumerate(table.columns):
        if not is_measure(column):
            own.setdefault(judge_of(column), []).append(k)
    stood = []
    for columns in own.values():
        named = [k for k in columns if criterion_of(table.columns[k]) == head]
        stood.append(mean_of(table.values[:, named or columns]))
    return tuple(own), np.column_stack(stood) if stood else np.zeros((table.items, 0))


def directions(scores: Array, target: Array) -> Array:
    """+1 or -1 for each judge; -1 where its correlation with the ratings is clearly negative."""
    signs = np.ones(scores.shape[1])
    for k in range(scores.shape[1]):
        here = ~np.isnan(scores[:, k])
        rho = spearman(scores[here, k], target[here])
        if here.sum() > 3 and np.arctanh(np.clip(rho, -0.999, 0.999)) * np.sqrt(here.sum() - 3) < -CLEAR:
            signs[k] = -1.0
    return signs


def mean_of(values: Array) -> Array:
    """Mean of each row's present values; NaN where there is none."""
    counts = (~np.isnan(values)).sum(axis=1)
    result: Array = np.divide(
        np.nansum(values, axis=1), counts, out=np.full(len(values), np.nan), where=counts > 0
    )
    return result


def z_mean_of(scores: Array) -> Array:
    """Mean of each row's scores in units of the judge's own spread; ratings play no part."""
    middle, spread = np.nanmean(scores, axis=0), np.nanstd(scores, axis=0)
    return mean_of((scores - middle) / np.where(spread > 0, spread, 1.0))


def median_of(scores: Array) -> Array:
    """Median of each row's present values; NaN where there is none."""
    result = np.full(len(scores), np.nan)
    some = ~np.isnan(scores).all(axis=1)
    result[some] = np.nanmedian(scores[some], axis=1)
    return result


def calibrated(lesson: Lesson, order: Array, *, sign: int = 1, judge: str = "") -> Said:
    """One number an item, mapped to ratings by a monotone curve; gaps stand at the rated items' median."""
    known = order[lesson.train]
    middle = float(np.nanmedian(known)) if not np.isnan(known).all() else 0.0
    filled = np.where(np.isnan(order), middle, order)
    own, new = filled[lesson.train], filled[lesson.new]
    value = _curved(own, lesson.target, new, sign)
    left_out = cross_fitted(lesson, lambda fit, rest: _curved(own[fit], lesson.target[fit], own[rest], sign))
    lower, upper = around(value, left_out, lesson)
    return Said(order=sign * new, value=value, lower=lower, upper=upper, judge=judge)


def cross_fitted(lesson: Lesson, predict: Callable[[Index, Index], Array]) -> Array:
    """Values of the rated items from fits without their fold; positions are those among the rated items."""
    folds = group_folds(lesson.groups, FOLDS, lesson.seed)
    result = np.full(lesson.target.size, np.nan)
    if int(folds.max()) < 1:
        return result
    for fold in range(int(folds.max()) + 1):
        fit, rest = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        result[rest] = predict(fit, rest)
    return result


def around(value: Array, left_out: Array, lesson: Lesson) -> tuple[Array, Array]:
    """The 90 % conformal interval of one width from cross-fitted residuals; the whole scale if too few."""
    if np.isnan(left_out).any():
        return np.full(value.size, np.nan), np.full(value.size, np.nan)
    _, groups = np.unique(np.asarray(lesson.groups), return_inverse=True)
    residuals = np.abs(lesson.target - left_out)
    half = conformal_quantile(residuals, groups, coverage=COVERAGE, kind=IntervalKind.MARGINAL)
    return np.maximum(value - half, 0.0), np.minimum(value + half, 1.0)


def _curved(x: Array, y: Array, new: Array, sign: int) -> Array:
    knots = knots_of(x)
    if len(knots) < 2:
        return np.full(new.size, float(y.mean()))
    curve = monotone_curve(knots, x, locate_all(knots, x), y, sign=sign, line_only=False)
    return read_all(curve.tolist(), locate_all(knots, new)).clip(0.0, 1.0)
