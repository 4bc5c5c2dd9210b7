"""Ratings -> snapshot: the fit of `fuse-v3`, curves with weights and a surface beside them."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.coins import fit_coins
from moa_scorer.calibration.crossfit import Folds, group_folds
from moa_scorer.calibration.curves import knots_of
from moa_scorer.calibration.fit_head import Material, fit_head, material
from moa_scorer.calibration.fit_kernel import kernel_of
from moa_scorer.calibration.fit_measures import choose_terms, source_folds
from moa_scorer.calibration.fit_surface import ground
from moa_scorer.calibration.polarity import Polarity, beside_the_clear, polarities, polarity_notes
from moa_scorer.calibration.propensity import at, column_means, item_weights, mean_of, mean_of_present
from moa_scorer.calibration.readout import rank_map, to_ranks
from moa_scorer.calibration.reference import Reference, order_of, standing_columns
from moa_scorer.calibration.snapshot import OVERALL, Column, Head, Provenance, Rows, Snapshot, Stage, stage_of
from moa_scorer.calibration.stack import Pull
from moa_scorer.calibration.table import Array, RatedTable, is_measure, judge_of
from moa_scorer.domain.ballot import ScoreKind
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric

FOLDS = 5
RESERVOIR = 2000
"""Most items whose rows a snapshot carries."""
LEAST_PRESENT = 0.05
"""Share of items on which a column must have a value to get a curve."""
DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a fit cannot know by itself."""

    created: str
    """ISO 8601 date or time."""
    code: str
    """Version of the fitting code."""
    ratings: str = ""
    """sha256 of the ratings that were read."""
    notes: tuple[str, ...] = ()


def fit(
    table: RatedTable,
    *,
    rubric: Rubric,
    kinds: Sequence[str],
    languages: Sequence[str],
    panel: Panel,
    judge_revisions: Mapping[str, str],
    seed: int,
    origin: Origin,
    version: int = 1,
    coverage: float = 0.9,
    pull: Pull | None = None,
    reservoir: int = RESERVOIR,
    reference: Reference | None = None,
    surface: bool = True,
    robust: bool = False,
) -> Snapshot:
    """Fits every criterion of the rubric and the overall on all columns of the table.

    `robust` leaves a judge or two out of an item's number where they stand out from all others: for panels
    that may be attacked. No cross-validation can choose it, as ratings hold no attack.
    Without `surface` only the weights are fitted, in a fraction of the time: enough to compare panels.
    Deterministic for a seed. Raises ValueError when a criterion has no target, when fewer than two groups are
    rated, or when the items are fewer than 22 and there is no reference to move.
    """
    learnt = _learnt(table, rubric, seed, pull, reservoir, reference, surface=surface)
    return Snapshot(
        rubric=rubric.revision,
        weights=dict(rubric.weights()),
        kinds=tuple(kinds),
        languages=tuple(languages),
        panel=panel.revision,
        version=version,
        judges=dict(judge_revisions),
        columns=learnt.columns,
        heads=learnt.heads,
        rows=learnt.rows,
        items=table.items,
        groups=len(set(table.groups)),
        raters=round(float(table.raters.mean()), DIGITS),
        coverage=coverage,
        noise=_noise(table, rubric),
        provenance=_provenance(table, learnt, origin, seed),
        scales=dict(table.scales),
        robust=robust,
    )


class _Learnt(NamedTuple):
    """What a fit takes from a table."""

    columns: tuple[Column, ...]
    heads: tuple[Head, ...]
    rows: Rows
    polarities: tuple[Polarity, ...]


def _learnt(
    table: RatedTable,
    rubric: Rubric,
    seed: int,
    pull: Pull | None,
    reservoir: int,
    reference: Reference | None,
    *,
    surface: bool,
) -> _Learnt:
    targets, stage = with_overall(table, rubric), stage_of(table.items)
    kept, names, knots = _columns_with_curves(table)
    values = _rounded(table.values[:, kept])
    found = _polarities(names, values, targets, table, stage, seed)
    falling, weights = _falling(names, found), item_weights(table.propensity)
    folds, sample = _folds(table, stage, seed), sample_groups(table.groups, reservoir, seed)
    if stage is Stage.OFFSET:
        turned = {p.judge for p in found if p.reversed}
        heads = tuple(_offset_head(h, y, table, weights, reference, turned) for h, y in targets.items())
    else:
        data = material(names, knots, values, falling=falling, line_only=stage is Stage.LINE, weights=weights)
        keep = sample.size < table.items
        heads = _heads(table, data, targets, folds, seed, pull, keep=keep, surface=surface)
    columns = tuple(
        _column(n, own, x, table, weights, falling=f)
        for n, own, x, f in zip(names, knots, values.T, falling, strict=True)
    )
    return _Learnt(columns, heads, _rows(values, targets, folds, table.groups, weights, sample), found)


def with_overall(table: RatedTable, rubric: Rubric) -> dict[str, Array]:
    """Targets in rubric order, then `overall`: the table's own, else the criteria's weighted mean."""
    missing = [c.name for c in rubric.criteria if c.name not in table.targets]
    if missing:
        raise ValueError(f"no ratings of {', '.join(missing)}")
    weights = rubric.weights()
    targets: dict[str, Array] = {c: table.targets[c] for c in weights}
    mean: Array = np.average([targets[c] for c in weights], axis=0, weights=list(weights.values()))
    targets[OVERALL] = table.targets.get(OVERALL, mean)
    return {h: _unit(y) for h, y in targets.items()}


def _unit(target: Array) -> Array:
    result: Array = target.clip(0.0, 1.0).round(DIGITS)
    return result


def sample_groups(groups: Sequence[str], most: int, seed: int) -> NDArray[np.intp]:
    """Positions of at most `most` items, whole groups drawn in the seed's order, in table order."""
    if len(groups) <= most:
        return np.arange(len(groups))
    names, inverse, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    order = np.random.default_rng([seed, 1]).permutation(names.size)
    chosen = order[np.cumsum(sizes[order]) <= most]
    return np.flatnonzero(np.isin(inverse, chosen))


def _heads(
    table: RatedTable,
    data: Material,
    targets: Mapping[str, Array],
    folds: Folds,
    seed: int,
    pull: Pull | None,
    *,
    keep: bool,
    surface: bool,
) -> tuple[Head, ...]:
    parts = source_folds(table.sources, table.groups, seed)
    groups = len(set(table.groups))
    base = ground(data.values, data.means, data.spreads, folds, data.weights, seed)
    heads = []
    for name, target in targets.items():
        ranks = to_ranks(target, *rank_map(target, data.weights))
        terms = choose_terms(data, ranks, parts, groups)
        kernel = kernel_of(data, terms, base, parts, name, ranks) if surface else None
        heads.append(fit_head(name, data, terms, target, folds, pull=pull, kernel=kernel, keep=keep))
    return tuple(heads)


def _offset_head(
    name: str,
    target: Array,
    table: RatedTable,
    weights: Array | None,
    reference: Reference | None,
    turned: Collection[str],
) -> Head:
    """Moves the reference's order, as it is served, so that the mean score of all items that a judge scored
    is their mean rating."""
    if reference is None:
        raise ValueError(f"{target.size} rated items only move the reference's scores: give a reference")
    judged = [k for k, column in enumerate(table.columns) if not is_measure(column)]
    coins = fit_coins(_standing_scores(name, table, judged, turned), target, weights)
    orders = np.full(target.size, np.nan)
    for i, row in enumerate(table.values[:, judged].tolist()):
        present = {table.columns[k]: x for k, x in zip(judged, row, strict=True) if not math.isnan(x)}
        if present:
            orders[i] = order_of(present, reference, head=name, turned=turned, coins=coins)
    scored: NDArray[np.bool_] = ~np.isnan(orders)
    away = mean_of((target - orders)[scored], at(weights, scored)) if scored.any() else 0.0
    mean = round(mean_of(target, weights), DIGITS)
    return Head(name=name, mean=mean, offset=round(away, DIGITS), coins=coins)


def _standing_scores(
    head: str, table: RatedTable, judged: Sequence[int], turned: Collection[str]
) -> dict[str, Array]:
    """Judge -> per item the mean of the columns that it stands by, higher = better; NaN = none."""
    at_name = {table.columns[k]: table.values[:, k] for k in judged}
    found = {}
    for judge, own in standing_columns(at_name, head).items():
        scores = mean_of_present(np.column_stack([at_name[c] for c in own]))
        found[judge] = 1.0 - scores if judge in turned else scores
    return found


def _folds(table: RatedTable, stage: Stage, seed: int) -> Folds:
    folds = group_folds(table.groups, FOLDS, seed)
    if stage is not Stage.OFFSET and int(folds.max()) < 1:
        raise ValueError("all rated items are of one group: nothing can be left out to learn from")
    return folds


def _polarities(
    names: Sequence[str],
    values: Array,
    targets: Mapping[str, Array],
    table: RatedTable,
    stage: Stage,
    seed: int,
) -> tuple[Polarity, ...]:
    """Which way each judge scores; where too few items are rated for curves, also by the others."""
    found = polarities(names, values, targets, table.groups, table.scales, seed)
    return beside_the_clear(found, names, values, targets) if stage is Stage.OFFSET else found


def _falling(names: Sequence[str], found: Sequence[Polarity]) -> list[bool]:
    """Whether each column's judge scores the other way."""
    turned = {p.judge for p in found if p.reversed}
    return [not is_measure(n) and judge_of(n) in turned for n in names]


def _provenance(table: RatedTable, learnt: _Learnt, origin: Origin, seed: int) -> Provenance:
    known = {column.name for column in learnt.columns}
    return Provenance(
        ratings=origin.ratings,
        seed=seed,
        created=origin.created,
        code=origin.code,
        dropped=tuple(c for c in table.columns if c not in known),
        notes=(*origin.notes, *polarity_notes(learnt.polarities)),
    )


def _columns_with_curves(table: RatedTable) -> tuple[list[int], list[str], list[tuple[float, ...]]]:
    """Positions and names of the columns that are present often enough and vary, with their knots."""
    kept, knots = [], []
    for k in range(len(table.columns)):
        column = _rounded(table.values[:, k])
        own = knots_of(column)
        if len(own) >= 2 and float((~np.isnan(column)).mean()) >= LEAST_PRESENT:
            kept.append(k)
            knots.append(own)
    return kept, [table.columns[k] for k in kept], knots


def _column(
    name: str,
    knots: tuple[float, ...],
    values: Array,
    table: RatedTable,
    weights: Array | None,
    *,
    falling: bool,
) -> Column:
    return Column(
        name=name,
        knots=knots,
        mean=float(f"{float(column_means(values[:, None], weights)[0]):.9g}"),
        spread=max(float(f"{float(np.nanstd(values)):.9g}"), 1e-9),
        missing=round(float(np.isnan(values).mean()), DIGITS),
        reasons={r: round(float(s), DIGITS) for r, s in table.abstentions.get(name, {}).items()},
        kind=table.kinds.get(name, ScoreKind.SINGLE),
        falling=falling,
    )


def _rows(
    values: Array,
    targets: Mapping[str, Array],
    folds: Folds,
    groups: Sequence[str],
    weights: Array | None,
    sample: NDArray[np.intp],
) -> Rows:
    _, numbers = np.unique(np.asarray(groups), return_inverse=True)
    return Rows(
        values=tuple(tuple(None if math.isnan(x) else x for x in values[i].tolist()) for i in sample),
        targets={h: tuple(y[sample].tolist()) for h, y in targets.items()},
        folds=tuple(folds[sample].tolist()),
        groups=tuple(numbers[sample].tolist()),
        weights=() if weights is None else tuple(weights[sample].tolist()),
    )


def _noise(table: RatedTable, rubric: Rubric) -> float | None:
    """Mean over items of rater variance / raters of the overall rating."""
    only = rubric.criteria[0].name if len(rubric.criteria) == 1 else OVERALL
    variance = table.rater_variance.get(OVERALL, table.rater_variance.get(only))
    if variance is None or bool(np.isnan(variance).all()):
        return None
    own = (variance / table.raters)[:, None]
    return round(float(column_means(own, item_weights(table.propensity))[0]), 9)


def _rounded(values: Array) -> Array:
    """Five significant digits: what the snapshot's file holds is what was fitted."""
    flat = [float(f"{x:.5g}") for x in values.ravel().tolist()]
    return np.asarray(flat).reshape(values.shape)
