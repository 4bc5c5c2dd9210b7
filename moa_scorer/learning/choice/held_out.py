"""What some judges of a fitted panel say of new items, as arrays: the product's fusion without its checks."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.batch import fused_rows
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import RatedTable, judge_of

Array = NDArray[np.float64]

COMMON = 0.05
"""Share of the items from which a pattern of gaps gets weights of its own."""


def fused_scores(
    snapshot: Snapshot, judges: Sequence[str], table: RatedTable, *, head: str = OVERALL
) -> Array:
    """The head's score in [0, 1] of every item from these judges' columns alone.

    A pattern of gaps that is common among the items is weighed as a mask of its own, as when serving. In a
    rare one the missing columns stand at their mean: enough to compare panels, at a fraction of the work.
    """
    wanted = set(judges)
    mask = tuple(k for k, c in enumerate(snapshot.columns) if judge_of(c.name) in wanted)
    place = {name: k for k, name in enumerate(table.columns)}
    values = table.values[:, [place[snapshot.columns[k].name] for k in mask]]
    present = ~np.isnan(values)
    patterns = Counter(map(tuple, present.tolist()))
    result = np.full(table.items, np.nan)
    for pattern, count in patterns.items():
        mine = (present == np.array(pattern)).all(axis=1)
        own = tuple(k for k, here in zip(mask, pattern, strict=True) if here)
        weighed = own if count >= COMMON * table.items else mask
        fit = fit_mask(snapshot, weighed)
        result[mine] = fused_rows(snapshot, fit, head, mask, values[mine]).clip(0.0, 1.0)
    return result
