"""Rated items with what each beginning of a cascade says of them, by fits that never saw them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.panel import Layer, Panel, When
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import (
    Certificate,
    CertificateStatus,
    Completion,
    CriterionScore,
    Interval,
    Scored,
    Verdict,
)
from moa_scorer.learning.predict import verdicts

Array = NDArray[np.float64]
Index = NDArray[np.intp]

FOLDS = 5
LEAST_ITEMS = 30
"""Of which a fold's training part still has the 22 that intervals need."""

Tiers = tuple[tuple[str, ...], ...]
"""Judges by tier, the first to be asked first; no judge twice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tiered:
    """A cascade over rated items. The last tier's verdict is the whole panel's."""

    verdicts: tuple[tuple[Verdict, ...], ...]
    """By tier, by item: what the tiers up to this one say."""
    people: tuple[Verdict, ...]
    """By item: the ratings, as if they were scores known exactly."""
    calls: Array
    """Shape (tiers, items): judges asked up to this tier."""
    costs: Array
    """The same in the unit of the costs; NaN where a judge's cost is not known."""
    folds: Index
    groups: Index

    @property
    def items(self) -> int:
        """How many there are."""
        return len(self.people)

    def take(self, items: Index) -> "Tiered":
        """The same of some items only."""
        return Tiered(
            verdicts=tuple(tuple(said[i] for i in items.tolist()) for said in self.verdicts),
            people=tuple(self.people[i] for i in items.tolist()),
            calls=self.calls[:, items],
            costs=self.costs[:, items],
            folds=self.folds[items],
            groups=self.groups[items],
        )


def tiered(
    table: RatedTable,
    *,
    rubric: Rubric,
    panel: Panel,
    kind: str,
    language: str,
    fit_on: Callable[[RatedTable], Snapshot],
    tiers_of: Callable[[Snapshot], Tiers],
    costs: Mapping[str, float] | None = None,
    seed: int = 0,
    progress: Callable[[], None] = lambda: None,
) -> Tiered:
    """Grouped cross-fitted verdicts of every beginning of the cascade; `progress` once for each of 5 folds.

    `tiers_of` arranges the judges of the panel by a fold's own snapshot, or as its tiers say; all folds have
    as many tiers. Raises ValueError for too few items.
    """
    if table.items < LEAST_ITEMS:
        raise ValueError(f"{table.items} rated items are too few for a stopping rule; rate {LEAST_ITEMS}")
    folds = group_folds(table.groups, FOLDS, seed)
    said: dict[int, list[Verdict]] = {}
    spent: dict[int, list[tuple[float, float]]] = {}
    for fold in range(int(folds.max()) + 1):
        snapshot = fit_on(table.take(np.flatnonzero(folds != fold)))
        tiers = tiers_of(snapshot)
        test = np.flatnonzero(folds == fold)
        own = panel if panel.tiers else cascade_of(panel, tiers)
        for asked in _beginnings(tiers):
            found = verdicts(
                snapshot, table.take(test), rubric, own, kind=kind, language=language, asked=asked
            )
            for item, verdict in zip(test.tolist(), found, strict=True):
                said.setdefault(item, []).append(verdict)
                spent.setdefault(item, []).append((len(asked), _cost(asked, costs)))
        progress()
    order = range(table.items)
    each = np.array([spent[i] for i in order])
    return Tiered(
        verdicts=tuple(zip(*(said[i] for i in order), strict=True)),
        people=tuple(people_of(table, rubric)),
        calls=each[:, :, 0].T,
        costs=each[:, :, 1].T,
        folds=folds,
        groups=np.unique(np.asarray(table.groups), return_inverse=True)[1],
    )


def cascade_of(panel: Panel, tiers: Tiers) -> Panel:
    """The panel with its judges in these tiers."""
    layers = tuple(
        Layer(judges=judges, when=When.UNDECIDED if k else When.ALWAYS, reads=False)
        for k, judges in enumerate(tiers)
    )
    return replace(panel, judges=tuple(j for judges in tiers for j in judges), layers=layers)


def people_of(table: RatedTable, rubric: Rubric) -> list[Verdict]:
    """What people say of each item, as a verdict without any doubt."""
    ratings = with_overall(table, rubric)
    names = [name for name in ratings if name != OVERALL]
    return [
        _known(float(ratings[OVERALL][i]), {name: float(ratings[name][i]) for name in names})
        for i in range(table.items)
    ]


def _known(overall: float, criteria: Mapping[str, float]) -> Verdict:
    def exactly(name: str, score: float) -> CriterionScore:
        interval = Interval(lower=score, upper=score, coverage=0.9)
        return CriterionScore(name=name, score=score, value=score, interval=interval)

    return Verdict(
        outcome=Scored(
            overall=exactly(OVERALL, overall),
            criteria=tuple(exactly(name, score) for name, score in criteria.items()),
            certificate=Certificate(status=CertificateStatus.VALID, detail=""),
        ),
        completion=Completion.COMPLETE,
        ballots=(),
        planned=0,
        answered=0,
    )


def _beginnings(tiers: Tiers) -> Sequence[tuple[str, ...]]:
    return [tuple(j for judges in tiers[: k + 1] for j in judges) for k in range(len(tiers))]


def _cost(asked: Sequence[str], costs: Mapping[str, float] | None) -> float:
    return float("nan") if costs is None else sum(costs.get(j, float("nan")) for j in asked)
