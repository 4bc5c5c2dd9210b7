"""Fits one head: curves per column, cross-fitted, and the pull of its weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from moa_scorer.calibration.crossfit import Folds, cross_fitted_columns, without_gaps
from moa_scorer.calibration.curves import locate_all, read_all
from moa_scorer.calibration.isotonic import Places, monotone_curve
from moa_scorer.calibration.snapshot import Head
from moa_scorer.calibration.stack import SHRINKAGE, choose_shrinkage, moments_of
from moa_scorer.calibration.table import Array

DIGITS = 6
ENOUGH_TO_CHOOSE = 200
"""Rated items from which the pull towards equal weights is chosen by cross-validation."""

Curves = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """The columns of a table as curves see them."""

    names: tuple[str, ...]
    knots: tuple[tuple[float, ...], ...]
    values: Array
    """Shape (items, columns); NaN = missing."""
    places: tuple[Places, ...]
    line_only: bool
    """Few items: straight lines only."""


def material(
    names: Sequence[str], knots: Sequence[tuple[float, ...]], values: Array, line_only: bool
) -> Material:
    """Finds every value's place among its column's knots once, for all heads."""
    places = tuple(locate_all(k, values[:, i]) for i, k in enumerate(knots))
    return Material(names=tuple(names), knots=tuple(knots), values=values, places=places, line_only=line_only)


def fit_curves(
    data: Material, used: Sequence[int], signs: Sequence[int], target: Array, train: Array
) -> Curves:
    """The curves of the used columns on the items where `train` is true, rounded."""
    return tuple(
        tuple(np.round(_curve(data, k, sign, target, train.astype(bool)), DIGITS).tolist())
        for k, sign in zip(used, signs, strict=True)
    )


def _curve(data: Material, k: int, sign: int, target: Array, train: Array) -> Array:
    here = train & ~np.isnan(data.values[:, k])
    segment, fraction = data.places[k]
    return monotone_curve(
        data.knots[k],
        data.values[here, k],
        (segment[here], fraction[here]),
        target[here],
        sign=sign,
        line_only=data.line_only,
    )


def fit_fold_curves(
    data: Material, used: Sequence[int], signs: Sequence[int], target: Array, folds: Folds
) -> tuple[Curves, ...]:
    """Per fold: the curves fitted without it."""
    return tuple(fit_curves(data, used, signs, target, folds != f) for f in range(int(folds.max()) + 1))


def fold_moments(
    data: Material, used: Sequence[int], fold_curves: Sequence[Curves], target: Array, folds: Folds
) -> tuple[Array, ...]:
    """Per fold: sums of products of its items' cross-fitted columns and target."""
    index = np.asarray(used, dtype=np.intp)
    columns = cross_fitted_columns(data.values[:, index], folds, [data.knots[k] for k in used], fold_curves)
    filled = without_gaps(columns)
    return tuple(moments_of(filled[folds == f], target[folds == f]) for f in range(int(folds.max()) + 1))


def fit_head(
    name: str,
    data: Material,
    used: Sequence[int],
    signs: Sequence[int],
    target: Array,
    folds: Folds,
    *,
    shrinkage: float | None,
    keep_moments: bool,
) -> Head:
    """The head of one target over the used columns; `shrinkage` None = chosen where items suffice."""
    curves = fit_curves(data, used, signs, target, np.ones(target.size))
    fold_curves = fit_fold_curves(data, used, signs, target, folds)
    moments = fold_moments(data, used, fold_curves, target, folds)
    if shrinkage is None:
        chosen = target.size >= ENOUGH_TO_CHOOSE
        shrinkage = choose_shrinkage(moments, range(len(used))) if chosen else SHRINKAGE
    return Head(
        name=name,
        mean=round(float(target.mean()), DIGITS),
        shrinkage=shrinkage,
        used=tuple(used),
        curves=curves,
        centres=tuple(_centre(data, k, curve) for k, curve in zip(used, curves, strict=True)),
        fold_curves=fold_curves,
        moments=tuple(_rounded(m) for m in moments) if keep_moments else (),
    )


def _centre(data: Material, k: int, curve: Sequence[float]) -> float:
    """Mean of a curve over the items that have the column."""
    return round(float(np.nanmean(read_all(curve, data.places[k]))), DIGITS)


def _rounded(moments: Array) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(f"{x:.10g}") for x in row) for row in moments)
