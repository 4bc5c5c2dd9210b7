"""A snapshot with its weights worked out: all that another language needs to reconcile ballots as we do."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from itertools import chain, combinations
from typing import Any, Final

import numpy as np

from moa_scorer.aggregation.reconcile import AGGREGATOR
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.mask_fit import Effect, HeadFit, Mask, MaskFit
from moa_scorer.calibration.snapshot import Column, Snapshot
from moa_scorer.calibration.support import LEVEL, OF_THE_CONTENT, RARE, rare_abstention
from moa_scorer.calibration.table import Scale, is_measure, judge_of
from moa_scorer.calibration.usual_masks import usual_masks
from moa_scorer.domain.ballot import ScoreKind
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric

FORMAT: Final = 1
"""Version of the file's layout."""
MOST_JUDGES: Final = 10
"""Judges of which every subset is worked out."""
IN_THE_RECIPE: Final[Mapping[type, Set[str]]] = {
    MaskFit: frozenset({"columns", "heads", "support", "votes", "landmarks"}),
    HeadFit: frozenset({"start", "baseline", "effects", "readout", "width", "surface"}),
}
"""Fields that serving.md reads. A fit with anything else would be served wrongly."""
NOT_FOR_SERVING: Final[Mapping[type, Set[str]]] = {
    Effect: frozenset({"curve", "alone", "deviation"}),
    **{kind: {f.name for f in fields(kind)} - known for kind, known in IN_THE_RECIPE.items()},
}
"""Fields that are not in the file: those that only a rationale needs, and those that must be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortableColumn:
    """One judge x criterion, or one measure of the text."""

    name: str
    """`judge/criterion` or `measures/NAME`."""
    knots: tuple[float, ...]
    """Strictly increasing, at least two: the effects of every mask have a value at each."""
    kind: ScoreKind
    """A judge's score of another kind does not count."""
    strange: tuple[str, ...]
    """Reasons of abstention that the rated items hardly ever gave: one of them is OUT_OF_SUPPORT."""
    needed: bool
    """For a measure: whether its absence, where other measures are given, is OUT_OF_SUPPORT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portable:
    """Everything that serving needs of one snapshot."""

    snapshot: str
    """Revision, `RUBRIC.KIND.PANEL@VERSION`."""
    digest: str
    """Of the snapshot that this was worked out from."""
    aggregator: str
    """Name and version of the fusion: another one may read the same numbers in another way."""
    rubric: str
    """Revision of the rubric."""
    weights: Mapping[str, float]
    """Criterion -> share of the overall rating that was fitted, in rubric order."""
    scale_min: float
    """Lowest value on the rubric's own scale: value = scale_min + score * (scale_max - scale_min)."""
    scale_max: float
    panel: str
    """Revision of the panel."""
    judges: tuple[str, ...]
    """Of the panel, in its order."""
    before: Mapping[str, tuple[str, ...]]
    """Judge of a later layer -> judges whose ballots it must have read to count; no entry = none."""
    quorum: int
    """Judges that must have answered, where the request names no other number."""
    kinds: tuple[str, ...]
    """Kinds of content that the scores may be called calibrated for."""
    languages: tuple[str, ...]
    """ISO 639-1 codes of the languages; empty = any."""
    items: int
    """Rated items that it was fitted on."""
    raters: float
    """Mean number of people behind a rating: what the intervals are about."""
    scales: Mapping[str, Scale]
    """Judge -> the scale of its raw scores; no entry = [0, 1], higher = better."""
    columns: tuple[PortableColumn, ...]
    support_level: float
    """Below this p-value an item is OUT_OF_SUPPORT."""
    masks: tuple[MaskFit, ...]
    """One for each set of columns that was exported. Any other has no score: export it, never renormalise."""


def masks_of(snapshot: Snapshot, *, every: bool) -> tuple[Mask, ...]:
    """The usual masks, with `every` also each subset of the judges; each with the measures and without them.

    Raises ValueError for a snapshot of too few ratings for any, and for `every` beyond ten judges.
    """
    masks = [*usual_masks(snapshot), *(_subsets(snapshot) if every else ())]
    if not masks:
        raise ValueError(f"{snapshot.revision} has too few rated items for weights: rate at least 22")
    judged = [tuple(k for k in mask if not is_measure(snapshot.columns[k].name)) for mask in masks]
    return tuple(dict.fromkeys(mask for mask in (*masks, *judged) if mask))


def _subsets(snapshot: Snapshot) -> Iterable[Mask]:
    """All subsets of the judges, the largest first, each with every measure."""
    owners = [judge_of(column.name) for column in snapshot.columns]
    measured = {judge_of(c.name) for c in snapshot.columns if is_measure(c.name)}
    judges = tuple(dict.fromkeys(owner for owner in owners if owner not in measured))
    if len(judges) > MOST_JUDGES:
        many = (
            f"{len(judges)} judges have {2 ** len(judges) - 1:,} subsets; {MOST_JUDGES} judges are the most"
        )
        raise ValueError(f"{many}: take --masks usual")
    for some in chain.from_iterable(combinations(judges, k) for k in range(len(judges), 0, -1)):
        yield tuple(k for k, owner in enumerate(owners) if owner in some or owner in measured)


def portable(
    snapshot: Snapshot,
    masks: Sequence[Mask],
    *,
    rubric: Rubric,
    panel: Panel,
    progress: Callable[[], None] = lambda: None,
) -> Portable:
    """The snapshot with these masks worked out; `progress` is called after each.

    Raises ValueError where a fit holds what the recipe for serving does not tell how to read.
    """
    fits = []
    for mask in masks:
        fits.append(_servable(fit_mask(snapshot, mask)))
        progress()
    return Portable(
        snapshot=snapshot.revision,
        digest=snapshot.digest,
        aggregator=AGGREGATOR,
        rubric=rubric.revision,
        weights=dict(snapshot.weights),
        scale_min=rubric.scale_min,
        scale_max=rubric.scale_max,
        panel=panel.revision,
        judges=panel.judges,
        before={j: panel.before(j) for j in panel.judges if panel.before(j)},
        quorum=panel.quorum,
        kinds=snapshot.kinds,
        languages=snapshot.languages,
        items=snapshot.items,
        raters=snapshot.raters,
        scales=dict(snapshot.scales),
        columns=tuple(map(_column, snapshot.columns)),
        support_level=LEVEL,
        masks=tuple(fits),
    )


def _servable(fit: MaskFit) -> MaskFit:
    parts: tuple[MaskFit | HeadFit, ...] = (fit, *fit.heads.values())
    for part in parts:
        names = [f.name for f in fields(part) if f.name not in IN_THE_RECIPE[type(part)]]
        if strange := [name for name in names if getattr(part, name) is not None]:
            raise ValueError(f"its fit has {', '.join(strange)}, which the portable form cannot tell")
    return fit


def _column(column: Column) -> PortableColumn:
    judged = not is_measure(column.name)
    return PortableColumn(
        name=column.name,
        knots=column.knots,
        kind=column.kind,
        strange=tuple(sorted(r.value for r in OF_THE_CONTENT if judged and rare_abstention(column, r))),
        needed=not judged and column.missing < RARE,
    )


def document(value: Portable) -> dict[str, Any]:
    """Plain JSON values: every field of every dataclass but those that only a rationale needs."""
    return {"format": FORMAT, **_plain(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        left_out = NOT_FOR_SERVING.get(type(value), frozenset())
        own = [f.name for f in fields(value) if f.init and f.name not in left_out]
        return {name: _plain(getattr(value, name)) for name in own}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if isinstance(value, float) and math.isinf(value) else value
