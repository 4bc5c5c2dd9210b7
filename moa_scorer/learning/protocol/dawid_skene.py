"""One-coin Dawid-Skene: yes or no by votes whose reliability is learnt with the answers. numpy only."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROUNDS: Final = 50
PSEUDO_RIGHT: Final = 1.3
PSEUDO_WRONG: Final = 0.7
"""Votes that each judge is credited with beforehand: a little better than a coin."""


def one_coin(votes: Array, known: Array) -> Array:
    """Log-odds of yes for each item, one accuracy a judge (Dawid and Skene 1979), by EM.

    `votes` has shape (items, judges), 1 = yes, 0 = no, NaN = none; `known` is 1 or 0 where the answer is
    known and NaN elsewhere. Known answers steer the accuracies; their own log-odds are as if unknown.
    """
    cast = ~np.isnan(votes)
    yes = np.where(cast, votes, 0.0)
    answered = ~np.isnan(known)
    share = np.divide(yes.sum(axis=1), cast.sum(axis=1), out=np.full(len(votes), 0.5), where=cast.any(axis=1))
    belief = np.where(answered, known, share)
    odds = np.zeros(len(votes))
    for _ in range(ROUNDS):
        right = (belief[:, None] * yes + (1 - belief[:, None]) * (cast & (yes == 0))).sum(axis=0)
        accuracy = (right + PSEUDO_RIGHT) / (cast.sum(axis=0) + PSEUDO_RIGHT + PSEUDO_WRONG)
        prior = np.clip(belief.mean(), 0.01, 0.99)
        weight = np.log(accuracy / (1 - accuracy))
        odds = np.log(prior / (1 - prior)) + np.where(cast, 2 * yes - 1, 0.0) @ weight
        belief = np.where(answered, known, 1 / (1 + np.exp(-odds.clip(-30, 30))))
    return odds
