"""Is a whole file of items like the rated ones? What no item shows by itself, a batch shows plainly.

Items of another origin may each look like something that was rated and still be scored wrongly: of comments
of another site, 99 % did, and their 90 % intervals held 44 % of the ratings.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.exchange import FALSE_ALARMS, earned, p_values, shift_bets, spread_bets
from moa_scorer.calibration.snapshot import Snapshot, Stage
from moa_scorer.calibration.table import Array, RatedTable, is_measure
from moa_scorer.domain.verdict import CertificateStatus
from moa_scorer.learning.predict import Predictions

DRAWS = 10
"""Random choices of one item a group, over which the evidence is averaged."""
MOST = 500
"""Groups of a batch that are looked at: more would add evidence where there is plenty."""
NAMED = 3
"""Columns that a report names."""

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Items as judges scored them; nobody need have rated them."""

    columns: tuple[str, ...]
    """`judge/criterion` in [0, 1], and measures."""
    values: Array
    """Shape (items, columns); NaN = the judge abstained."""
    groups: tuple[str, ...]
    """The source document of each item."""

    @property
    def items(self) -> int:
        return len(self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWatch:
    """Evidence that a batch is not drawn as the rated items were."""

    evidence: float
    """log10 of an e-value: at least 2 happens with probability 0.01 at most where nothing changed."""
    items: int
    groups: int
    """Groups that were looked at, one item of each."""
    columns: Mapping[str, float]
    """Column, or contrast of columns, -> its own log10 e-value; the largest first."""

    @property
    def alarm(self) -> bool:
        """Whether the evidence passes the stated rate of false alarms."""
        return self.evidence >= -math.log10(FALSE_ALARMS)

    @property
    def words(self) -> str:
        """What was found, in a sentence."""
        if not self.alarm:
            return f"the {self.items} items look like the rated ones (evidence 10^{self.evidence:.1f})"
        odd = ", ".join(name for name, found in self.columns.items() if found > 0) or "all columns together"
        return (
            f"as a batch the {self.items} items are unlike the rated ones (evidence 10^{self.evidence:.1f}; "
            f"most of all {odd}): have people rate about 100 of them and fit again"
        )


def watch_batch(snapshot: Snapshot, table: RatedTable | Batch, *, seed: int = 0) -> BatchWatch:
    """Tests whether the items, ratings aside, are exchangeable with the snapshot's by groups.

    One item of every group is drawn and put in random order, so that neither the dependence within groups nor
    the order of the file matters; a column's missing values are left out. The evidence is the mean over draws
    and columns. Items rated at unequal chances stand for the population after their weights.
    """
    names, old, new = _features(snapshot, table)
    if not names or snapshot.stage is Stage.OFFSET:
        return BatchWatch(evidence=0.0, items=table.items, groups=0, columns={})
    logs, groups = [], 0
    for draw in range(DRAWS):
        rng = np.random.default_rng([seed, draw])
        rated = _one_a_group(snapshot.rows.groups, rng, _kept(snapshot, rng))
        batch = _one_a_group(table.groups, rng)[:MOST]
        groups = batch.size
        logs.append([_bet(old[rated, k], new[batch, k], rng) for k in range(len(names))])
    columns = np.logaddexp.reduce(np.array(logs), axis=0) - math.log(DRAWS)
    total = float(np.logaddexp.reduce(columns)) - math.log(len(names))
    order = np.argsort(-columns, kind="stable")[:NAMED]
    return BatchWatch(
        evidence=total / math.log(10),
        items=table.items,
        groups=groups,
        columns={names[k]: float(columns[k]) / math.log(10) for k in order},
    )


def withheld(predictions: Predictions) -> Predictions:
    """Predictions for a batch whose alarm rang: with OUT_OF_SUPPORT for VALID, and so without intervals."""
    valid, out = CertificateStatus.VALID, CertificateStatus.OUT_OF_SUPPORT
    nothing = {head: np.full_like(x, np.nan) for head, x in predictions.scores.items()}
    statuses = tuple(out if s is valid else s for s in predictions.statuses)
    return replace(predictions, lower=nothing, upper=nothing, statuses=statuses)


def _features(snapshot: Snapshot, table: RatedTable | Batch) -> tuple[list[str], Array, Array]:
    """Names, rated values and the batch's values, of the columns that both have and of their contrasts."""
    place = {name: k for k, name in enumerate(table.columns)}
    shared = [k for k, c in enumerate(snapshot.columns) if c.name in place]
    names = [snapshot.columns[k].name for k in shared]
    old = np.array(snapshot.rows.values, dtype=np.float64).reshape(len(snapshot.rows.values), -1)[:, shared]
    new = _as_kept(table.values[:, [place[n] for n in names]])
    judged = [k for k, name in enumerate(names) if not is_measure(name)]
    if len(judged) < 2:
        return names, old, new
    contrasts = [f"{names[k]} against the other columns" for k in judged]
    every = [*names, *contrasts, "mean of the judges", "spread of the judges"]
    return every, _with_contrasts(old, judged), _with_contrasts(new, judged)


def _as_kept(values: Array) -> Array:
    """Five significant digits, as a snapshot keeps its rows: otherwise equal values would not tie."""
    return np.array([float(f"{x:.5g}") for x in values.ravel().tolist()]).reshape(values.shape)


def _with_contrasts(values: Array, judged: Sequence[int]) -> Array:
    """The columns, each judge's less the item's mean of them, that mean, and their standard deviation."""
    own = values[:, judged]
    present = ~np.isnan(own)
    count = np.maximum(present.sum(axis=1), 1)
    mean = np.where(present.any(axis=1), np.where(present, own, 0.0).sum(axis=1) / count, np.nan)
    apart = own - mean[:, None]
    spread = np.sqrt(np.where(present, apart, 0.0) ** 2 @ np.ones(len(judged)) / count)
    spread[~present.any(axis=1)] = np.nan
    return np.round(np.column_stack([values, apart, mean, spread]), 9)


def _kept(snapshot: Snapshot, rng: np.random.Generator) -> Index:
    """Positions of rated items that are a sample at equal chances: each kept in proportion to its weight."""
    weights = np.array(snapshot.rows.weights)
    if not weights.size:
        return np.arange(len(snapshot.rows.values))
    return np.flatnonzero(rng.random(weights.size) < weights / weights.max())


def _one_a_group(
    groups: Sequence[str] | Sequence[int], rng: np.random.Generator, among: Index | None = None
) -> Index:
    """Positions of one item of each group, both drawn and put in order at random."""
    shuffled = rng.permutation(np.arange(len(groups)) if among is None else among)
    _, first = np.unique(np.asarray(groups)[shuffled], return_index=True)
    chosen: Index = shuffled[rng.permutation(first)]
    return chosen


def _bet(rated: Array, batch: Array, rng: np.random.Generator) -> float:
    """log of the e-value of one column in one draw; 0 where either side has no value."""
    old, new = rated[~np.isnan(rated)], batch[~np.isnan(batch)]
    ties = rng.random(batch.size)[: new.size]
    if not old.size or not new.size:
        return 0.0
    p = p_values(old, new, ties)[:, None]
    return float(earned(np.concatenate([shift_bets(p), spread_bets(p)], axis=-1))[0])
