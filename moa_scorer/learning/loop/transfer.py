"""A snapshot on items that it was not fitted for: what its certificates say, and whether they are right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import RatedTable, Scale
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import CertificateStatus
from moa_scorer.learning.loop.drift_batch import watch_batch, withheld
from moa_scorer.learning.loop.on_scales import UNIT, table_on
from moa_scorer.learning.predict import Predictions, predict
from moa_scorer.learning.study.rows import BallotRow
from moa_scorer.learning.study.study import Study, panel_of, rubric_of

T = TypeVar("T")

SIZES = (10, 20, 50, 100, 200, 500)
"""Batches, in groups, on which the watch is tried."""
LEAST_COVERAGE = 0.85
"""A set of VALID certificates that covers less is a broken promise."""
CONTROLS = 3
"""Held-out parts of a set, each measured with a snapshot of the others."""
CRITERION = "quality"
"""Name under which studies share their one criterion, so that neither rubric nor kind tells them apart."""
ORIGIN = Origin(created="", code="transfer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A snapshot fitted on one set of items and measured on another."""

    fitted: str
    measured: str
    """Name of the second set; the same as `fitted` for held-out items of the first."""
    items: int
    valid_alone: float
    """Share of the items that are VALID where each is looked at by itself."""
    coverage_alone: float
    """Of those, the share whose interval holds the mean rating; NaN without any."""
    evidence: float
    """log10 of the batch watch's e-value."""
    alarm: bool
    found_from: int | None
    """The smallest batch of `SIZES` groups, drawn at random, with an alarm; None = none of them."""
    valid: float
    """Share that is VALID with the watch."""
    coverage: float

    @property
    def kept(self) -> bool:
        """Whether what is called VALID covers as a VALID certificate must."""
        return self.valid == 0 or self.coverage >= LEAST_COVERAGE


def transfer(
    snapshot: Snapshot,
    table: RatedTable,
    rubric: Rubric,
    panel: Panel,
    *,
    kind: str,
    names: tuple[str, str],
    seed: int = 0,
) -> Transfer:
    """Measures the snapshot on a table of rated items, each by itself and as a batch."""
    alone = predict(snapshot, table, rubric, panel, kind=kind)
    watch = watch_batch(snapshot, table, seed=seed)
    watched = withheld(alone) if watch.alarm else alone
    return Transfer(
        fitted=names[0],
        measured=names[1],
        items=table.items,
        valid_alone=alone.share(CertificateStatus.VALID),
        coverage_alone=_coverage(alone, table),
        evidence=watch.evidence,
        alarm=watch.alarm,
        found_from=_found_from(snapshot, table, seed),
        valid=watched.share(CertificateStatus.VALID),
        coverage=_coverage(watched, table),
    )


def transfers(studies: Sequence[Study], *, seed: int = 0, most: int = 1000) -> Iterator[Transfer]:
    """Each one-criterion study on held-out parts of itself, then on every other with its judges.

    At most so many items of another set are measured, whole groups drawn at random. All sets are read on the
    widest scale that any of them shows for a judge.
    """
    scales = _widest(studies)
    for one in studies:
        table = table_on(one, scales, measures=False)
        yield _control(one, table, seed)
        snapshot, rubric, panel = _fitted(one, table, seed)
        for other in studies:
            if other is not one and set(one.judges) <= set(other.judges):
                measured = table_on(other.with_judges(one.judges), scales, measures=False)
                part = measured.take(drawn_items(measured, seed, share=min(1.0, most / measured.items)))
                names = (one.name, other.name)
                yield transfer(snapshot, part, rubric, panel, kind=CRITERION, names=names, seed=seed)


def _control(study: Study, table: RatedTable, seed: int) -> Transfer:
    """The study's held-out parts under snapshots of the rest, together."""
    folds = group_folds(table.groups, CONTROLS, seed)
    found = []
    for fold in range(CONTROLS):
        snapshot, rubric, panel = _fitted(study, table.take(np.flatnonzero(folds != fold)), seed)
        part = table.take(np.flatnonzero(folds == fold))
        names = (study.name, study.name)
        found.append(transfer(snapshot, part, rubric, panel, kind=CRITERION, names=names, seed=seed))
    return pooled(found)


def pooled(parts: Sequence[Transfer]) -> Transfer:
    """Several measurements as one: shares over all items, the strongest evidence, any alarm."""
    items = [p.items for p in parts]
    valid, alone = ([getattr(p, f) * p.items for p in parts] for f in ("valid", "valid_alone"))
    return replace(
        parts[0],
        items=sum(items),
        valid_alone=sum(alone) / sum(items),
        coverage_alone=_weighted([p.coverage_alone for p in parts], alone),
        evidence=max(p.evidence for p in parts),
        alarm=any(p.alarm for p in parts),
        found_from=min((p.found_from for p in parts if p.found_from), default=None),
        valid=sum(valid) / sum(items),
        coverage=_weighted([p.coverage for p in parts], valid),
    )


def _weighted(shares: Sequence[float], counts: Sequence[float]) -> float:
    """The mean of the shares that there are; NaN without any."""
    known = [(s, n) for s, n in zip(shares, counts, strict=True) if n]
    return sum(s * n for s, n in known) / sum(n for _, n in known) if known else float("nan")


def one_criterion(study: Study, criterion: str) -> Study:
    """The study of one criterion alone, under the name that all such studies share."""
    rows = {
        item: {judge: _only(row, criterion) for judge, row in cast.items()}
        for item, cast in study.rows.items()
    }
    items = tuple(
        replace(i, ratings={CRITERION: i.ratings[criterion]}, kind=CRITERION, raters={}) for i in study.items
    )
    name = study.name if len(study.criteria) == 1 else f"{study.name} {criterion}"
    return replace(study, name=name, items=items, rows=rows, criteria=(CRITERION,), kind=CRITERION)


def drawn_items(table: RatedTable, seed: int, *, share: float) -> NDArray[np.intp]:
    """Positions of the items of about that share of the groups, at least one, drawn at random."""
    names, inverse = np.unique(np.asarray(table.groups), return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(names.size)[: max(1, round(share * names.size))]
    return np.flatnonzero(np.isin(inverse, drawn))


def _fitted(study: Study, table: RatedTable, seed: int) -> tuple[Snapshot, Rubric, Panel]:
    """A snapshot under names that all studies share: only their items tell them apart."""
    common = replace(study, name=CRITERION)
    rubric, panel = rubric_of(common), panel_of(common)
    snapshot = fit(
        table,
        rubric=rubric,
        kinds=(CRITERION,),
        languages=(),
        panel=panel,
        judge_revisions={},
        seed=seed,
        origin=ORIGIN,
    )
    return snapshot, rubric, panel


def _only(row: BallotRow, criterion: str) -> BallotRow:
    return replace(
        row,
        scores=_own(row.scores, criterion),
        kinds=_own(row.kinds, criterion),
        abstained=_own(row.abstained, criterion),
    )


def _own(found: Mapping[str, T], criterion: str) -> dict[str, T]:
    return {CRITERION: found[criterion]} if criterion in found else {}


def _widest(studies: Sequence[Study]) -> dict[str, Scale]:
    """Judge -> the smallest scale that holds those of all studies."""
    found: dict[str, Scale] = {}
    for study in studies:
        for judge in study.judges:
            own = study.scales.get(judge, UNIT)
            wide = found.get(judge, own)
            found[judge] = Scale(low=min(wide.low, own.low), high=max(wide.high, own.high), declared=False)
    return found


def _coverage(predictions: Predictions, table: RatedTable) -> float:
    low, high = predictions.lower[OVERALL], predictions.upper[OVERALL]
    valid = ~np.isnan(low)
    if not valid.any():
        return float("nan")
    target = next(iter(table.targets.values())) if len(table.targets) == 1 else table.targets[OVERALL]
    y = target[valid].round(6)
    return float(np.mean((low[valid] <= y) & (y <= high[valid])))


def _found_from(snapshot: Snapshot, table: RatedTable, seed: int) -> int | None:
    names = np.unique(np.asarray(table.groups))
    order = np.random.default_rng([seed, 1]).permutation(names.size)
    for size in SIZES:
        if size <= names.size:
            part = np.flatnonzero(np.isin(np.asarray(table.groups), names[order[:size]]))
            if watch_batch(snapshot, table.take(part), seed=seed).alarm:
                return size
    return None
