"""What a fit leaves behind: everything needed to fuse any subset of its columns, and where it came from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from types import NoneType
from typing import Any

from moa_scorer.calibration.memory import Memory
from moa_scorer.calibration.surface import Kernel
from moa_scorer.calibration.table import Scale, judge_of
from moa_scorer.domain.ballot import ScoreKind
from moa_scorer.domain.ruler import digest

FORMAT = 1
"""Version of the file's layout."""
OVERALL = "overall"
"""Name of the head for the rubric-weighted mean of the criteria."""


class Stage(StrEnum):
    """What the number of rated items allows."""

    OFFSET = "offset"
    """1 to 21 items: the reference's order, moved to the raters' mean."""
    LINE = "line"
    """22 to 49: straight curves, and an interval that holds with 90 % confidence."""
    STACK = "stack"
    """50 and more: curves, weights, marginal interval."""


LINE_FROM = 22
STACK_FROM = 50


def stage_of(items: int) -> Stage:
    """The stage for a number of rated items."""
    if items < LINE_FROM:
        return Stage.OFFSET
    return Stage.LINE if items < STACK_FROM else Stage.STACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One judge x criterion, or one measure, as it stood in the rated items."""

    name: str
    """`judge/criterion` or `measures/NAME`."""
    knots: tuple[float, ...]
    """Where its curves bend: strictly increasing, at least two."""
    mean: float
    """Of its values in the rated items."""
    spread: float
    """Standard deviation of its values, > 0: the unit of a measure's line."""
    missing: float
    """Share of the rated items without a value, in [0, 1]."""
    reasons: Mapping[str, float] = field(default_factory=dict)
    """Reason of abstention -> share of the rated items; empty = reasons were not recorded."""
    kind: ScoreKind = ScoreKind.SINGLE
    """How its rated scores were read off the judge: its curves hold for no other kind."""
    falling: bool = False
    """Whether the judge was found to score the other way: its curves fall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One fitted target: a criterion, or the overall."""

    name: str
    mean: float
    """Mean target of the rated items, in [0, 1]."""
    offset: float = 0.0
    """Stage OFFSET only: added to the reference's score."""
    coins: Mapping[str, float] = field(default_factory=dict)
    """Stage OFFSET and ratings of yes or no only: judge -> log-odds, at least 0, that it is right. Judges
    count as these say; empty = all alike."""
    ratings: tuple[float, ...] = ()
    """Ratings, ascending, whose `ranks` are known; between them ranks are interpolated."""
    ranks: tuple[float, ...] = ()
    """Mid-rank in [0, 1] of each of `ratings`: the scale on which columns are added."""
    start: float = 0.5
    """Mean rank of the rated items."""
    equal_pull: float = 0.0
    """How strongly curves are drawn to one common weight, in items."""
    line_pull: float | None = None
    """How strongly lines are drawn to zero, in items; None = no lines."""
    used: tuple[int, ...] = ()
    """Columns with a curve in this head: all judges', and the measures that held up between sources."""
    lines: tuple[int, ...] = ()
    """Measures with a line of either sign; empty when lines did not help on unseen sources."""
    curves: tuple[tuple[float, ...], ...] = ()
    """Per used column: the curve's values (expected ranks) at the column's knots, fitted on all items."""
    centres: tuple[float, ...] = ()
    """Per used column: mean of its curve over all items."""
    fold_curves: tuple[tuple[tuple[float, ...], ...], ...] = ()
    """Per fold, per used column: the curve fitted without that fold."""
    kernel: Kernel | None = None
    """Of the surface that stands beside the curves; None = there is none."""
    moments: tuple[tuple[tuple[float, ...], ...], ...] = ()
    """Per fold: the lower triangle, row by row, of the sums of products over its items of (1, cross-fitted
    columns, lines, target's rank); only when `rows` are a sample, else empty and worked out from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rated items, or a sample of whole groups, as the residuals need them."""

    values: tuple[tuple[float | None, ...], ...]
    """Item -> raw value per column; None = no answer."""
    targets: Mapping[str, tuple[float, ...]]
    """Head -> target per item, in [0, 1]."""
    folds: tuple[int, ...]
    """Fold of each item; its cross-fitted values come from the curves without that fold."""
    groups: tuple[int, ...]
    """Number of each item's group."""
    weights: tuple[float, ...] = ()
    """What each item counts, mean 1 over all rated items, > 0; empty = all alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a snapshot came from."""

    ratings: str
    """sha256 of the ratings that were read; empty = not said."""
    seed: int
    created: str
    """ISO 8601 date or time, given by whoever fitted."""
    code: str
    """Version of the fitting code."""
    dropped: tuple[str, ...] = ()
    """Columns of the table that are constant or all but empty, and so have no curve."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A calibration snapshot. A plain value; `memory` only holds what can be worked out from the rest."""

    rubric: str
    """Revision of the rubric, `name@version`."""
    weights: Mapping[str, float]
    """The rubric's criterion weights, summing to 1, in rubric order."""
    kinds: tuple[str, ...]
    """Kinds of content it holds for; at least one."""
    languages: tuple[str, ...]
    """ISO 639-1 codes it holds for; empty = any."""
    panel: str
    """Revision of the panel, `name@version`."""
    version: int
    """Number of this fit for its rubric, kind and panel, from 1."""
    judges: Mapping[str, str]
    """Judge -> revision digest it was fitted with."""
    columns: tuple[Column, ...]
    heads: tuple[Head, ...]
    """Criteria in rubric order, then `overall`."""
    rows: Rows
    items: int
    """Rated items fitted on, >= 1; `rows` may hold fewer."""
    groups: int
    """Distinct source documents among them."""
    raters: float
    """Mean number of raters an item."""
    coverage: float
    """Nominal coverage of the intervals, in (0, 1)."""
    noise: float | None
    """Variance of the mean overall rating that is due to the raters; None = not known."""
    provenance: Provenance
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Held-out figures by name."""
    scales: Mapping[str, Scale] = field(default_factory=dict)
    """Judge -> the scale of its raw scores; no entry = [0, 1], higher = better."""
    robust: bool = False
    """Whether judges that stand out from all others on an item are left out of its number."""
    memory: Memory = field(default_factory=Memory, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        """`rubric.kind.panel`: what its versions share."""
        return ".".join((self.rubric.partition("@")[0], self.kinds[0], self.panel.partition("@")[0]))

    @property
    def revision(self) -> str:
        """`rubric.kind.panel@version`."""
        return f"{self.name}@{self.version}"

    @property
    def stage(self) -> Stage:
        return stage_of(self.items)

    @property
    def reversed_judges(self) -> tuple[str, ...]:
        """Judges that nobody declared and whose scores were found to fall where people's rise."""
        return tuple(dict.fromkeys(judge_of(c.name) for c in self.columns if c.falling))

    @property
    def worth(self) -> int:
        """How many items chosen at random the rated ones are worth (Kish); `items` where all count alike."""
        weights = self.rows.weights
        if not weights:
            return self.items
        share = math.fsum(weights) ** 2 / (len(weights) * math.fsum(w * w for w in weights))
        return max(round(self.items * share), 1)

    @property
    def digest(self) -> str:
        """Digest of everything in it."""
        return self.memory.recall("digest", lambda: digest(document(self)))

    def head(self, name: str) -> Head:
        """The head of that name; raises KeyError."""
        for head in self.heads:
            if head.name == name:
                return head
        raise KeyError(name)


def document(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as plain JSON values, without its digest and without what is usual."""
    plain = {f.name: _plain(getattr(snapshot, f.name)) for f in fields(snapshot) if f.name != "memory"}
    plain["columns"] = [_without(column, USUAL_COLUMN) for column in plain["columns"]]
    plain["heads"] = [_without(head, USUAL_HEAD) for head in plain["heads"]]
    plain["rows"] = _without(plain["rows"], USUAL_ROWS)
    return {"format": FORMAT, **_without(plain, USUAL)}


USUAL_COLUMN: Mapping[str, Any] = {"kind": ScoreKind.SINGLE, "falling": False}
USUAL_HEAD: Mapping[str, Any] = {"coins": {}, "kernel": None}
USUAL_ROWS: Mapping[str, Any] = {"weights": []}
USUAL: Mapping[str, Any] = {"robust": False, "scales": {}}


def _without(plain: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in plain.items() if k not in usual or v != usual[k]}


SCALARS: frozenset[type] = frozenset({float, int, str, bool, NoneType})
"""Types of values that JSON holds as they are."""


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return list(value) if SCALARS.issuperset(map(type, value)) else [_plain(v) for v in value]
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value
