"""`make cascade`: what stopping early saves on recorded judges, and what it changes.

Reads ../shared/data, which the product does not ship; writes deploy/snapshots/CASCADE.md.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from moa_scorer.app.studies.cascade_tables import Found, cascade_markdown
from moa_scorer.app.studies.claim_tasks import Task, costs_of, prices_of
from moa_scorer.app.studies.recorded import SEED, SNAPSHOTS, run_study
from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.rubric import Criterion
from moa_scorer.domain.verdict import Decision
from moa_scorer.learning.choice.cascade import decision_use, score_use, selective
from moa_scorer.learning.choice.forward import forward
from moa_scorer.learning.choice.selection import fitted
from moa_scorer.learning.choice.tiers import FOLDS, Tiered, Tiers, tiered
from moa_scorer.learning.choice.worth import Evidence, evidence_of
from moa_scorer.learning.study.study import panel_of, rubric_of, table_of
from moa_scorer.providers.prices import PriceTable

ENDS: Final = (4, 6, 8, 10)
"""Judges asked up to each tier but the last, which is everybody else."""
CHEAP: Final = 0.1
"""Of the strong judge's cost: what the first tier of the selective mode may cost."""
ERROR: Final = 0.05
CONFIDENCE: Final = 0.9
AGREEMENT: Final = 0.8
GOOD_FROM: Final = {"summeval": 0.75, "llmbar": 0.5}
"""On people's scale mapped to [0, 1]: 4 of 5 for a summary, the first of two answers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """As `run_study`."""
    return run_study(
        arguments,
        about=__doc__,
        out=SNAPSHOTS / "CASCADE.md",
        steps=2 * FOLDS,
        measured=measured,
        told=lambda found, _: cascade_markdown(found),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """How the judges of a study are put into tiers, by what a fold's own fit says of them."""

    judges: tuple[str, ...]
    costs: Mapping[str, float]

    def by_value(self, snapshot: Snapshot) -> Tiers:
        """The most valuable first, for all that the judges say beside each other; last whoever is left."""
        steps = forward(evidence_of(snapshot), most=ENDS[-1]).steps
        order = [step.judge for step in steps]
        order += [judge for judge in self.judges if judge not in order]
        cuts = (0, *ENDS, len(order))
        return tuple(tuple(order[a:b]) for a, b in pairwise(cuts))

    def cheap_then_strong(self, snapshot: Snapshot) -> Tiers:
        """The most valuable for their cost that a tenth of the strong judge's pays, then the strong one."""
        strong = self.strong
        evidence = self._priced(evidence_of(snapshot), without=strong)
        cheap = forward(evidence, self.costs, budget=CHEAP * self.costs[strong]).steps
        return (tuple(step.judge for step in cheap), (strong,))

    @property
    def strong(self) -> str:
        """The dearest judge."""
        return max(self.costs, key=lambda judge: self.costs[judge])

    def _priced(self, evidence: Evidence, without: str) -> Evidence:
        owners = {j: own for j, own in evidence.owners.items() if j in self.costs and j != without}
        return replace(evidence, owners=owners)


def measured(task: Task, prices: PriceTable, progress: Callable[[], None]) -> Found:
    """Both uses of the score and the selective mode, for one task."""
    costs = costs_of(task, prices_of(task, prices))
    arrangement = Arrangement(judges=task.study.judges, costs=costs)
    all_in_all = _tiered(task, arrangement.by_value, costs, progress)
    pair = _tiered(task, arrangement.cheap_then_strong, costs, progress)
    policy = two_sided(GOOD_FROM[task.study.name])
    return Found(
        task=task,
        items=all_in_all.items,
        ends=ENDS,
        good_from=GOOD_FROM[task.study.name],
        score=score_use(all_in_all),
        decision=decision_use(all_in_all, policy, error=ERROR, confidence=CONFIDENCE),
        selective=selective(
            pair, policy, strong=costs[arrangement.strong], agreement=AGREEMENT, confidence=CONFIDENCE
        ),
        strong=arrangement.strong,
        confidence=CONFIDENCE,
    )


def two_sided(good_from: float) -> Policy:
    """Accepts from that score on, rejects below."""
    return Policy(
        name="good-enough",
        version=1,
        title="Good enough or not",
        rules=(Rule(test=Test.SCORE_BELOW, threshold=good_from, then=Decision.REJECT),),
        otherwise=Decision.ACCEPT,
        on_unscored=Decision.REVIEW,
    )


def _tiered(
    task: Task,
    tiers_of: Callable[[Snapshot], Tiers],
    costs: Mapping[str, float],
    progress: Callable[[], None],
) -> Tiered:
    """The overall alone, by weights without a surface: as the other tables of recorded judges."""
    study, rubric = task.study, rubric_of(task.study)
    table = table_of(study, measures=False)
    whole = {**table.targets, OVERALL: with_overall(table, rubric)[OVERALL]}
    return tiered(
        replace(table, targets=whole),
        rubric=replace(rubric, criteria=(Criterion(name=OVERALL, description="the whole"),)),
        panel=panel_of(study),
        kind=study.kind or study.name,
        language=study.language or "en",
        fit_on=lambda train: fitted(study, train, SEED),
        tiers_of=tiers_of,
        costs=costs,
        seed=SEED,
        progress=progress,
    )


if __name__ == "__main__":
    sys.exit(main())
