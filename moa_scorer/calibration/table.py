"""What fitting reads: columns of judges and measures beside what people said."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from moa_scorer.domain.ballot import ScoreKind

Array = NDArray[np.float64]

MEASURES = "measures"
"""First part of the name of a measure's column: `measures/NAME`."""
_OF_MEASURES = f"{MEASURES}/"


def is_measure(column: str) -> bool:
    """Whether a column is a measure of the text, not a judge's score."""
    return column.startswith(_OF_MEASURES)


def judge_of(column: str) -> str:
    """The judge a column belongs to; `measures` for a measure."""
    return column.partition("/")[0]


def criterion_of(column: str) -> str:
    """The judge's own criterion (or the measure's name) of a column."""
    return column.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a judge's raw scores map to [0, 1]: `low` to 0, `high` to 1."""

    low: float
    """The raw score of the worst content; above `high` where the judge scores the other way."""
    high: float
    declared: bool = True
    """Whether somebody said so; otherwise the range was seen, and the direction is checked on ratings."""

    def to_unit(self, raw: float) -> float | None:
        """The score in [0, 1]; None for one outside the scale, which is no judgment."""
        place = (raw - self.low) / (self.high - self.low)
        return min(max(place, 0.0), 1.0) if -_EDGE <= place <= 1 + _EDGE else None


_EDGE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatedTable:
    """Items that both judges and people scored. Every array runs over the same items in the same order."""

    columns: tuple[str, ...]
    """`judge/criterion` in [0, 1] with higher = better, and `measures/NAME` as measured; unique."""
    values: Array
    """Shape (items, columns); NaN = the judge abstained."""
    targets: Mapping[str, Array]
    """Rubric criterion -> mean human rating mapped to [0, 1], one per item. `overall` is made from them."""
    ids: tuple[str, ...]
    """The item's id, unique."""
    groups: tuple[str, ...]
    """The source document or prompt: items of a group never stand on both sides of a split."""
    sources: tuple[str, ...]
    """Who wrote the content or where it was found, for leave-source-out; empty strings = unknown."""
    raters: Array
    """How many people stand behind the item's target, > 0."""
    rater_variance: Mapping[str, Array] = field(default_factory=dict)
    """Head (a criterion or `overall`) -> variance of the item's single ratings, in squared units of the
    target; NaN = unknown. Effective votes are not estimable without the `overall` entry."""
    abstentions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Column -> reason -> share of the items on which the judge abstained for it. Empty = reasons unknown."""
    kinds: Mapping[str, ScoreKind] = field(default_factory=dict)
    """Column -> how all its scores were read off the judge; SINGLE where there is no entry."""
    propensity: Array | None = None
    """Probability in (0, 1] with which each item was chosen to be rated; None = all alike."""
    scales: Mapping[str, Scale] = field(default_factory=dict)
    """Judge -> the scale of its raw scores; no entry = [0, 1], higher = better, declared."""

    def __post_init__(self) -> None:
        mistakes = list(_mistakes(self))
        if mistakes:
            raise ValueError("rated table: " + "; ".join(mistakes))

    @property
    def items(self) -> int:
        return len(self.ids)

    def take(self, index: NDArray[np.intp]) -> "RatedTable":
        """The items at these positions, in this order. Shares of abstention are kept as they are."""
        return RatedTable(
            columns=self.columns,
            values=self.values[index],
            targets={h: y[index] for h, y in self.targets.items()},
            ids=tuple(self.ids[i] for i in index),
            groups=tuple(self.groups[i] for i in index),
            sources=tuple(self.sources[i] for i in index),
            raters=self.raters[index],
            rater_variance={h: v[index] for h, v in self.rater_variance.items()},
            abstentions=self.abstentions,
            kinds=self.kinds,
            propensity=None if self.propensity is None else self.propensity[index],
            scales=self.scales,
        )


def _mistakes(table: RatedTable) -> list[str]:
    """Everything wrong with a table, in words."""
    n, found = len(table.ids), []
    if table.values.shape != (n, len(table.columns)):
        found.append(f"values have shape {table.values.shape}, expected {(n, len(table.columns))}")
    if len(set(table.columns)) != len(table.columns) or len(set(table.ids)) != n:
        found.append("columns and ids must be unique")
    if not table.targets:
        found.append("no targets")
    for name, length in (("groups", len(table.groups)), ("sources", len(table.sources))):
        if length != n:
            found.append(f"{name} has {length} entries for {n} items")
    for head, y in table.targets.items():
        if y.shape != (n,) or not bool(np.all((y >= 0) & (y <= 1))):
            found.append(f"targets[{head}] must be {n} finite values in [0, 1]")
    if table.raters.shape != (n,) or not bool(np.all(table.raters > 0)):
        found.append(f"raters must be {n} positive numbers")
    chosen = table.propensity
    if chosen is not None and (chosen.shape != (n,) or not bool(np.all((chosen > 0) & (chosen <= 1)))):
        found.append(f"propensity must be {n} numbers in (0, 1]")
    return found
