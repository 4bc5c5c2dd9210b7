"""What a panel has to beat: simpler scores of the same items, calibrated on the same rated items. numpy only.

So that none is a straw man: a judge that clearly scores the other way is turned round for every rival alike;
curves are the product's own (isotonic, drawn to a line where ratings are few); and a rival is ranked by what
it said before calibration, so that ties which a curve makes cost it nothing.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.agreement import spearman
from moa_scorer.learning.protocol.dawid_skene import one_coin
from moa_scorer.learning.protocol.findings import (
    BEST,
    CONSTANT,
    DAWID_SKENE,
    LENGTH,
    MAJORITY,
    MEAN,
    MEDIAN,
    RIDGE,
    RIDGE_MEASURES,
    Z_MEAN,
)
from moa_scorer.learning.protocol.lesson import (
    Lesson,
    Said,
    around,
    calibrated,
    cross_fitted,
    mean_of,
    median_of,
    z_mean_of,
)
from moa_scorer.learning.protocol.ridge import ridge

Array = NDArray[np.float64]
Index = NDArray[np.intp]

MIDDLE: Final = 0.5
"""Score from which a judge is for yes."""

Rival = Callable[[Lesson], Said]


def constant(lesson: Lesson) -> Said:
    """The mean rating."""
    return calibrated(lesson, np.zeros(len(lesson.scores)))


def best_single(lesson: Lesson) -> Said:
    """The judge that orders the rated items best; its gaps count as no order."""
    scores = lesson.oriented()
    k = int(np.argmax([_rho(scores[lesson.train, k], lesson.target) for k in range(scores.shape[1])]))
    return calibrated(lesson, scores[:, k], judge=lesson.judges[k])


def _rho(scores: Array, target: Array) -> float:
    here = ~np.isnan(scores)
    found = spearman(scores[here], target[here])
    return found * float(here.mean()) if np.isfinite(found) else -1.0


def mean(lesson: Lesson) -> Said:
    """The mean of the judges that answered (Verga et al. 2024, PoLL)."""
    return calibrated(lesson, mean_of(lesson.oriented()))


def z_mean(lesson: Lesson) -> Said:
    """The mean of the judges, each in units of its own spread over all items."""
    return calibrated(lesson, z_mean_of(lesson.oriented()))


def median(lesson: Lesson) -> Said:
    """The median of the judges that answered."""
    return calibrated(lesson, median_of(lesson.oriented()))


def length(lesson: Lesson) -> Said:
    """The number of words, rising or falling as it does on the rated items."""
    words = lesson.words[lesson.train]
    return calibrated(lesson, lesson.words, sign=-1 if spearman(words, lesson.target) < 0 else 1)


def votes_of(lesson: Lesson) -> Array:
    """1 where a judge is for yes, 0 where it is not, NaN where it says nothing."""
    scores = lesson.oriented()
    result: Array = np.where(np.isnan(scores), np.nan, (scores >= MIDDLE).astype(float))
    return result


def majority(lesson: Lesson) -> Said:
    """The share of the judges that are for yes."""
    return calibrated(lesson, mean_of(votes_of(lesson)))


def dawid_skene(lesson: Lesson) -> Said:
    """One-coin Dawid-Skene over all items, the ratings of the rated ones known."""
    votes = votes_of(lesson)
    known = np.full(len(votes), np.nan)
    known[lesson.train] = lesson.target
    log_odds = one_coin(votes, known)
    return calibrated(lesson, log_odds)


def stack(lesson: Lesson, *, measures: bool) -> Said:
    """Ridge regression on every judge x criterion, and on the measures where asked for."""
    columns = np.hstack([lesson.columns, lesson.measures]) if measures else lesson.columns
    own, new = columns[lesson.train], columns[lesson.new]
    value = ridge(own, lesson.target, lesson.groups, new)

    def without(fit: Index, rest: Index) -> Array:
        return ridge(own[fit], lesson.target[fit], [lesson.groups[i] for i in fit], own[rest]).clip(0.0, 1.0)

    lower, upper = around(value.clip(0.0, 1.0), cross_fitted(lesson, without), lesson)
    return Said(order=value, value=value.clip(0.0, 1.0), lower=lower, upper=upper)


def rivals_for(lesson: Lesson) -> Mapping[str, Rival]:
    """The rivals that make sense for such items, by name."""
    found: dict[str, Rival] = {CONSTANT: constant}
    if lesson.judges:
        found |= {BEST: best_single, MEAN: mean, Z_MEAN: z_mean, MEDIAN: median}
        found[RIDGE] = partial(stack, measures=False)
    if lesson.measures.shape[1]:
        found[RIDGE_MEASURES] = partial(stack, measures=True)
    if np.ptp(lesson.words) > 0:
        found[LENGTH] = length
    if lesson.binary and lesson.judges:
        found |= {MAJORITY: majority, DAWID_SKENE: dawid_skene}
    return found


def unrated(lesson: Lesson) -> Mapping[str, Said]:
    """What can be said without any rating: orders, no values. `train` and `target` are empty."""
    scores = lesson.scores
    orders = {MEAN: mean_of(scores), Z_MEAN: z_mean_of(scores), MEDIAN: median_of(scores)}
    if lesson.binary:
        orders[MAJORITY] = mean_of(votes_of(lesson))
    if np.ptp(lesson.words) > 0:
        orders[LENGTH] = lesson.words
    return {name: _only_ordered(lesson, order) for name, order in orders.items()}


def _only_ordered(lesson: Lesson, order: Array) -> Said:
    new = order[lesson.new]
    filled = np.where(np.isnan(new), np.nanmedian(new), new)
    nothing = np.full(new.size, np.nan)
    return Said(order=filled, value=nothing, lower=nothing, upper=nothing)
