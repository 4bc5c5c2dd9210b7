"""The parts of an evaluation as plain values, for reports."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.verdict import CertificateStatus
from moa_scorer.learning.embedded.evaluate import (
    BEST,
    PANEL,
    PERSON,
    SEED,
    TEXT,
    WORDS,
    Fold,
    Task,
    agreement,
    correlation,
    coverage,
    criteria_mean,
    cross_validate,
    difference,
    inside,
    run_fold,
    shuffled,
)
from moa_scorer.learning.embedded.moderation import auc, misses_by_group, recall_at

Index = NDArray[np.intp]
Mask = NDArray[np.bool_]

SPLITS = 100
"""Random splits for the coverage."""
SOURCE_FOLDS = 5
FALSE_REJECTS = (0.01, 0.05)


def cross_validated(task: Task, folds: Index) -> dict[str, Any]:
    """Every method's agreement, and what the panel has over it, over all folds."""
    return _compared(task, cross_validate(task, folds))


def final_split(task: Task, final: Mask) -> dict[str, Any]:
    """The same on the final split, fitted on all the rest."""
    fold = run_fold(task, np.flatnonzero(~final), np.flatnonzero(final))
    return _compared(task, (fold,))


def coverage_of(task: Task, splits: int) -> dict[str, Any]:
    """Coverage over repeated splits. What the student says is cross-fitted once over all folds, not anew."""

    def split(train: Index, test: Index) -> tuple[RatedTable, RatedTable]:
        return task.table.take(train), task.table.take(test)

    return asdict(coverage(replace(task, split=split), splits))


def placebo(task: Task, folds: Index) -> dict[str, Any]:
    """The panel fitted to exchanged ratings."""
    mixed = shuffled(task)
    run = cross_validate(mixed, folds, baselines=False)
    width = [f.predictions.upper[OVERALL] - f.predictions.lower[OVERALL] for f in run]
    return {
        "overall": asdict(agreement(mixed, run, PANEL, OVERALL)),
        "width": float(np.nanmean(np.concatenate(width))),
        "constant width": _constant_width(mixed),
    }


def unseen_sources(task: Task) -> dict[str, Any]:
    """Writers (or data sets) of the test items never seen in the fit: five parts of whole sources."""
    sources = task.table.sources
    parts = min(SOURCE_FOLDS, len(set(sources)))
    if parts < 2:
        return {}
    runs = cross_validate(task, group_folds(sources, parts, SEED))
    return {
        "parts": parts,
        "methods": {m: asdict(agreement(task, runs, m, OVERALL)) for m in (PANEL, BEST, WORDS, TEXT)},
        "certificates": _certificates(runs),
        "coverage": _coverage(runs),
    }


def comment_figures(task: Task, folds: Index) -> dict[str, Any]:
    """Order, AUC, recall and misses by mentioned group for each source, and from one source to the other."""
    runs = cross_validate(task, folds)
    names = sorted({item.dataset for item in task.items})
    return {
        "sources": {name: _source_figures(task, runs, name) for name in names},
        "from one to the other": {name: _across(task, name) for name in names},
    }


def _compared(task: Task, runs: Sequence[Fold]) -> dict[str, Any]:
    methods = tuple(runs[0].said)
    heads = [c.name for c in task.rubric.criteria]
    whole = tuple(m for m in methods if m != PERSON)
    return {
        "items": int(sum(f.test.size for f in runs)),
        "overall": {m: asdict(agreement(task, runs, m, OVERALL)) for m in methods},
        "criteria mean": {m: asdict(criteria_mean(task, runs, m)) for m in whole},
        "criteria": {
            h: {m: float(np.mean([correlation(f, m, h) for f in runs])) for m in whole} for h in heads
        },
        "panel less": {
            m: {
                "overall": asdict(difference(task, runs, m, OVERALL)),
                "criteria mean": asdict(criteria_mean(task, runs, PANEL, against=m)),
            }
            for m in whole
            if m != PANEL
        },
        "best columns": sorted({f.best[OVERALL] for f in runs}),
        "certificates": _certificates(runs),
        "coverage": _coverage(runs),
    }


def _certificates(runs: Sequence[Fold]) -> dict[str, float]:
    found = {s.value: float(np.mean([f.predictions.share(s) for f in runs])) for s in CertificateStatus}
    return {name: share for name, share in found.items() if share > 0}


def _coverage(runs: Sequence[Fold]) -> float | None:
    held = np.concatenate([inside(f, OVERALL) for f in runs])
    return float(held.mean()) if held.size else None


def _constant_width(task: Task) -> float:
    """The narrowest band about the mean rating that holds 90 % of the ratings."""
    human = task.table.targets.get(OVERALL)
    if human is None:
        human = next(iter(task.table.targets.values()))
    return float(2 * np.quantile(np.abs(human - human.mean()), 0.9))


def _source_figures(task: Task, runs: Sequence[Fold], name: str) -> dict[str, Any]:
    """Figures of one source's items, averaged over folds."""
    chosen = [np.array([task.items[i].dataset == name for i in f.test]) for f in runs]
    methods = {m: _method_figures(runs, chosen, m) for m in (PANEL, BEST, WORDS, TEXT)}
    return {
        "items": int(sum(c.sum() for c in chosen)),
        "methods": methods,
        "misses": {m: _misses(task, runs, chosen, m) for m in (PANEL, TEXT)},
    }


def _method_figures(runs: Sequence[Fold], chosen: Sequence[Mask], method: str) -> dict[str, float]:
    kept = [
        (f.said[method][OVERALL][c], f.human[OVERALL][c], correlation(f, method, OVERALL, np.flatnonzero(c)))
        for f, c in zip(runs, chosen, strict=True)
    ]
    found = {
        "spearman": float(np.mean([r for _, _, r in kept])),
        "auc": float(np.mean([auc(s, y) for s, y, _ in kept])),
    }
    for share in FALSE_REJECTS:
        found[f"recall at {share:.0%}"] = float(np.mean([recall_at(s, y, share) for s, y, _ in kept]))
    return found


def _misses(
    task: Task, runs: Sequence[Fold], chosen: Sequence[Mask], method: str
) -> Mapping[str, tuple[float, int]]:
    """Group -> (share of unacceptable items missed at 5 % false rejects, their number) over all folds."""
    scores = np.concatenate([f.said[method][OVERALL][c] for f, c in zip(runs, chosen, strict=True)])
    human = np.concatenate([f.human[OVERALL][c] for f, c in zip(runs, chosen, strict=True)])
    index = np.concatenate([f.test[c] for f, c in zip(runs, chosen, strict=True)])
    return misses_by_group(scores, human, [task.items[i].mentions or () for i in index], FALSE_REJECTS[1])


def _across(task: Task, name: str) -> dict[str, Any]:
    """Fitted on the other source alone, measured on this one."""
    own = np.array([item.dataset == name for item in task.items])
    fold = run_fold(task, np.flatnonzero(~own), np.flatnonzero(own))
    return {
        "methods": {m: correlation(fold, m, OVERALL) for m in (PANEL, BEST, WORDS, TEXT)},
        "certificates": _certificates((fold,)),
        "coverage": _coverage((fold,)),
    }
