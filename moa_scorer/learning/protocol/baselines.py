"""What a panel has to beat: simpler scores of the same items, chosen on training items alone. numpy only."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import RatedTable, is_measure, judge_of
from moa_scorer.learning.agreement import spearman

Array = NDArray[np.float64]


def best_single(train: RatedTable, target: Array) -> int:
    """Position of the judge's column that orders the training items best; its gaps count as no order."""
    judged = [k for k, c in enumerate(train.columns) if not is_measure(c)]

    def rho(k: int) -> float:
        here = ~np.isnan(train.values[:, k])
        found = spearman(train.values[here, k], target[here])
        return found * float(here.mean()) if np.isfinite(found) else -1.0

    return max(judged, key=rho)


def filled(train: RatedTable, values: Array, k: int) -> Array:
    """A column of scores with its gaps at the training median, so that no item is dropped."""
    middle = float(np.nanmedian(train.values[:, k]))
    return np.where(np.isnan(values), middle, values)


def plain_mean(table: RatedTable) -> Array:
    """Each judge's own columns averaged, then the judges; NaN where all abstain."""
    judges = dict.fromkeys(judge_of(c) for c in table.columns if not is_measure(c))
    each = []
    for judge in judges:
        own = [k for k, c in enumerate(table.columns) if judge_of(c) == judge]
        values = table.values[:, own]
        counts = (~np.isnan(values)).sum(axis=1)
        sums = np.nansum(values, axis=1)
        each.append(np.divide(sums, counts, out=np.full(table.items, np.nan), where=counts > 0))
    stacked = np.column_stack(each)
    answered = (~np.isnan(stacked)).sum(axis=1)
    total = np.nansum(stacked, axis=1)
    result: Array = np.divide(total, answered, out=np.full(table.items, np.nan), where=answered > 0)
    return result


def word_count(texts: Sequence[str]) -> Array:
    """Words, by white space."""
    return np.array([float(len(text.split())) for text in texts])
