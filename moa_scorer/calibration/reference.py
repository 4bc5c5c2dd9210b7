"""Before anybody rated: each judge's score as its place among scores of a frozen reference corpus."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from moa_scorer.calibration.coins import shares_of
from moa_scorer.calibration.curves import interpolate
from moa_scorer.calibration.memory import Memory
from moa_scorer.calibration.table import RatedTable, criterion_of, is_measure, judge_of
from moa_scorer.domain.ruler import digest

POINTS = 33
"""Quantiles kept of each column."""
NO_COINS: Mapping[str, float] = {}
FEWEST = 20
"""Scores that a column needs to get reference quantiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Frozen quantiles per column. A column without quantiles keeps its raw score, and this is said."""

    version: int
    """Revision number, from 1."""
    corpus: str
    """What the quantiles were taken from, in a sentence."""
    quantiles: Mapping[str, tuple[float, ...]]
    """Column -> distinct quantiles, ascending; at least two."""
    ranks: Mapping[str, tuple[float, ...]]
    """Column -> the rank in [0, 1] of each of its quantiles."""
    memory: Memory = field(default_factory=Memory, init=False, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """Digest of everything in it."""
        return self.memory.recall("digest", lambda: digest(document(self)))

    def place(self, column: str, value: float, *, turned: bool = False) -> float:
        """The score's rank among the reference scores, in [0, 1]; the score itself where there are none. Of a
        judge that is `turned` the distance from the top."""
        knots = self.quantiles.get(column)
        place = value if knots is None else interpolate(knots, self.ranks[column], value)
        return 1.0 - place if turned else place


EMPTY_REFERENCE = Reference(version=1, corpus="none: raw scores are averaged", quantiles={}, ranks={})
"""No quantiles at all: ladder 0 averages raw scores."""


def fit_reference(table: RatedTable, *, version: int = 1, corpus: str) -> Reference:
    """Quantiles of every judge's column with enough distinct scores. The ratings are not read."""
    quantiles: dict[str, tuple[float, ...]] = {}
    ranks: dict[str, tuple[float, ...]] = {}
    for k, name in enumerate(table.columns):
        present = table.values[~np.isnan(table.values[:, k]), k]
        if is_measure(name) or present.size < FEWEST or np.ptp(present) < 1e-6:
            continue
        quantiles[name], ranks[name] = _mid_ranks(present)
    return Reference(version=version, corpus=corpus, quantiles=quantiles, ranks=ranks)


def order_of(
    values: Mapping[str, float],
    reference: Reference,
    *,
    head: str = "",
    turned: Collection[str] = (),
    coins: Mapping[str, float] = NO_COINS,
) -> float:
    """Mean over judges of the mean place of the columns that each stands by for the head, in [0, 1].

    `values` are judges' columns only, at least one; raises ValueError otherwise. Judges that are `turned`
    score the other way; with `coins` (judge -> log-odds that it is right) judges count as these say.
    """
    if not values:
        raise ValueError("nothing to average: no judge's column is present")
    judges = standing_columns(values, head)
    shares = shares_of(judges, coins)
    return math.fsum(
        shares[judge] * reference.place(c, values[c], turned=judge in turned) / len(own)
        for judge, own in judges.items()
        for c in own
    )


def standing_columns(columns: Iterable[str], head: str) -> dict[str, list[str]]:
    """Judge -> the columns that it stands by: that of the head's name, else the one it is named after, else
    all its own."""
    judges: dict[str, list[str]] = {}
    for column in columns:
        judges.setdefault(judge_of(column), []).append(column)
    return {judge: _standing(judge, own, head) for judge, own in judges.items()}


def _standing(judge: str, own: list[str], head: str) -> list[str]:
    for wanted in (head, judge):
        if named := [c for c in own if criterion_of(c) == wanted]:
            return named
    return own


def document(reference: Reference) -> dict[str, object]:
    """The reference as plain JSON values."""
    return {
        "format": 1,
        "version": reference.version,
        "corpus": reference.corpus,
        "quantiles": {c: list(q) for c, q in reference.quantiles.items()},
        "ranks": {c: list(r) for c, r in reference.ranks.items()},
    }


def _mid_ranks(
    present: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Distinct quantiles and the mid-rank of each: ties get the middle of their share."""
    ordered = np.sort(present)
    cuts = np.quantile(ordered, np.linspace(0, 1, POINTS))
    knots = sorted({float(f"{x:.6g}") for x in cuts})
    low = np.searchsorted(ordered, knots, side="left")
    high = np.searchsorted(ordered, knots, side="right")
    ranks = np.maximum.accumulate((low + high) / (2 * ordered.size))
    return tuple(knots), tuple(np.round(ranks, 6).tolist())
