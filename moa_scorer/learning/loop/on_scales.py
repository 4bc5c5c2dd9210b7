"""A study as a snapshot would see it: raw scores on the snapshot's scales."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable, Scale, is_measure, judge_of
from moa_scorer.learning.study.study import Study, table_of

UNIT = Scale(low=0.0, high=1.0)
DIGITS = 9


def table_on(study: Study, scales: Mapping[str, Scale], *, measures: bool = True) -> RatedTable:
    """The study's table with every judge on the scale given for it, else [0, 1].

    What a raw score is must not depend on the file that it came in: a file in which a judge never gave its
    lowest score is read on a smaller scale where nobody declares another. Scores outside are missing.
    """
    table = table_of(study, measures=measures)
    values = table.values.copy()
    for k, column in enumerate(table.columns):
        if is_measure(column):
            continue
        own, wanted = (s.get(judge_of(column), UNIT) for s in (study.scales, scales))
        raw = own.low + values[:, k] * (own.high - own.low)
        unit = ((raw - wanted.low) / (wanted.high - wanted.low)).round(DIGITS)
        values[:, k] = np.where((unit >= 0) & (unit <= 1), unit, np.nan)
    return replace(table, values=values, scales={j: scales.get(j, UNIT) for j in study.judges})


def table_for(study: Study, snapshot: Snapshot) -> RatedTable:
    """The study's table on a snapshot's scales, with measures where the snapshot has any.

    Raises ValueError for a criterion of the snapshot that the study does not rate.
    """
    missing = [c for c in snapshot.weights if c not in study.criteria]
    if missing:
        raise ValueError(
            f"{study.name} has no ratings of {', '.join(missing)}, which {snapshot.revision} needs"
        )
    measured = any(is_measure(column.name) for column in snapshot.columns)
    return table_on(study, snapshot.scales, measures=measured)
