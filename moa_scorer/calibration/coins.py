"""Whom to believe on a question of yes or no before 22 items are rated: one coin a judge.

One-coin Dawid and Skene (1979) with the true answers known: a judge is right with its accuracy, and counts
the log-odds of that. A score between no and yes is right in part. Judges that come out no better than chance
count nothing; which way a judge scores is for its polarity to say.

Of 65 configurations on pairs of answers, 10 rated, the order so weighted has rank correlation .66 with people
(.35 with equal weights), of nine judges of answers to questions .760 (.762), with one of them reversed .759
(.759), with one a coin .741 (.732). Without ratings, accuracies learnt from the judges' agreement lose to the
plain mean: the judges share their errors (.33 and .760, the mean of votes has .34 and .765).
"""

import math
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from moa_scorer.calibration.propensity import mean_of
from moa_scorer.calibration.table import Array

PRIOR_ACCURACY: Final = 0.6
PRIOR_ITEMS: Final = 10.0
"""Accuracies are drawn to that before any rating as by so many."""
UNSEEN: Final = round(math.log(PRIOR_ACCURACY / (1.0 - PRIOR_ACCURACY)), 6)
"""Log-odds of a judge that said nothing on a rated item."""


def fit_coins(scores: Mapping[str, Array], target: Array, counts: Array | None) -> dict[str, float]:
    """Judge -> log-odds, at least 0, that it is right.

    `scores` are per item in [0, 1], higher = yes, NaN = none. Empty where the ratings are not yes (1) or no
    (0), or all alike: whoever always says the same would seem right.
    """
    if not np.isin(target, (0.0, 1.0)).all() or np.ptp(target) == 0:
        return {}
    return {judge: _coin(own, target, counts) for judge, own in scores.items()}


def shares_of(judges: Iterable[str], coins: Mapping[str, float]) -> dict[str, float]:
    """Judge -> its share in the order; they sum to 1. All alike without coins or where none counts."""
    known = {judge: coins.get(judge, UNSEEN) for judge in judges}
    total = math.fsum(known.values())
    if not coins or total <= 0:
        return dict.fromkeys(known, 1.0 / len(known))
    return {judge: weight / total for judge, weight in known.items()}


def _coin(scores: Array, target: Array, counts: Array | None) -> float:
    right = 1.0 - np.abs(scores.clip(0.0, 1.0) - target)
    here = ~np.isnan(right)
    weights = np.ones(int(here.sum())) if counts is None else counts[here]
    items = float(weights.sum())
    named = items * mean_of(right[here], weights) if items > 0 else 0.0
    accuracy = (named + PRIOR_ITEMS * PRIOR_ACCURACY) / (items + PRIOR_ITEMS)
    return round(max(math.log(accuracy / (1.0 - accuracy)), 0.0), 6)
