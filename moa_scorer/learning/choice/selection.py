"""Which judges to ask: a panel chosen by value per cost, and its worth on items it was not chosen on."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.fit import Origin, fit, with_overall
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import RatedTable, judge_of
from moa_scorer.domain.rubric import Criterion
from moa_scorer.learning.agreement import spearman
from moa_scorer.learning.choice.forward import Path, forward
from moa_scorer.learning.choice.frontier import Point, efficient
from moa_scorer.learning.choice.held_out import fused_scores
from moa_scorer.learning.choice.worth import Evidence, Mean, evidence_of, mean_over_groups, squared_errors
from moa_scorer.learning.study.study import Study, panel_of, rubric_of, table_of

Array = NDArray[np.float64]
Index = NDArray[np.intp]

FOLDS = 5
LEAST_ITEMS = 30
"""Of which a fold's training part still has the 22 that weights need."""
SUGGESTED = "suggested"
BEST = "best single"
EVERYONE = "all judges"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A suggested panel with the evidence for it."""

    path: Path
    """Chosen on all items."""
    points: tuple[Point, ...]
    """The frontier's candidates: suggested, best single, all, the path's beginnings, every judge alone."""
    chosen_in: Mapping[str, float]
    """Judge -> share of the folds whose panel has it."""
    over_everyone: Mean
    """Squared error of all judges less that of the suggested panel, in shares of the ratings' variance."""
    over_best: Mean
    """The same for the best single judge."""
    by_cost: bool
    """Whether every judge's cost is known; else the choice is by value alone."""

    @property
    def panel(self) -> tuple[str, ...]:
        """The suggested judges, the most valuable for its cost first."""
        return self.path.panel

    def point(self, name: str) -> Point:
        """The point of that name; raises KeyError."""
        for point in self.points:
            if point.name == name:
                return point
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What one choice did on one fold's test items."""

    squared: Array
    agreement: float
    cost: float | None
    size: int


def select(
    study: Study,
    *,
    seed: int = 0,
    budget: float = math.inf,
    progress: Callable[[], None] = lambda: None,
) -> Selection:
    """Chooses a panel on all items, and again without each of five grouped folds to see its worth.

    `budget` is in the unit of `study.micro_usd`, or a number of judges where costs are not known. `progress`
    is called six times. Raises ValueError where too few items are rated, or all are of one group.
    """
    if len(study.items) < LEAST_ITEMS:
        raise ValueError(
            f"{study.name}: {len(study.items)} rated items are too few to choose judges; rate {LEAST_ITEMS}"
        )
    table = table_of(study, measures=False)
    costs = known_costs(study)
    snapshot = fitted(study, table, seed)
    path = forward(evidence_of(snapshot), costs, budget=budget)
    progress()
    folds = group_folds(table.groups, FOLDS, seed)
    runs, chosen = [], Counter[str]()
    for fold in range(int(folds.max()) + 1):
        train, test = table.take(np.flatnonzero(folds != fold)), table.take(np.flatnonzero(folds == fold))
        own, seen = _run(study, train, test, costs, budget=budget, seed=seed)
        runs.append(seen)
        chosen.update(own.panel)
        progress()
    groups = _numbers(table, folds)
    variance = float(np.var(with_overall(table, rubric_of(study))[OVERALL]))
    return Selection(
        path=path,
        points=efficient([_point(name, runs, _judges(name, path, study), snapshot) for name in runs[0]]),
        chosen_in={j: chosen[j] / len(runs) for j in study.judges},
        over_everyone=_difference(EVERYONE, runs, groups, variance),
        over_best=_difference(BEST, runs, groups, variance),
        by_cost=costs is not None,
    )


def known_costs(study: Study) -> dict[str, float] | None:
    """Judge -> cost of an item; None when a judge's cost is not known, so that none is taken for free."""
    if any(j not in study.micro_usd for j in study.judges):
        return None
    return {j: study.micro_usd[j] for j in study.judges}


def fitted(study: Study, table: RatedTable, seed: int) -> Snapshot:
    """A snapshot of the overall alone, without a surface, with every rated item kept: what judges are worth
    to the weights, in a fraction of the time."""
    rubric = rubric_of(study)
    return fit(
        replace(table, targets={OVERALL: with_overall(table, rubric)[OVERALL]}),
        rubric=replace(rubric, criteria=(Criterion(name=OVERALL, description="the rubric's weighted mean"),)),
        kinds=(study.kind or study.name,),
        languages=(study.language,) if study.language else (),
        panel=panel_of(study),
        judge_revisions={},
        seed=seed,
        origin=Origin(created="", code=""),
        reservoir=table.items,
        surface=False,
    )


def _run(
    study: Study,
    train: RatedTable,
    test: RatedTable,
    costs: Mapping[str, float] | None,
    *,
    budget: float,
    seed: int,
) -> tuple[Path, dict[str, _Seen]]:
    """Chooses on the training items; says of the test items what every choice does."""
    snapshot = fitted(study, train, seed)
    evidence = evidence_of(snapshot)
    path = forward(evidence, costs, budget=budget)
    choices = _choices(study, path, evidence)
    target = with_overall(test, rubric_of(study))[OVERALL]
    seen = {}
    for name, judges in choices.items():
        score = fused_scores(snapshot, judges, test)
        cost = None if costs is None else sum(costs[j] for j in judges)
        squared = (target - score) ** 2
        seen[name] = _Seen(squared=squared, agreement=_order(score, target), cost=cost, size=len(judges))
    return path, seen


def _choices(study: Study, path: Path, evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Name of a point -> judges, as one fold chooses them."""
    alone = {j: float(squared_errors(evidence, (j,)).mean()) for j in study.judges}
    order = [step.judge for step in path.steps]
    return {
        SUGGESTED: path.panel,
        BEST: (min(study.judges, key=lambda j: alone[j]),),
        EVERYONE: study.judges,
        **{f"first {n}": tuple(order[:n]) for n in range(2, len(order) + 1)},
        **{judge: (judge,) for judge in study.judges},
    }


def _judges(name: str, path: Path, study: Study) -> tuple[str, ...]:
    """The judges of a point as chosen on all items; of the best single judge none: folds may differ."""
    order = tuple(step.judge for step in path.steps)
    if name.startswith("first ") and name not in study.judges:
        return order[: int(name.removeprefix("first "))]
    return {SUGGESTED: path.panel, EVERYONE: study.judges, BEST: ()}.get(name, (name,))


def _order(score: Array, target: Array) -> float:
    """Spearman; scores that are all the same have no order to agree with: 0."""
    return spearman(score, target) if float(np.ptp(score)) > 0 else 0.0


def _point(
    name: str, runs: Sequence[Mapping[str, _Seen]], judges: tuple[str, ...], snapshot: Snapshot
) -> Point:
    seen = [run[name] for run in runs if name in run]
    costs = [s.cost for s in seen if s.cost is not None]
    return Point(
        name=name,
        judges=judges,
        cost=float(np.mean(costs)) if len(costs) == len(seen) else None,
        error=math.sqrt(float(np.concatenate([s.squared for s in seen]).mean())),
        agreement=float(np.nanmean([s.agreement for s in seen])),
        votes=_votes(snapshot, judges),
        size=float(np.mean([s.size for s in seen])),
    )


def _votes(snapshot: Snapshot, judges: Sequence[str]) -> float | None:
    mask = tuple(k for k, c in enumerate(snapshot.columns) if judge_of(c.name) in set(judges))
    return fit_mask(snapshot, mask).votes if len(judges) > 1 and mask else None


def _numbers(table: RatedTable, folds: Index) -> Index:
    """The group's number of every item, in the order of the folds' test items."""
    _, groups = np.unique(np.asarray(table.groups), return_inverse=True)
    return np.concatenate([groups[folds == f] for f in range(int(folds.max()) + 1)])


def _difference(other: str, runs: Sequence[Mapping[str, _Seen]], groups: Index, variance: float) -> Mean:
    gaps = np.concatenate([run[other].squared - run[SUGGESTED].squared for run in runs])
    return mean_over_groups(gaps / variance, groups)
