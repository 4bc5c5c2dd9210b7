"""Raters differ in how severe they are: what each adds to every rating, taken off before items are averaged.

An additive model with shrinkage, as in many-facet rating models (Linacre 1989) with normal errors: a rating
is the item's worth less the rater's severity plus noise. Severities are the best linear unbiased predictors
when the noise of a rating has `LAMBDA` times the variance of severities (Henderson 1975).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.study import Study

LAMBDA = 5.0
"""Variance of a rating's noise in units of the variance of severities: a rater with five ratings is believed
by half."""

Severities = Mapping[str, Mapping[str, float]]
"""Criterion -> rater -> how far below the others the rater's ratings lie, in units of [0, 1]; above zero =
severe. A criterion without rater ids has no entry."""


def severities_of(items: Iterable[RatedItem], shrinkage: float = LAMBDA) -> Severities:
    """The severity of every rater, criterion by criterion, from the items that name who rated.

    Only differences on the same item count: a rater who never shares an item with another has severity 0.
    """
    votes: dict[str, list[tuple[tuple[str, ...], tuple[float, ...]]]] = {}
    for item in items:
        for criterion, raters in item.raters.items():
            votes.setdefault(criterion, []).append((raters, item.ratings[criterion]))
    return {criterion: _severities(own, shrinkage) for criterion, own in votes.items()}


def without_severity(study: Study, severities: Severities | None = None) -> Study:
    """The study with each rating less its rater's severity, within [0, 1]; the same one without rater ids.

    Give severities that were fitted on training items only where other items are to be predicted; None fits
    them on the study itself. A rater who is not among them is taken as neither severe nor mild.
    """
    known = severities_of(study.items) if severities is None else severities
    if not any(known.values()):
        return study
    return replace(study, items=tuple(_corrected(item, known) for item in study.items))


def _severities(
    votes: Sequence[tuple[tuple[str, ...], tuple[float, ...]]], shrinkage: float
) -> dict[str, float]:
    """Ridge solution with the items' worths eliminated: (Z'MZ + shrinkage I) s = -Z'My, M centring items.

    Then centred over ratings, not over raters: who rates most sets the scale, and the mean rating stays.
    """
    names = sorted({rater for raters, _ in votes for rater in raters})
    place = {name: k for k, name in enumerate(names)}
    normal = shrinkage * np.eye(len(names))
    below, shared = np.zeros(len(names)), np.zeros(len(names))
    for raters, ratings in votes:
        own: NDArray[np.intp] = np.array([place[r] for r in raters], dtype=np.intp)
        values = np.array(ratings)
        normal[own, own] += 1.0
        normal[np.ix_(own, own)] -= 1.0 / own.size
        below[own] += values.mean() - values
        shared[own] += own.size > 1
    solved = np.linalg.solve(normal, below)
    if shared.any():
        solved[shared > 0] -= np.average(solved, weights=shared)
    return dict(zip(names, solved.tolist(), strict=True))


def _corrected(item: RatedItem, severities: Severities) -> RatedItem:
    ratings = dict(item.ratings)
    for criterion, raters in item.raters.items():
        own = severities.get(criterion, {})
        ratings[criterion] = tuple(
            min(max(value + own.get(rater, 0.0), 0.0), 1.0)
            for value, rater in zip(item.ratings[criterion], raters, strict=True)
        )
    return replace(item, ratings=ratings)
