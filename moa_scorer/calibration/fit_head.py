"""Fits one head: curves per column, cross-fitted, and what its weights are drawn to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from moa_scorer.calibration.crossfit import Folds, cross_fitted_columns, standard_lines, without_gaps
from moa_scorer.calibration.curves import locate_all, read_all
from moa_scorer.calibration.isotonic import Places, monotone_curve
from moa_scorer.calibration.propensity import at, column_means, mean_of
from moa_scorer.calibration.readout import rank_map, to_ranks
from moa_scorer.calibration.snapshot import Head
from moa_scorer.calibration.stack import (
    DEFAULT_PULL,
    PLAIN_PULLS,
    PULLS,
    Parts,
    Pull,
    choose_pull,
    moments_of,
)
from moa_scorer.calibration.surface import Kernel
from moa_scorer.calibration.table import Array

DIGITS = 6
ENOUGH_TO_CHOOSE = 200
"""Rated items from which the pull is chosen by cross-validation."""

ENOUGH_FOR_STEPS = 100
"""Rated items from which curves against a target of two values may have steps."""

Curves = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """The columns of a table as curves and lines see them."""

    names: tuple[str, ...]
    knots: tuple[tuple[float, ...], ...]
    values: Array
    """Shape (items, columns); NaN = missing."""
    places: tuple[Places, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    falling: tuple[bool, ...]
    """Per column: whether its judge scores the other way."""
    line_only: bool
    """Few items: straight curves only."""
    weights: Array | None = None
    """What each item counts, shape (items,); None = all alike."""


class Terms(NamedTuple):
    """What may enter a head."""

    used: tuple[int, ...]
    """Columns with a curve."""
    signs: tuple[int, ...]
    """Direction of each curve: 1 rising, -1 falling."""
    lines: tuple[int, ...]
    """Columns with a line."""

    @property
    def parts(self) -> Parts:
        """Their positions in the moments."""
        size = len(self.used)
        return Parts(tuple(range(size)), tuple(range(size, size + len(self.lines))))


def material(
    names: Sequence[str],
    knots: Sequence[tuple[float, ...]],
    values: Array,
    *,
    falling: Sequence[bool],
    line_only: bool,
    weights: Array | None = None,
) -> Material:
    """Finds every value's place among its column's knots once, for all heads."""
    return Material(
        names=tuple(names),
        knots=tuple(knots),
        values=values,
        places=tuple(locate_all(k, values[:, i]) for i, k in enumerate(knots)),
        means=tuple(float(f"{x:.9g}") for x in column_means(values, weights)),
        spreads=tuple(max(float(f"{x:.9g}"), 1e-9) for x in np.nanstd(values, axis=0)),
        falling=tuple(falling),
        line_only=line_only,
        weights=weights,
    )


def is_straight(data: Material, target: Array) -> bool:
    """Whether curves are lines only: with few items at all, or few of a target of two values.

    Below 100 items isotonic steps of yes-or-no ratings follow single items (pairs of answers, 90 rated: Brier
    .0799 with steps, .0792 with lines). Logistic curves were tried and are no better than lines (.0794; of
    answers to questions .0468 against .0470), a logistic read-out is worse (.0807), most so with 30 items.
    """
    binary = target.size < ENOUGH_FOR_STEPS and np.unique(target).size <= 2
    return data.line_only or binary


def fit_curves(data: Material, terms: Terms, target: Array, train: Array) -> Curves:
    """The curves of the used columns on the items where `train` is true, rounded."""
    straight, chosen = is_straight(data, target), train.astype(bool)
    return tuple(
        tuple(np.round(_curve(data, k, sign, target, chosen, straight=straight), DIGITS).tolist())
        for k, sign in zip(terms.used, terms.signs, strict=True)
    )


def _curve(data: Material, k: int, sign: int, target: Array, train: Array, *, straight: bool) -> Array:
    here = train & ~np.isnan(data.values[:, k])
    segment, fraction = data.places[k]
    return monotone_curve(
        data.knots[k],
        data.values[here, k],
        (segment[here], fraction[here]),
        target[here],
        at(data.weights, here),
        sign=sign,
        line_only=straight,
    )


def fit_fold_curves(data: Material, terms: Terms, target: Array, folds: Folds) -> tuple[Curves, ...]:
    """Per fold: the curves fitted without it."""
    return tuple(fit_curves(data, terms, target, folds != f) for f in range(int(folds.max()) + 1))


def fold_columns(data: Material, terms: Terms, fold_curves: Sequence[Curves], folds: Folds) -> Array:
    """The items' cross-fitted columns without gaps, then the lines."""
    used, lines = list(terms.used), list(terms.lines)
    columns = cross_fitted_columns(data.values[:, used], folds, [data.knots[k] for k in used], fold_curves)
    straight = standard_lines(
        data.values[:, lines], [data.means[k] for k in lines], [data.spreads[k] for k in lines]
    )
    return np.hstack([without_gaps(columns, data.weights), straight])


def fold_moments(
    data: Material, terms: Terms, fold_curves: Sequence[Curves], target: Array, folds: Folds
) -> tuple[Array, ...]:
    """Per fold: sums of products of its items' cross-fitted columns, lines and target."""
    rows = fold_columns(data, terms, fold_curves, folds)
    return tuple(
        moments_of(rows[folds == f], target[folds == f], at(data.weights, folds == f))
        for f in range(int(folds.max()) + 1)
    )


def fit_head(
    name: str,
    data: Material,
    terms: Terms,
    ratings: Array,
    folds: Folds,
    *,
    pull: Pull | None,
    kernel: Kernel | None,
    keep: bool,
) -> Head:
    """The head of one target; `pull` None = chosen where items suffice, `keep` = with its moments."""
    known, ranks = rank_map(ratings, data.weights)
    target = to_ranks(ratings, known, ranks)
    curves = fit_curves(data, terms, target, np.ones(target.size))
    fold_curves = fit_fold_curves(data, terms, target, folds)
    moments = fold_moments(data, terms, fold_curves, target, folds)
    chosen = pull or _chosen_pull(moments, terms, target.size)
    return Head(
        name=name,
        mean=round(mean_of(ratings, data.weights), DIGITS),
        ratings=known,
        ranks=ranks,
        start=round(mean_of(target, data.weights), DIGITS),
        equal_pull=chosen.equal,
        line_pull=chosen.zero,
        used=terms.used,
        lines=terms.lines if chosen.zero is not None else (),
        curves=curves,
        centres=tuple(_centre(data, k, curve) for k, curve in zip(terms.used, curves, strict=True)),
        fold_curves=fold_curves,
        kernel=kernel,
        moments=tuple(_triangle(m, terms, chosen) for m in moments) if keep else (),
    )


def _chosen_pull(moments: Sequence[Array], terms: Terms, items: int) -> Pull:
    if items < ENOUGH_TO_CHOOSE:
        return DEFAULT_PULL
    return choose_pull(moments, terms.parts, (*PLAIN_PULLS, *(PULLS if terms.lines else ())))


def _centre(data: Material, k: int, curve: Sequence[float]) -> float:
    """Mean of a curve over the items that have the column."""
    read = read_all(curve, data.places[k])
    return round(float(column_means(read[:, None], data.weights)[0]), DIGITS)


def _triangle(moments: Array, terms: Terms, pull: Pull) -> tuple[tuple[float, ...], ...]:
    """The lower triangle, without the lines where none were taken."""
    size = len(terms.used) + 1
    taken = [*range(size), *(range(size, moments.shape[0] - 1) if pull.zero is not None else ()), -1]
    kept = moments[np.ix_(taken, taken)]
    return tuple(tuple(float(f"{x:.9g}") for x in row[: i + 1]) for i, row in enumerate(kept.tolist()))
