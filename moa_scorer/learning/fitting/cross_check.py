"""What a fit is worth on items it has not seen: one quick grouped cross-validation, and half the ratings."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.snapshot import LINE_FROM, OVERALL
from moa_scorer.calibration.table import Array, RatedTable
from moa_scorer.domain.rubric import Rubric
from moa_scorer.learning.agreement import spearman
from moa_scorer.learning.fitting.purpose import Purpose
from moa_scorer.learning.predict import predict
from moa_scorer.learning.protocol.trials import FOLDS, Trial, trials
from moa_scorer.learning.study.ratings import overall
from moa_scorer.learning.study.severity import severities_of, without_severity
from moa_scorer.learning.study.study import Study

Index = NDArray[np.intp]
CALLS = 2 * FOLDS
"""How often `cross_check` says that it is one step further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """One head's figures on items whose groups the fit had not seen, against people's mean ratings.

    Where the fit takes off severity, so do the figures, as it was learned from the training items.
    """

    head: str
    """A criterion, or `overall`."""
    spearman: float
    """Rank correlation with the mean rating, averaged over folds; NaN where a side was constant."""
    rmse: float
    """Of score against mean rating, in units of the scale."""
    constant: float
    """The same for the mean rating of the training items."""
    coverage: float
    """Share of intervals that hold the mean rating; NaN where no item got one."""
    width: float
    """Mean width of the intervals, in units of the scale; NaN as above."""
    certified: float
    """Share of the items that got an interval, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """Held-out figures, and how the error falls with the number of ratings."""

    heads: tuple[HeldOut, ...]
    """Criteria in rubric order, then `overall`."""
    halved: float
    """RMSE of the overall from fits on half of the training items; NaN where these are too few."""
    doubled: float
    """RMSE of the overall with twice as many items, by the law a + b/n through both points; NaN as above."""

    def metrics(self) -> dict[str, float]:
        """The figures by name, as a snapshot keeps them; without those that are not known."""
        found = {
            f"{name}.{h.head}": round(float(getattr(h, name)), 6)
            for h in self.heads
            for name in ("spearman", "rmse", "coverage", "width")
        }
        return {name: value for name, value in found.items() if math.isfinite(value)}


class TooFew(ValueError):
    """There are too few items or groups to leave some out."""


def cross_check(
    study: Study,
    table: RatedTable,
    purpose: Purpose,
    *,
    seed: int,
    severity: bool,
    tick: Callable[[], None] = lambda: None,
) -> CrossCheck:
    """Figures of five fits, each on four fifths of the groups, and of five on half of those items.

    `table` is the study's own, so that measures are taken once. With `severity` it is learned from the
    training items alone, and taken off theirs. Raises TooFew with fewer than five groups, and with fewer than
    22 items to train on.
    """
    groups = tuple(item.group for item in study.items)
    splits = trials(groups, None, 1, seed) if len(set(groups)) >= FOLDS else ()
    if not splits or min(t.rated.size for t in splits) < LINE_FROM:
        raise TooFew(f"{len(groups)} items of {len(set(groups))} groups are too few to leave some out")
    whole = _Pool(study, table, purpose, severity)
    half = _Pool(study, table, purpose, severity)
    enough = all(t.rated.size // 2 >= LINE_FROM for t in splits)
    for trial in splits:
        whole.add(trial.rated, trial.new, seed)
        tick()
        if enough:
            half.add(_half(trial, study, seed), trial.new, seed)
        tick()
    heads = tuple(whole.figures(h) for h in (*study.criteria, OVERALL))
    halved = half.figures(OVERALL).rmse if enough else math.nan
    trained = float(np.mean([t.rated.size for t in splits]))
    return CrossCheck(
        heads=heads,
        halved=halved,
        doubled=_extrapolated(halved, heads[-1].rmse, trained, len(study.items)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fold:
    """What one fit says of one head of the items that it has not seen."""

    rating: Array
    """Mean rating of each new item, less severity as learned from the training items."""
    mean: float
    """Mean rating of the training items."""
    score: Array
    """An item without a score stands at `mean`."""
    lower: Array
    """NaN = no interval."""
    upper: Array


class _Pool:
    """Held-out scores of one way to fit, fold by fold."""

    def __init__(self, study: Study, table: RatedTable, purpose: Purpose, severity: bool) -> None:
        self._study, self._table, self._purpose, self._severity = study, table, purpose, severity
        self._folds: dict[str, list[_Fold]] = {h: [] for h in (*study.criteria, OVERALL)}

    def add(self, rated: Index, new: Index, seed: int) -> None:
        """Fits on some items and scores others."""
        study, rubric, panel = self._study, self._purpose.rubric, self._purpose.panel
        training, others = (replace(study, items=tuple(study.items[i] for i in own)) for own in (rated, new))
        severities = severities_of(training.items) if self._severity else {}
        targets = targets_of(without_severity(training, severities), rubric)
        ratings = targets_of(without_severity(others, severities), rubric)
        snapshot = fit(
            replace(self._table.take(rated), targets=targets),
            rubric=rubric,
            kinds=(study.kind,),
            languages=(study.language,) if study.language else (),
            panel=panel,
            judge_revisions={},
            seed=seed,
            origin=Origin(created="", code=""),
        )
        told = predict(
            snapshot, self._table.take(new), rubric, panel, kind=study.kind, language=study.language or "en"
        )
        for head, folds in self._folds.items():
            mean = float(targets[head].mean())
            score = np.where(np.isnan(told.scores[head]), mean, told.scores[head])
            lower, upper = told.lower[head], told.upper[head]
            folds.append(_Fold(rating=ratings[head], mean=mean, score=score, lower=lower, upper=upper))

    def figures(self, head: str) -> HeldOut:
        """Over all folds so far."""
        folds = self._folds[head]
        orders = [spearman(f.score, f.rating) for f in folds]
        rating, score, lower, upper = (
            np.concatenate([getattr(f, name) for f in folds])
            for name in ("rating", "score", "lower", "upper")
        )
        known = ~np.isnan(lower)
        inside = (lower[known] <= rating[known]) & (rating[known] <= upper[known])
        return HeldOut(
            head=head,
            spearman=_mean([r for r in orders if not math.isnan(r)]),
            rmse=math.sqrt(_mean((score - rating) ** 2)),
            constant=math.sqrt(_mean(np.concatenate([f.mean - f.rating for f in folds]) ** 2)),
            coverage=_mean(inside.astype(np.float64)),
            width=_mean(upper[known] - lower[known]),
            certified=float(known.mean()),
        )


def targets_of(study: Study, rubric: Rubric) -> dict[str, Array]:
    """Criterion -> mean rating of each item, and `overall` as the rubric weighs them."""
    weights = rubric.weights()
    names = tuple(weights)
    targets = {c: np.array([i.mean(c) for i in study.items], dtype=np.float64) for c in names}
    targets[OVERALL] = np.array([overall(i, names, weights) for i in study.items], dtype=np.float64)
    return targets


def _half(trial: Trial, study: Study, seed: int) -> Index:
    """Half of the training items, whole groups in the seed's order."""
    groups = np.asarray([study.items[i].group for i in trial.rated])
    names, codes = np.unique(groups, return_inverse=True)
    order = np.random.default_rng([seed, 2]).permutation(names.size)
    sizes = np.cumsum(np.bincount(codes, minlength=names.size)[order])
    taken = order[: int(np.searchsorted(sizes, trial.rated.size / 2)) + 1]
    return trial.rated[np.isin(codes, taken)]


def _extrapolated(halved: float, full: float, trained: float, items: int) -> float:
    """RMSE with twice `items`, where squared errors follow a + b/n from half of `trained` items to all."""
    if math.isnan(halved):
        return math.nan
    slope = max(halved**2 - full**2, 0.0) * trained
    return math.sqrt(max(full**2 - slope * (1 / trained - 1 / (2 * items)), 0.0))


def _mean(values: Sequence[float] | Array) -> float:
    return float(np.mean(values)) if len(values) else math.nan
