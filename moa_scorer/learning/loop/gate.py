"""May a candidate snapshot take over? Both are measured on a random audit that neither was fitted on.

The audit is drawn at random from what was scored, so it also holds what nobody reviews: ratings that come
from reviews let a confidently wrong group pass unseen.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.conformal import effective_items
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import Array, RatedTable
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.learning.predict import predict

TOLERANCE = 0.01
"""The candidate's RMSE may be worse by this share of the parent's."""
CONFIDENCE = 0.9
"""Of the one-sided bound of the paired difference."""
BAND = 0.95
"""Probability of the binomial band around the stated coverage."""
GROUP_ITEMS = 30
"""Items of a group from which it is looked at by itself."""
GROUP_TOLERANCE = 0.05
"""A group may be worse by this share; beyond it the gate closes, unless it may well be chance."""
LEAST_ITEMS = 50
"""Audited items below which nothing is decided."""
POWER = 0.8
"""Probability with which an equal candidate should pass at the size that is asked for."""

Mask = NDArray[np.bool_]


class Outcome(StrEnum):
    """What the gate says."""

    PASS = "pass"
    """The candidate may be promoted."""
    FAIL = "fail"
    """The candidate is worse."""
    UNDECIDED = "undecided"
    """Nothing speaks against the candidate, and the audit is too small to say that it is not worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The candidate's RMSE against the parent's, paired on the same items."""

    items: int
    before: float
    """RMSE of the parent."""
    after: float
    relative: float
    """after / before - 1."""
    error: float
    """Standard error of `relative`, items of a source document taken together."""

    def bound(self, side: int) -> float:
        """The one-sided `CONFIDENCE` bound: upper for side 1, lower for side -1."""
        return self.relative + side * NormalDist().inv_cdf(CONFIDENCE) * self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What was measured, and the answer."""

    outcome: Outcome
    reasons: tuple[str, ...]
    """Why it is not a pass, a sentence each; empty for a pass."""
    overall: Change
    groups: Mapping[str, Change]
    """Group of at least `GROUP_ITEMS` items -> its change."""
    valid: int
    """Items for which the candidate states an interval."""
    covered: int
    """Of those, items whose mean rating it holds."""
    band: tuple[int, int]
    """Fewest and most covered items that the stated coverage makes likely."""
    unscored: tuple[int, int]
    """Items without a score, of the parent and of the candidate."""
    needed: int
    """Audited items at which an equal candidate that differs as much as this one would pass."""


def gate(
    parent: Snapshot,
    candidate: Snapshot,
    audit: RatedTable,
    rubric: Rubric,
    panel: Panel,
    *,
    kind: str,
    language: str = "en",
    groups: Mapping[str, Mask] | None = None,
) -> Gate:
    """Measures both on the audited items; `groups` says which of them belong to what, and may overlap."""
    old, new = (predict(s, audit, rubric, panel, kind=kind, language=language) for s in (parent, candidate))
    target = _overall(audit, rubric)
    errors = old.scores[OVERALL] - target, new.scores[OVERALL] - target
    low, high = new.lower[OVERALL], new.upper[OVERALL]
    stated = ~np.isnan(low)
    covered = int(((low[stated] <= target[stated]) & (target[stated] <= high[stated])).sum())
    return judged(
        errors,
        audit.groups,
        groups or {},
        valid=int(stated.sum()),
        covered=covered,
        coverage=candidate.coverage,
        fitted=min(candidate.worth, candidate.groups),
        worth=_worth((low <= target) & (target <= high), stated, audit.groups),
    )


def judged(
    errors: tuple[Array, Array],
    documents: Sequence[str],
    groups: Mapping[str, Mask],
    *,
    valid: int,
    covered: int,
    coverage: float,
    fitted: int,
    worth: float = 1.0,
) -> Gate:
    """The gate on errors (parent's, candidate's; NaN = unscored) of audited items of these documents.

    `coverage` is stated after so many `fitted` independent items; `worth` is the share of independent items
    in an audited one.
    """
    old, new = errors
    scored = ~np.isnan(old) & ~np.isnan(new)
    overall = change(old[scored], new[scored], np.asarray(documents)[scored])
    parts = {name: own & scored for name, own in groups.items()}
    changes = {
        name: change(old[own], new[own], np.asarray(documents)[own])
        for name, own in parts.items()
        if int(own.sum()) >= GROUP_ITEMS
    }
    band = binomial_band(valid, coverage, fitted, worth)
    unscored = int(np.isnan(old).sum()), int(np.isnan(new).sum())
    worse = [*_worse(overall, changes), *_uncovered(valid, covered, band, unscored)]
    needed = _needed(overall)
    open_questions = _undecided(overall, valid, needed)
    outcome = Outcome.FAIL if worse else Outcome.UNDECIDED if open_questions else Outcome.PASS
    return Gate(
        outcome=outcome,
        reasons=tuple(worse or open_questions),
        overall=overall,
        groups=changes,
        valid=valid,
        covered=covered,
        band=band,
        unscored=unscored,
        needed=needed,
    )


def change(old: Array, new: Array, documents: NDArray[np.str_]) -> Change:
    """The paired change of RMSE from errors of the same items, its standard error by the delta method.

    The mean of log(new) - log(old) squared errors, linearised; sums over a document count as one draw.
    """
    n = old.size
    if n == 0:
        return Change(items=0, before=math.nan, after=math.nan, relative=math.nan, error=math.nan)
    before, after = float(np.mean(old**2)), float(np.mean(new**2))
    if before == 0:
        same = after == 0
        relative, error = (0.0, 0.0) if same else (math.inf, math.nan)
        return Change(items=n, before=0.0, after=math.sqrt(after), relative=relative, error=error)
    ratio = math.sqrt(after / before)
    if after == 0:
        return Change(items=n, before=math.sqrt(before), after=0.0, relative=-1.0, error=0.0)
    influence = 0.5 * ratio * (new**2 / after - old**2 / before) / n
    _, place = np.unique(documents, return_inverse=True)
    sums = np.bincount(place, influence)
    small = sums.size / max(sums.size - 1, 1)
    error = math.sqrt(small * float(sums @ sums)) if sums.size > 1 else math.nan
    return Change(items=n, before=math.sqrt(before), after=math.sqrt(after), relative=ratio - 1, error=error)


def binomial_band(count: int, coverage: float, fitted: int, worth: float = 1.0) -> tuple[int, int]:
    """Fewest and most of so many items that are covered with probability `BAND`, each tail half of the rest.

    Beta-binomial: a quantile of `fitted` residuals covers `coverage` on average over fits, not in each (Vovk
    2012). Dependent items (`worth` below 1) widen the band as a normal's would widen.
    """
    below = np.cumsum(np.exp([_log_chance(k, count, coverage, fitted) for k in range(count + 1)]))
    tail = (1 - BAND) / 2
    low, high = int(np.searchsorted(below, tail)), int(np.searchsorted(below, 1 - tail))
    centre, stretch = count * coverage, 1 / math.sqrt(worth)
    wide = math.floor(centre - (centre - low) * stretch), math.ceil(centre + (high - centre) * stretch)
    return max(wide[0], 0), min(wide[1], count)


def _log_chance(k: int, n: int, coverage: float, fitted: int) -> float:
    """log of the beta-binomial probability that k of n items are covered."""
    a, b = coverage * (fitted + 1), (1 - coverage) * (fitted + 1)
    choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return choose + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _overall(audit: RatedTable, rubric: Rubric) -> Array:
    weights = rubric.weights()
    mean: Array = np.average([audit.targets[c] for c in weights], axis=0, weights=list(weights.values()))
    return audit.targets.get(OVERALL, mean)


def _worth(covered: Mask, stated: Mask, documents: Sequence[str]) -> float:
    """How many independent items one of those with an interval is worth, in (0, 1]."""
    if not stated.any():
        return 1.0
    _, numbers = np.unique(np.asarray(documents)[stated], return_inverse=True)
    return effective_items(covered[stated].astype(float), numbers) / int(stated.sum())


def _worse(overall: Change, groups: Mapping[str, Change]) -> Iterator[str]:
    """What shows beyond chance that the candidate is worse than is tolerated."""
    if overall.bound(-1) > TOLERANCE:
        yield f"its error is {_percent(overall)} against the present snapshot's"
    for name, own in groups.items():
        if own.relative > GROUP_TOLERANCE and own.bound(-1) > 0:
            yield f"on the {own.items} items of {name} its error is {_percent(own)}"


def _uncovered(valid: int, covered: int, band: tuple[int, int], unscored: tuple[int, int]) -> Iterator[str]:
    if valid >= LEAST_ITEMS and not band[0] <= covered <= band[1]:
        yield f"its intervals hold {covered} of {valid} ratings, and {band[0]} to {band[1]} would be right"
    if unscored[1] > unscored[0]:
        yield f"it leaves {unscored[1]} items without a score, the present snapshot {unscored[0]}"


def _undecided(overall: Change, valid: int, needed: int) -> list[str]:
    """Why nothing can be said yet."""
    if overall.items < LEAST_ITEMS:
        return [f"{overall.items} audited items are scored, and at least {LEAST_ITEMS} are needed"]
    found = []
    if valid < LEAST_ITEMS:
        found.append(f"it states an interval for {valid} audited items, and {LEAST_ITEMS} are needed")
    if not overall.bound(1) <= TOLERANCE:
        found.append(
            f"its error is {_percent(overall)}, and might be {overall.bound(1):+.1%}: about {needed} audited "
            "items would tell"
        )
    return found


def _percent(found: Change) -> str:
    return f"{found.relative:+.1%}"


def _needed(overall: Change) -> int:
    """Items at which the bound of an equal candidate stays within the tolerance with probability `POWER`."""
    if not math.isfinite(overall.error):
        return LEAST_ITEMS
    spread = NormalDist().inv_cdf(CONFIDENCE) + NormalDist().inv_cdf(POWER)
    return max(math.ceil(overall.items * (overall.error * spread / TOLERANCE) ** 2), LEAST_ITEMS)
