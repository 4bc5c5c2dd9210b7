"""A snapshot of somebody's own judges, on scales of their own, and its items' ballots."""

from dataclasses import replace

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable, Scale
from moa_scorer.domain.raw_ballot import RawBallot, RawScore
from tests.fakes.ratings import fitted, simulate

SCALES = {"ann": Scale(low=1.0, high=5.0), "bob": Scale(low=100.0, high=0.0)}
"""ann: 1 to 5; bob counts faults; cid says numbers in [0, 1]."""


def own_table(items: int = 120) -> RatedTable:
    """Rated items whose judges have raw scales."""
    return replace(simulate(items=items), scales=SCALES)


def own_snapshot(table: RatedTable) -> Snapshot:
    """A fit for which nobody knows the judges' revisions: `essay.essay.trio@1`."""
    return fitted(table, judge_revisions={})


def raw(judge: str, unit: float) -> float:
    """What the judge says where it means `unit` in [0, 1]."""
    scale = SCALES.get(judge, Scale(low=0.0, high=1.0))
    return scale.low + unit * (scale.high - scale.low)


def raw_ballots(table: RatedTable, item: int) -> tuple[RawBallot, ...]:
    """One item's ballots in the judges' own units."""
    answers: dict[str, dict[str, RawScore]] = {}
    for column, unit in zip(table.columns, table.values[item].tolist(), strict=True):
        judge, _, criterion = column.partition("/")
        if judge != "measures":
            answers.setdefault(judge, {})[criterion] = RawScore(score=raw(judge, unit))
    return tuple(RawBallot(judge=judge, outcome=said) for judge, said in answers.items())
