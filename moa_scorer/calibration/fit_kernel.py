"""Whether a head gets a surface, and of which kernel: what holds on unseen sources."""

import numpy as np

from moa_scorer.calibration.crossfit import Folds
from moa_scorer.calibration.fit_head import Material, Terms, fit_fold_curves, fold_columns, fold_moments
from moa_scorer.calibration.fit_measures import TRIAL, correlation
from moa_scorer.calibration.fit_surface import Ground, choose_kernel, fit_surface, scales_of
from moa_scorer.calibration.propensity import mean_of
from moa_scorer.calibration.stack import cross_fitted
from moa_scorer.calibration.surface import Kernel
from moa_scorer.calibration.table import Array, is_measure


def kernel_of(
    data: Material, terms: Terms, base: Ground, parts: Folds, head: str, target: Array
) -> Kernel | None:
    """The kernel that errs least on left-out groups; None where the additive part alone errs less on left-out
    sources (`parts`), each at its own mean, than with a surface beside it."""
    if not data.names or not terms.used:
        return None
    kernel = choose_kernel(base, data.names, head, target, _against(data, target))
    scales = scales_of(base.points, data.names, head, kernel, range(len(data.names)))
    surface = fit_surface(base._replace(folds=parts), scales, target, kernel.pull).cross_fitted
    additive = _additive(data, terms, target, parts)
    alone = _error(additive, target, parts, data.weights)
    together = _error((additive + surface) / 2, target, parts, data.weights)
    return kernel if together < alone else None


def _against(data: Material, target: Array) -> tuple[int, ...]:
    """Judges' columns that do not go with the ratings in the direction they were given."""
    found = []
    for k, name in enumerate(data.names):
        here = ~np.isnan(data.values[:, k])
        along = correlation(data.values[here, k], target[here]) * (-1 if data.falling[k] else 1)
        if not is_measure(name) and along <= 0:
            found.append(k)
    return tuple(found)


def _additive(data: Material, terms: Terms, target: Array, parts: Folds) -> Array:
    curves = fit_fold_curves(data, terms, target, parts)
    columns = fold_columns(data, terms, curves, parts)
    return cross_fitted(columns, parts, fold_moments(data, terms, curves, target, parts), terms.parts, TRIAL)


def _error(fused: Array, target: Array, parts: Folds, counts: Array | None) -> float:
    """Mean squared error, each part at its own mean: order within a source is what is asked for."""
    away = target - fused
    for part in np.unique(parts):
        away[parts == part] -= away[parts == part].mean()
    return mean_of(away**2, counts)
