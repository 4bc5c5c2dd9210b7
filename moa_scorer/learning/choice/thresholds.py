"""From an error that somebody is willing to make to the thresholds of a policy, with a bound.

Fixed-sequence testing (Angelopoulos et al. 2021, Learn then Test): thresholds are tried from the safest on,
each by an exact binomial test, until the first that cannot be shown to keep its error. Both errors share the
doubt, so that both bounds hold together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.conformal import effective_items
from moa_scorer.learning.choice.bounds import least_trials, surely_at_most, upper_bound

Array = NDArray[np.float64]

GRID = 100
"""Thresholds are hundredths: what a person writes into a policy."""


class Side(StrEnum):
    """Which decision a threshold makes."""

    REJECT = "reject"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """Items with what the product says of them and what people say; arrays over the same items."""

    low: Array
    """What a rule of acceptance compares: the score, or the interval's lower bound; NaN = people look."""
    high: Array
    """What a rule of rejection compares: the score, or the interval's upper bound; NaN = people look."""
    good: NDArray[np.bool_]
    """Whether people find the item good enough."""
    groups: NDArray[np.intp]
    spread: Array
    """The score; NaN = none. How alike it is within groups says how many items they are worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One side of the policy: a threshold with its bound, or how many ratings it would take."""

    side: Side
    allowed: float
    """The error that may be made: share of the good items that are rejected, or of the others accepted."""
    threshold: float | None
    """Reject below it, accept from it on; None = the ratings cannot support any."""
    seen: float
    """The error on the rated items at this threshold; 0 where there is none."""
    bound: float
    """The error is at most this with the stated confidence; 1 where there is no threshold."""
    decided: float
    """Share of all items that this side decides."""
    wrong: float
    """Share of what it decides that it decides wrongly; NaN where it decides nothing."""
    trials: int
    """Independent items that could show the error: good ones for a rejection, others for an acceptance."""
    needed: int
    """Rated items of this kind below which no threshold can be supported, however good the scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What to write into a policy."""

    reject: Threshold
    accept: Threshold
    confidence: float
    """With which both bounds hold together."""
    review: float
    """Share of all items that are left to people."""
    items: int
    good: float
    """Share of the rated items that people find good enough."""


def pick_thresholds(
    judged: Judged, *, false_rejects: float, false_accepts: float, confidence: float
) -> Thresholds:
    """The thresholds that decide most while both errors stay within bounds.

    Rates and confidence lie in (0, 1). Where both sides claim the same scores, they meet in the middle, which
    makes neither error larger. Raises ValueError without any item.
    """
    if judged.good.size == 0:
        raise ValueError("no rated items")
    doubt = (1 - confidence) / 2
    below = _last_supported(judged, Side.REJECT, false_rejects, doubt)
    above = _last_supported(judged, Side.ACCEPT, false_accepts, doubt)
    if below is not None and above is not None and below > above:
        below = above = math.floor((below + above) / 2 * GRID) / GRID
    reject = _described(judged, Side.REJECT, false_rejects, below, doubt)
    accept = _described(judged, Side.ACCEPT, false_accepts, above, doubt)
    return Thresholds(
        reject=reject,
        accept=accept,
        confidence=confidence,
        review=1 - reject.decided - accept.decided,
        items=judged.good.size,
        good=float(judged.good.mean()),
    )


def _last_supported(judged: Judged, side: Side, allowed: float, doubt: float) -> float | None:
    """The last threshold before the first whose error may be too large; None = not even the safest."""
    concerned = _concerned(judged, side)
    worth = _worth(judged, concerned)
    found = None
    for threshold in _grid(side):
        share = float(_decides(judged, side, threshold)[concerned].mean()) if concerned.any() else 1.0
        if not surely_at_most(share * worth, worth, allowed, doubt):
            break
        found = threshold
    return found


def _described(
    judged: Judged, side: Side, allowed: float, threshold: float | None, doubt: float
) -> Threshold:
    concerned = _concerned(judged, side)
    worth = _worth(judged, concerned)
    none = np.zeros(judged.good.size, dtype=bool)
    decides = none if threshold is None else _decides(judged, side, threshold)
    seen = float(decides[concerned].mean()) if concerned.any() else 0.0
    return Threshold(
        side=side,
        allowed=allowed,
        threshold=threshold,
        seen=seen,
        bound=1.0 if threshold is None else upper_bound(seen * worth, worth, doubt),
        decided=float(decides.mean()),
        wrong=float(concerned[decides].mean()) if decides.any() else math.nan,
        trials=worth,
        needed=math.ceil(least_trials(allowed, doubt) * judged.good.size / max(worth, 1)),
    )


def _concerned(judged: Judged, side: Side) -> NDArray[np.bool_]:
    """The items on which the side can err."""
    return judged.good if side is Side.REJECT else ~judged.good


def _decides(judged: Judged, side: Side, threshold: float) -> NDArray[np.bool_]:
    """Comparisons with NaN are false: people look."""
    result: NDArray[np.bool_] = judged.high < threshold if side is Side.REJECT else judged.low >= threshold
    return result


def _grid(side: Side) -> Sequence[float]:
    """From the safest threshold on: nothing is below 0.01 or from 1 on to speak of."""
    steps = range(1, GRID + 1)
    return [k / GRID for k in (steps if side is Side.REJECT else reversed(steps))]


def _worth(judged: Judged, concerned: NDArray[np.bool_]) -> int:
    """How many independent items the concerned ones are worth: groups of like scores err together."""
    known = concerned & ~np.isnan(judged.spread)
    if not known.any():
        return 0
    effective = effective_items(judged.spread[known], judged.groups[known])
    return math.floor(effective * float(concerned.sum()) / float(known.sum()))
