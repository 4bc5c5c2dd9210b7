"""Panels whose truth is known, and what a snapshot's verdicts are worth on items that it never saw."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import Array, RatedTable
from moa_scorer.domain.verdict import CertificateStatus
from moa_scorer.learning.predict import Predictions, predict
from tests.fakes.ratings import fitted, make_panel, make_rubric, simulate

RUBRIC = make_rubric(("clarity",))
SEVEN = {f"judge{k}": skill for k, skill in enumerate((1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4))}
"""Judge -> how much of the truth its scores hold."""


def items(
    count: int, seed: int, skills: Mapping[str, float] = SEVEN, *, measures: bool = False
) -> RatedTable:
    """Independent items of one criterion."""
    return simulate(count, group_size=1, skills=skills, criteria=("clarity",), measures=measures, seed=seed)


def learnt(table: RatedTable, *, robust: bool = False) -> Snapshot:
    """The snapshot of a table of `items`."""
    return fitted(table, rubric=RUBRIC, panel=make_panel(_judges(table), quorum=1), robust=robust)


def said(snapshot: Snapshot, table: RatedTable) -> Predictions:
    """Every verdict, by the way that requests take."""
    return predict(snapshot, table, RUBRIC, make_panel(_judges(table), quorum=1), kind="essay")


def truth(table: RatedTable) -> Array:
    """The overall rating of each item."""
    return with_overall(table, RUBRIC)[OVERALL]


def rmse(found: Predictions, table: RatedTable) -> float:
    """Root mean squared error of the overall; every item must have a score."""
    return float(np.sqrt(np.mean((found.scores[OVERALL] - truth(table)) ** 2)))


def inside(found: Predictions, table: RatedTable, of: NDArray[np.bool_] | None = None) -> Array:
    """1 where the rating lies in the interval, else 0; only items with a VALID certificate, `of` these."""
    asked = np.array([s is CertificateStatus.VALID for s in found.statuses])
    y = truth(table)
    held = (y >= found.lower[OVERALL] - 1e-9) & (y <= found.upper[OVERALL] + 1e-9)
    return held[asked if of is None else asked & of].astype(float)


def band(fits: int, rated: int, asked: int, coverage: float = 0.9, errors: float = 2.58) -> float:
    """Half of the band that the mean coverage of so many fits keeps to 99 times of 100.

    Of one fit's coverage the variance is p (1 - p) / asked from the items asked about, and about
    p (1 - p) / (rated + 2) from the rated ones, as it follows a beta distribution (Vovk 2012).
    """
    return errors * math.sqrt(coverage * (1 - coverage) * (1 / asked + 1 / (rated + 2)) / fits)


def without(table: RatedTable, absent: NDArray[np.bool_], reason: str = "timeout") -> RatedTable:
    """The items with judges abstaining for a reason; `absent` has shape (items, judges), whose columns stand
    first."""
    values = table.values.copy()
    values[:, : absent.shape[1]][absent] = np.nan
    shares = {c: {reason: float(a.mean())} for c, a in zip(table.columns, absent.T, strict=False)}
    return replace(table, values=values, abstentions=shares)


def _judges(table: RatedTable) -> Sequence[str]:
    return tuple(c.partition("/")[0] for c in table.columns if not c.startswith("measures/"))
