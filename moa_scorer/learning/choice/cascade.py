"""What a cascade saves and what it changes, on items that had no part in choosing when it stops.

Whatever is chosen for the items of a fold - judges, tiers, widths, margins - is chosen on the other folds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.domain.policy import Policy
from moa_scorer.domain.verdict import Scored, Verdict
from moa_scorer.learning.choice.bounds import surely_at_most
from moa_scorer.learning.choice.stopping import (
    MARGINS,
    decisions_of,
    ends_of,
    fit_stopping,
    people_decide,
    settled_at,
    worth,
)
from moa_scorer.learning.choice.tiers import Array, Index, Tiered
from moa_scorer.learning.choice.worth import Mean, mean_over_groups

WIDTHS = 41
"""Half-widths of intervals that are tried, from the narrowest seen to any."""
ENOUGH = 30
"""Independent decided items below which a margin is too cautious to be tested, and the next one is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreUse:
    """A cascade that stops where the interval is narrow enough."""

    saved: Mean
    """Share of the calls of judges, against asking all."""
    calls: float
    """Mean calls an item."""
    everybody: float
    """The same where all are asked."""
    error: float
    """Mean absolute error against people, on the scale of [0, 1]."""
    error_of_all: float
    change: Mean
    """Error less the error of all, in shares of the latter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionUse:
    """A cascade that stops where a policy's decision is settled."""

    saved: Mean
    differs: Mean
    """Share of the items that the whole panel would have decided otherwise."""
    wrong: float
    """Share of the items that people's ratings would have decided otherwise."""
    wrong_of_all: float
    """The same where all are asked."""
    error: float
    """What `differs` was allowed."""
    margins: tuple[float | None, ...]
    """As chosen without each fold; None = none was supported, and all were asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selective:
    """A cascade that decides what it is sure of and leaves the rest to people."""

    agreement: Mean
    """Share of the decided items that people's ratings decide alike."""
    decided: Mean
    """Share of all items."""
    cost: float
    """Mean cost of an item, in the unit of the costs."""
    strong: float
    """What the strong judge alone costs an item."""
    margins: tuple[float | None, ...]


def score_use(study: Tiered) -> ScoreUse:
    """The widest interval to stop at whose error, on the other folds, is no larger than that of all."""
    ends = _held_out(study, lambda others, own: _narrow(own, _widest(others)))
    items, last = np.arange(study.items), len(study.verdicts) - 1
    errors = _errors(study)
    early, all_in_all = errors[ends, items], errors[last]
    return ScoreUse(
        saved=_saved(study, ends),
        calls=float(study.calls[ends, items].mean()),
        everybody=float(study.calls[last].mean()),
        error=float(early.mean()),
        error_of_all=float(all_in_all.mean()),
        change=mean_over_groups((early - all_in_all) / float(all_in_all.mean()), study.groups),
    )


def decision_use(study: Tiered, policy: Policy, *, error: float, confidence: float) -> DecisionUse:
    """The smallest margin that the other folds support, fold by fold."""
    margins: list[float | None] = []

    def ends(others: Tiered, own: Tiered) -> Index:
        margins.append(fit_stopping(others, policy, error=error, confidence=confidence).chosen.margin)
        return ends_of(own, policy, margins[-1])

    found = _held_out(study, ends)
    made, people = decisions_of(study, policy), people_decide(study, policy)
    items = np.arange(study.items)
    return DecisionUse(
        saved=_saved(study, found),
        differs=_mean(made[found, items] != made[-1], study),
        wrong=float((made[found, items] != people).mean()),
        wrong_of_all=float((made[-1] != people).mean()),
        error=error,
        margins=tuple(margins),
    )


def selective(
    study: Tiered, policy: Policy, *, strong: float, agreement: float, confidence: float
) -> Selective:
    """The smallest margin whose decisions surely agree with people's that often, on the other folds."""
    margins: list[float | None] = []
    decided = np.zeros(study.items, dtype=bool)

    def ends(others: Tiered, own: Tiered) -> Index:
        margins.append(_agreeing(others, policy, 1 - agreement, 1 - confidence))
        return ends_of(own, policy, margins[-1])

    found = _held_out(study, ends)
    items = np.arange(study.items)
    for fold, margin in enumerate(margins):
        mine = np.flatnonzero(study.folds == fold)
        decided[mine] = settled_at(study.take(mine), policy, margin)[found[mine], np.arange(mine.size)]
    alike = decisions_of(study, policy)[found, items] == people_decide(study, policy)
    return Selective(
        agreement=mean_over_groups(alike[decided].astype(np.float64), study.groups[decided]),
        decided=_mean(decided, study),
        cost=float(study.costs[found, items].mean()),
        strong=strong,
        margins=tuple(margins),
    )


def _held_out(study: Tiered, ends: Callable[[Tiered, Tiered], Index]) -> Index:
    """By item where it ends; `ends` sees a fold's items beside all others."""
    found = np.zeros(study.items, dtype=np.intp)
    for own, others in _splits(study):
        found[own] = ends(study.take(others), study.take(own))
    return found


def _splits(study: Tiered) -> Iterator[tuple[Index, Index]]:
    for fold in range(int(study.folds.max()) + 1):
        yield np.flatnonzero(study.folds == fold), np.flatnonzero(study.folds != fold)


def _widest(study: Tiered) -> float:
    """The largest half-width at which stopping errs no more than asking all."""
    errors, items = _errors(study), np.arange(study.items)
    found = -1.0
    half = _half_widths(study)
    finite = half[0][np.isfinite(half[0])]
    for width in np.quantile(finite, np.linspace(0, 1, WIDTHS)).tolist() if finite.size else ():
        if errors[_narrow(study, width), items].mean() <= errors[-1].mean():
            found = width
    return found


def _narrow(study: Tiered, width: float) -> Index:
    """By item the first tier whose interval has at most this half-width, else the last."""
    narrow = _half_widths(study) <= width
    narrow[-1] = True
    ends: Index = np.argmax(narrow, axis=0)
    return ends


def _agreeing(study: Tiered, policy: Policy, error: float, doubt: float) -> float | None:
    """The last margin, from the safest on, before the first whose decisions may err too often."""
    found = None
    items, people = np.arange(study.items), people_decide(study, policy)
    made, share = decisions_of(study, policy), worth(study) / study.items
    for margin in MARGINS:
        ends = ends_of(study, policy, margin)
        decided = settled_at(study, policy, margin)[ends, items]
        wrong = (made[ends, items] != people) & decided
        if not surely_at_most(wrong.sum() * share, decided.sum() * share, error, doubt):
            if decided.sum() * share >= ENOUGH:
                break
            continue
        found = margin
    return found


def _errors(study: Tiered) -> Array:
    """Shape (tiers, items): distance of the overall from people's."""
    people = np.array([_score(verdict) for verdict in study.people])
    scores = np.array([[_score(verdict) for verdict in said] for said in study.verdicts])
    result: Array = np.abs(scores - people)
    return result


def _half_widths(study: Tiered) -> Array:
    """Shape (tiers, items); infinite without an interval."""
    return np.array([[_half_width(verdict) for verdict in said] for said in study.verdicts])


def _half_width(verdict: Verdict) -> float:
    interval = verdict.outcome.overall.interval if isinstance(verdict.outcome, Scored) else None
    return np.inf if interval is None else (interval.upper - interval.lower) / 2


def _score(verdict: Verdict) -> float:
    return verdict.outcome.overall.score if isinstance(verdict.outcome, Scored) else np.nan


def _saved(study: Tiered, ends: Index) -> Mean:
    items = np.arange(study.items)
    return mean_over_groups(1 - study.calls[ends, items] / study.calls[-1], study.groups)


def _mean(marks: NDArray[np.bool_], study: Tiered) -> Mean:
    return mean_over_groups(marks.astype(np.float64), study.groups)
