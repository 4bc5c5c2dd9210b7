"""How far judges agree with each other, whatever people say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.ranks import mid_ranks
from moa_scorer.calibration.table import RatedTable, is_measure, judge_of

Array = NDArray[np.float64]

LEAST = 3
"""Common items below which nothing is said."""
PROMPT = ":"
"""Ends the model's part of a judge's name: `MODEL:PROMPT`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Between:
    """Rank correlations of judges, each read as the mean of its criteria."""

    judges: tuple[str, ...]
    matrix: Array
    """Shape (judges, judges), in [-1, 1]; NaN where two have too few items in common or one is constant."""

    def mean(self, judge: str, others: Sequence[str]) -> float | None:
        """Mean correlation of a judge with these others; None where there is none."""
        at = self.judges.index(judge)
        found = [float(self.matrix[at, self.judges.index(j)]) for j in others if j != judge]
        known = [r for r in found if np.isfinite(r)]
        return float(np.mean(known)) if known else None

    def nearest(self, judge: str) -> str:
        """The judge that agrees with it most; empty where nobody can be compared with it."""
        at = self.judges.index(judge)
        others = {j: float(self.matrix[at, k]) for k, j in enumerate(self.judges) if k != at}
        known = {j: r for j, r in others.items() if np.isfinite(r)}
        return max(known, key=lambda j: known[j], default="")

    def consistency(self, judge: str) -> float | None:
        """Mean correlation with the same model under other prompts; None where names tell of none."""
        model, prompt, _ = judge.partition(PROMPT)
        return (
            self.mean(judge, [j for j in self.judges if j.partition(PROMPT)[0] == model]) if prompt else None
        )


def between(table: RatedTable, judges: Sequence[str]) -> Between:
    """The rank correlation of every two judges over the items that both scored."""
    columns = np.column_stack([_mean_rank(table, judge) for judge in judges])
    return Between(judges=tuple(judges), matrix=_correlations(columns))


def _mean_rank(table: RatedTable, judge: str) -> Array:
    """Mid-ranks of the mean of the judge's columns; NaN where it scored nothing."""
    own = [k for k, c in enumerate(table.columns) if not is_measure(c) and judge_of(c) == judge]
    values = table.values[:, own]
    known = ~np.isnan(values)
    counts = known.sum(axis=1)
    sums = np.where(known, values, 0.0).sum(axis=1)
    here, result = counts > 0, np.full(len(values), np.nan)
    if here.any():
        result[here] = mid_ranks(sums[here] / counts[here])
    return result


def _correlations(columns: Array) -> Array:
    """Pearson's r of every two columns over the rows where both are known."""
    known = (~np.isnan(columns)).astype(np.float64)
    level = np.where(known > 0, columns, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    filled = np.where(known > 0, columns - level, 0.0)
    n, sums, squares = known.T @ known, filled.T @ known, (filled**2).T @ known
    count = np.maximum(n, 1)
    covariance = filled.T @ filled - sums * sums.T / count
    variance = squares - sums**2 / count
    spread = np.sqrt(np.maximum(variance * variance.T, 0.0))
    result = np.full(n.shape, np.nan)
    np.divide(covariance, spread, out=result, where=(n >= LEAST) & (spread > 1e-9))
    return result
