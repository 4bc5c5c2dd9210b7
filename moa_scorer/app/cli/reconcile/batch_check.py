"""Before a file of ballots is reconciled: is it, as a whole, like the rated items?"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from moa_scorer.app.cli.reconcile.ballot_lines import BallotLine
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import Scale, criterion_of, is_measure, judge_of
from moa_scorer.client.own_ballots import Answered
from moa_scorer.learning.loop.drift_batch import Batch, watch_batch

FEWEST: Final = 20
"""Items that a batch needs to show anything."""
UNIT: Final = Scale(low=0.0, high=1.0)


def unlike_rated(snapshot: Snapshot, lines: Sequence[BallotLine]) -> str:
    """What makes the file as a whole unlike the rated items, in words; empty where nothing does, or where it
    holds too few items to tell."""
    read = [line.ballots.judges for line in lines if line.ballots is not None]
    if len(read) < FEWEST:
        return ""
    columns = tuple(c.name for c in snapshot.columns if not is_measure(c.name))
    values = np.array([[_value(snapshot, column, judges) for column in columns] for judges in read])
    watch = watch_batch(
        snapshot, Batch(columns=columns, values=values, groups=tuple(map(str, range(len(read)))))
    )
    return watch.words if watch.alarm else ""


def _value(
    snapshot: Snapshot, column: str, judges: Mapping[str, Mapping[str, Answered] | str | None]
) -> float:
    """The judge's score in [0, 1]; NaN where it gave none on its scale."""
    said = judges.get(judge_of(column))
    raw = _number(said.get(criterion_of(column))) if isinstance(said, Mapping) else None
    unit = None if raw is None else snapshot.scales.get(judge_of(column), UNIT).to_unit(raw)
    return float("nan") if unit is None else unit


def _number(answer: Any) -> float | None:
    """The raw score of an answer in any of its forms."""
    if isinstance(answer, Mapping):
        return _number(answer.get("score", answer.get("samples")))
    if isinstance(answer, Sequence) and not isinstance(answer, str):
        known = [x for x in map(_number, answer) if x is not None]
        return sum(known) / len(known) if known else None
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        return None
    return float(answer)
