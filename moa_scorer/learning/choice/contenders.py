"""Panels and single judges side by side on the same held-out items: error, agreement, and what they cost."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.agreement import spearman
from moa_scorer.learning.choice.forward import MOST, forward
from moa_scorer.learning.choice.held_out import fused_scores
from moa_scorer.learning.choice.selection import fitted
from moa_scorer.learning.choice.worth import Evidence, Mean, evidence_of, mean_over_groups
from moa_scorer.learning.study.study import Study, rubric_of, table_of

Array = NDArray[np.float64]

FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A panel, or how one is chosen on training folds."""

    name: str
    pool: tuple[str, ...]
    """Judges that it may ask."""
    chosen: bool = False
    """Whether judges are chosen from the pool by forward selection; else all of it is asked."""
    most: int = MOST
    """Judges that a choice may have."""
    budget: float = math.inf
    """Most that a choice may cost an item, in the unit of the costs."""
    by_cost: bool = False
    """Whether it chooses by value per cost; else by value alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a contender did on items that it was neither chosen nor calibrated on."""

    name: str
    size: float
    """Mean number of judges over folds."""
    cost: float | None
    """Mean cost of an item over folds; None = not known."""
    error: float
    """Root mean squared error of the overall mapped to [0, 1]."""
    agreement: float
    """Spearman with the ratings, averaged over folds."""
    accuracy: float
    """Share of the items that are on the ratings' side of the middle."""
    less: Mapping[str, Mean]
    """Another contender -> its squared error less this one's, in shares of the ratings' variance."""
    asked: Mapping[str, float]
    """Judge -> share of the folds in which it was asked; without those that never were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    judges: tuple[str, ...]
    score: Array
    target: Array


def stand(
    study: Study,
    contenders: Sequence[Contender],
    costs: Mapping[str, float],
    *,
    against: Sequence[str],
    seed: int = 0,
    progress: Callable[[], None] = lambda: None,
) -> tuple[Standing, ...]:
    """Every contender over five grouped folds, compared with those named `against`; `progress` once a fold.

    Costs may lack judges: whoever asks them has no known cost. Judges without one are never chosen by cost or
    within a budget.
    """
    table = table_of(study, measures=False)
    folds = group_folds(table.groups, FOLDS, seed)
    runs: dict[str, list[_Run]] = {c.name: [] for c in contenders}
    for fold in range(int(folds.max()) + 1):
        train, test = table.take(np.flatnonzero(folds != fold)), table.take(np.flatnonzero(folds == fold))
        for name, run in _fold(study, contenders, costs, train, test, seed).items():
            runs[name].append(run)
        progress()
    _, numbers = np.unique(np.asarray(table.groups), return_inverse=True)
    groups = np.concatenate([numbers[folds == f] for f in range(int(folds.max()) + 1)])
    return tuple(_standing(name, runs, against, costs, groups) for name in runs)


def _fold(
    study: Study,
    contenders: Sequence[Contender],
    costs: Mapping[str, float],
    train: RatedTable,
    test: RatedTable,
    seed: int,
) -> dict[str, _Run]:
    snapshot = fitted(study, train, seed)
    evidence = evidence_of(snapshot)
    target = with_overall(test, rubric_of(study))[OVERALL]
    found = {}
    for contender in contenders:
        judges = _judges(contender, evidence, costs)
        score = fused_scores(snapshot, judges, test)
        found[contender.name] = _Run(judges=judges, score=score, target=target)
    return found


def _judges(contender: Contender, evidence: Evidence, costs: Mapping[str, float]) -> tuple[str, ...]:
    """Whom the contender asks; choices are made on the evidence of the training items alone."""
    if not contender.chosen:
        return contender.pool
    priced = contender.by_cost or math.isfinite(contender.budget)
    pool = [j for j in contender.pool if j in costs or not priced]
    own = replace(evidence, owners={j: evidence.owners[j] for j in pool if j in evidence.owners})
    return forward(
        own,
        {j: costs[j] for j in pool} if priced else None,
        budget=contender.budget,
        most=contender.most,
    ).panel


def _standing(
    name: str,
    everybody: Mapping[str, Sequence[_Run]],
    against: Sequence[str],
    costs: Mapping[str, float],
    groups: NDArray[np.intp],
) -> Standing:
    runs = everybody[name]
    target, score = _joined(runs)
    squared = (target - score) ** 2
    less = {a: ((target - _joined(everybody[a])[1]) ** 2 - squared) / float(target.var()) for a in against}
    asked = Counter(j for run in runs for j in run.judges)
    priced = all(j in costs for j in asked)
    return Standing(
        name=name,
        size=float(np.mean([len(run.judges) for run in runs])),
        cost=float(np.mean([sum(costs[j] for j in run.judges) for run in runs])) if priced else None,
        error=math.sqrt(float(squared.mean())),
        agreement=float(np.nanmean([_order(run) for run in runs])),
        accuracy=float(((score >= 0.5) == (target >= 0.5)).mean()),
        less={other: mean_over_groups(gap, groups) for other, gap in less.items()},
        asked={j: n / len(runs) for j, n in asked.most_common()},
    )


def _joined(runs: Sequence[_Run]) -> tuple[Array, Array]:
    """(ratings, scores) of all folds."""
    return np.concatenate([r.target for r in runs]), np.concatenate([r.score for r in runs])


def _order(run: _Run) -> float:
    """Spearman; scores that are all the same have no order to agree with: 0."""
    return spearman(run.score, run.target) if float(np.ptp(run.score)) > 0 else 0.0
