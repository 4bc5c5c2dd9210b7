"""Which measures of the text may enter a head, and how: what holds on unseen sources."""

import math
from collections.abc import Sequence

import numpy as np

from moa_scorer.calibration.crossfit import Folds, group_folds
from moa_scorer.calibration.fit_head import Material, Terms, fit_fold_curves, fold_moments
from moa_scorer.calibration.ranks import mid_ranks
from moa_scorer.calibration.stack import Pull, left_out_error
from moa_scorer.calibration.table import Array, is_measure

AGREEMENT = 0.8
"""Share of items whose source, left out, must show the sign of the rest."""
PARTS = 8
"""Most parts that sources are gathered into."""
FEWEST_SOURCES = 3
"""With fewer known sources, groups stand in for them."""
ENOUGH_FOR_LINES = 200
"""Rated items below which measures have curves at most."""
CLEAR = 2.0
"""Standard errors by which a measure's correlation must differ from zero."""
TRIAL = Pull(30.0, 1000.0)
"""The pull at which kinds of terms are compared."""


def source_folds(sources: Sequence[str], groups: Sequence[str], seed: int) -> Folds:
    """Parts to leave out: whole sources where three or more are known, else whole groups."""
    known = {s for s in sources if s}
    labels = sources if len(known) >= FEWEST_SOURCES and all(sources) else groups
    return group_folds(labels, PARTS, seed)


def choose_terms(data: Material, target: Array, parts: Folds, groups: int) -> Terms:
    """Every judge's curve; of the measures, whichever of nothing, signed curves, and lines errs least.

    The error is that on left-out parts, each at its own mean: order within a source is what is asked for. The
    simpler choice wins a tie.
    """
    judges = tuple(k for k, name in enumerate(data.names) if not is_measure(name))
    measures = tuple(k for k, name in enumerate(data.names) if is_measure(name))
    signs = {k: _sign(data.values[:, k], target, parts, groups) for k in measures}
    curved = tuple(sorted((*judges, *(k for k, sign in signs.items() if sign))))
    signs |= {k: -1 if data.falling[k] else 1 for k in judges}
    directions = tuple(signs[k] for k in curved)
    plain = Terms(judges, tuple(signs[k] for k in judges), ())
    choices = [plain, Terms(curved, directions, ())]
    if target.size >= ENOUGH_FOR_LINES and measures:
        choices += [Terms(*plain[:2], measures), Terms(curved, directions, measures)]
    fitting = [c for c in dict.fromkeys(choices) if c.used or c.lines] or [plain]
    return min(fitting, key=lambda terms: _error(data, terms, target, parts))


def _sign(column: Array, target: Array, parts: Folds, groups: int) -> int:
    """The measure's direction if clear and the same on left-out parts, else 0."""
    here = ~np.isnan(column)
    whole = correlation(column[here], target[here])
    if abs(whole) * math.sqrt(min(groups, int(here.sum()))) < CLEAR:
        return 0
    agreeing = 0
    for part in range(int(parts.max()) + 1):
        own, rest = here & (parts == part), here & (parts != part)
        own_r, rest_r = correlation(column[own], target[own]), correlation(column[rest], target[rest])
        agreeing += int(own.sum()) * (own_r * rest_r > 0)
    return int(math.copysign(1, whole)) if agreeing >= AGREEMENT * here.sum() else 0


def correlation(x: Array, y: Array) -> float:
    """Rank correlation, which no outlier of a measure can turn; 0 where a side is constant."""
    if x.size < 3:
        return 0.0
    a, b = mid_ranks(x), mid_ranks(y)
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread > 0 else 0.0


def _error(data: Material, terms: Terms, target: Array, parts: Folds) -> float:
    curves = fit_fold_curves(data, terms, target, parts)
    moments = fold_moments(data, terms, curves, target, parts)
    return left_out_error(moments, terms.parts, TRIAL, own_mean=True)
