"""Categories (yes, no, not applicable) from judges' votes with no or few ratings: one coin a judge.

One-coin Dawid and Skene (1979): a judge names the true category with its accuracy, any other at random.
Judges share errors (nine of seven families carried about two independent votes), which would make this far
too sure: so the likelihood is tempered, everything that an item's judges say counting as so many votes. Where
nobody rated, a guard looks whether the result still goes with the judges' plurality; where some items are
rated, whether it is better there than the plain shares of the votes. Otherwise the shares are taken.

Tried on recorded judges and lost: where errors are shared, expectation and maximisation to the end follows
the largest clique, tempered or not (accuracy .62 after one step, .51 after fifty; of the majority .63).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array

Votes = NDArray[np.intp]
"""Shape (items, judges): the number of the category, or MISSING."""

MISSING: Final = -1
USUAL_VOTES: Final = 2.0
"""Effective votes of a panel that nobody has measured."""
ROUNDS: Final = 200
"""Most steps of expectation and maximisation of independent judges; the others get one."""
PRIOR_ITEMS: Final = 10.0
"""Accuracies in the rated items are drawn to those in all items as by so many."""
PRIOR_ACCURACY: Final = 0.7
FEW: Final = 4.0
"""Accuracies in all items are drawn to PRIOR_ACCURACY as by so many."""
TIE: Final = 1e-9
"""Two categories nearer than this are tied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coins:
    """What was learnt of the judges."""

    prior: tuple[float, ...]
    """Category -> its share of the items; sums to 1."""
    accuracy: tuple[float, ...]
    """Judge -> probability in (0, 1) that it names the true category; below chance it counts against."""
    votes: float
    """All judges of an item count as this many independent ones, >= 1."""
    why_not: str = ""
    """Why the plain shares of the votes are taken instead; empty = the coins are used."""


def fit_coins(
    votes: Votes, categories: int, *, effective: float = USUAL_VOTES, ratings: Votes | None = None
) -> Coins:
    """The coins of every judge; deterministic.

    `ratings` holds an item's true category or MISSING. Raises ValueError for a vote outside the categories.
    """
    if votes.size and not MISSING <= int(votes.min()) <= int(votes.max()) < categories:
        raise ValueError(f"votes must be numbers of {categories} categories, or {MISSING} where missing")
    prior, accuracy = _unrated(votes, categories, effective)
    why_not = _upside_down(votes, prior, accuracy, effective)
    if ratings is not None and bool((ratings != MISSING).any()):
        rated = ratings != MISSING
        why_not = _worse(votes[rated], ratings[rated], prior, accuracy, effective)
        accuracy = _rated(votes[rated], ratings[rated], accuracy)
    return Coins(
        prior=tuple(np.round(prior, 9).tolist()),
        accuracy=tuple(np.round(accuracy, 9).tolist()),
        votes=effective,
        why_not=why_not,
    )


def probabilities(coins: Coins, votes: Votes) -> Array:
    """Probability of each category, shape (items, categories); NaN where nobody voted on an item."""
    prior, accuracy = np.asarray(coins.prior), np.asarray(coins.accuracy)
    if coins.why_not:
        return shares(votes, prior.size)
    return _posterior(votes, prior, accuracy, coins.votes)


def shares(votes: Votes, categories: int) -> Array:
    """Share of each item's votes for each category, shape (items, categories); NaN where there are none."""
    counts = np.stack([(votes == c).sum(axis=1) for c in range(categories)], axis=1).astype(np.float64)
    total = counts.sum(axis=1, keepdims=True)
    result: Array = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    return result


def decided(chances: Array) -> Votes:
    """The likeliest category of each item; MISSING where two are tied or nothing is known."""
    ordered = np.sort(np.nan_to_num(chances, nan=0.0), axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > TIE
    result: Votes = np.where(clear, np.nan_to_num(chances, nan=0.0).argmax(axis=1), MISSING)
    return result


def _unrated(votes: Votes, categories: int, effective: float) -> tuple[Array, Array]:
    """(prior, accuracy) from what the judges say of each other."""
    votes = votes[(votes != MISSING).any(axis=1)]
    rounds = ROUNDS if effective >= votes.shape[1] else 1
    chances = shares(votes, categories)
    prior, accuracy = np.full(categories, 1 / categories), np.full(votes.shape[1], PRIOR_ACCURACY)
    for _ in range(rounds if votes.size else 0):
        before = accuracy
        prior = (chances.sum(axis=0) + 1.0) / (len(chances) + categories)
        right, count = _right(votes, chances)
        accuracy = (right + FEW * PRIOR_ACCURACY) / (count + FEW)
        if float(np.max(np.abs(accuracy - before))) < 1e-9:
            break
        chances = _posterior(votes, prior, accuracy, effective)
    return prior, accuracy


def _rated(votes: Votes, truth: Votes, accuracy: Array) -> Array:
    """Accuracies in these items, drawn to those given."""
    right, count = (votes == truth[:, None]).sum(axis=0), (votes != MISSING).sum(axis=0)
    result: Array = (right + PRIOR_ITEMS * accuracy) / (count + PRIOR_ITEMS)
    return result


def _rated_without_each(votes: Votes, truth: Votes, accuracy: Array) -> Array:
    """`_rated` of all items but one, for each; shape (items, judges)."""
    right, present = votes == truth[:, None], votes != MISSING
    others, count = right.sum(axis=0) - right, present.sum(axis=0) - present
    result: Array = (others + PRIOR_ITEMS * accuracy) / (count + PRIOR_ITEMS)
    return result


def _right(votes: Votes, chances: Array) -> tuple[Array, Array]:
    """Per judge: how often it names what is thought true, and how often it says anything."""
    present = votes != MISSING
    named = np.take_along_axis(chances, np.where(present, votes, 0), axis=1)
    return np.where(present, named, 0.0).sum(axis=0), present.sum(axis=0).astype(np.float64)


def _posterior(votes: Votes, prior: Array, accuracy: Array, effective: float) -> Array:
    """Prior times tempered likelihood; NaN where nobody voted. Accuracies may differ by item."""
    present = votes != MISSING
    count = present.sum(axis=1)
    heat = np.minimum(effective / np.maximum(count, 1), 1.0)
    gain = np.log(accuracy) - np.log((1.0 - accuracy) / max(prior.size - 1, 1))
    said = np.stack([np.where(votes == c, gain, 0.0).sum(axis=1) for c in range(prior.size)], axis=1)
    log = np.log(prior) + heat[:, None] * said
    chances = np.exp(log - log.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    chances[count == 0] = np.nan
    result: Array = chances
    return result


def _upside_down(votes: Votes, prior: Array, accuracy: Array, effective: float) -> str:
    """Why the coins may be the wrong way round; empty = they are not."""
    if float(accuracy.mean()) <= 1 / prior.size:
        return "most judges would be below chance: the coins may be upside down"
    usual = decided(shares(votes, prior.size))
    found = decided(_posterior(votes, prior, accuracy, effective))
    both = (usual != MISSING) & (found != MISSING)
    if both.any() and float((usual == found)[both].mean()) < 0.5:
        return "the coins would go against what most judges say of most items"
    return ""


def _worse(votes: Votes, truth: Votes, prior: Array, accuracy: Array, effective: float) -> str:
    """Why the shares are better on rated items, each left out of the coins; empty = they are not."""
    known = (votes != MISSING).any(axis=1)
    votes, truth = votes[known], truth[known]
    coined = _posterior(votes, prior, _rated_without_each(votes, truth, accuracy), effective)
    if _brier(coined, truth) <= _brier(shares(votes, prior.size), truth):
        return ""
    return "on the rated items the plain shares of the votes are nearer the truth"


def _brier(chances: Array, truth: Votes) -> float:
    """Mean squared distance from the true category, in [0, 2]."""
    if truth.size == 0:
        return 0.0
    return float(np.mean(np.sum((chances - np.eye(chances.shape[1])[truth]) ** 2, axis=1)))
