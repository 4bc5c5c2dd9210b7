"""The protocol of tests/data/PREREGISTRATION.md: a panel beside its baselines on the same splits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.fit import Origin, fit, with_overall
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import CertificateStatus
from moa_scorer.learning.agreement import human_ceiling, interval, resamples, spearman
from moa_scorer.learning.predict import Predictions, predict
from moa_scorer.learning.protocol.baselines import best_single, filled, plain_mean, word_count
from moa_scorer.learning.protocol.text_ridge import TextRidge
from moa_scorer.learning.study.ratings import RatedItem

Array = NDArray[np.float64]
Index = NDArray[np.intp]

PANEL = "panel"
BEST = "best single judge"
MEAN = "plain mean"
WORDS = "word count"
TEXT = "TF-IDF ridge"
PERSON = "one person"
"""Against the mean of the others, not of all."""
RESAMPLES = 1000
SEED = 0

Split = Callable[[Index, Index], tuple[RatedTable, RatedTable]]
"""(training positions, test positions) -> their tables, in which nothing learnt has seen a test rating."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """One rubric and panel with everything that people and judges said of its items."""

    name: str
    items: tuple[RatedItem, ...]
    table: RatedTable
    """Over the same items in the same order."""
    split: Split
    rubric: Rubric
    panel: Panel
    kind: str
    single_raters: bool
    """Whether a single person agrees well enough with others to be a ceiling."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """What every method said of the test items of one split."""

    test: Index
    """Positions in the task."""
    human: Mapping[str, Array]
    """Head -> mean rating in [0, 1]."""
    said: Mapping[str, Mapping[str, Array]]
    """Method -> head -> score an item; NaN = none."""
    predictions: Predictions
    best: Mapping[str, str]
    """Head -> the best single column."""
    others: Array
    """Mean overall rating of everybody but the one person; NaN where there is nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """An estimate with its 95 % interval over groups."""

    value: float
    low: float
    high: float


def fitted(task: Task, train: RatedTable, *, seed: int = SEED) -> Snapshot:
    """The product's fit of a training table."""
    return fit(
        train,
        rubric=task.rubric,
        kinds=(task.kind,),
        languages=("en",),
        panel=task.panel,
        judge_revisions={},
        seed=seed,
        origin=Origin(created="", code=""),
    )


def run_fold(task: Task, train: Index, test: Index, *, baselines: bool = True) -> Fold:
    """Fits on the training items and scores the test items, by every method."""
    fit_table, new_table = task.split(train, test)
    predictions = predict(fitted(task, fit_table), new_table, task.rubric, task.panel, kind=task.kind)
    human = with_overall(new_table, task.rubric)
    targets = with_overall(fit_table, task.rubric)
    best = {h: best_single(fit_table, y) for h, y in targets.items()}
    said: dict[str, Mapping[str, Array]] = {PANEL: predictions.scores}
    one, others = human_ceiling([task.items[i].ratings for i in test], task.rubric.weights(), SEED)
    if baselines:
        said |= _simple(task, fit_table, new_table, test, best)
        said[TEXT] = _text_ridge(task, train, test, targets, fit_table.groups)
        if task.single_raters:
            said[PERSON] = {OVERALL: one}
    names = {h: fit_table.columns[k] for h, k in best.items()}
    return Fold(test=test, human=human, said=said, predictions=predictions, best=names, others=others)


def _simple(
    task: Task, train: RatedTable, new: RatedTable, test: Index, best: Mapping[str, int]
) -> dict[str, Mapping[str, Array]]:
    mean = plain_mean(new)
    words = word_count([task.items[i].text for i in test])
    return {
        BEST: {h: filled(train, new.values[:, k], k) for h, k in best.items()},
        MEAN: dict.fromkeys(best, np.where(np.isnan(mean), float(np.nanmedian(mean)), mean)),
        WORDS: dict.fromkeys(best, words),
    }


def _text_ridge(
    task: Task, train: Index, test: Index, targets: Mapping[str, Array], groups: Sequence[str]
) -> dict[str, Array]:
    model = TextRidge([task.items[i].text for i in train])
    texts = [task.items[i].text for i in test]
    return {h: model.predict(y, texts, groups) for h, y in targets.items()}


def cross_validate(
    task: Task, folds: Index, progress: Callable[[], None] = lambda: None, *, baselines: bool = True
) -> tuple[Fold, ...]:
    """One run a fold: fitted on the other folds."""
    done = []
    for fold in sorted(set(folds.tolist())):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        done.append(run_fold(task, train, test, baselines=baselines))
        progress()
    return tuple(done)


def correlation(fold: Fold, method: str, head: str, index: Index | None = None) -> float:
    """Spearman of one method on (a resample of) a fold's items.

    An item that a method gives no number stands in the middle, so that abstaining never helps; only a person
    is asked about rated items alone, against the other people. A method that says the same of all items has
    no order to agree with: 0.
    """
    said = fold.said[method][head]
    human = fold.others if method == PERSON else fold.human[head]
    index = np.arange(said.size) if index is None else index
    said, human = said[index], human[index]
    if method == PERSON:
        here = ~np.isnan(said)
        return spearman(said[here], human[here])
    missing = np.isnan(said)
    if missing.any():
        said = np.where(missing, 0.0 if missing.all() else np.nanmedian(said), said)
    return spearman(said, human) if float(np.ptp(said)) > 0 else 0.0


def agreement(task: Task, folds: Sequence[Fold], method: str, head: str) -> Figure:
    """Spearman averaged over folds, with its interval."""
    return _figure(task, folds, lambda f, i: correlation(f, method, head, i))


def difference(task: Task, folds: Sequence[Fold], method: str, head: str) -> Figure:
    """The panel's Spearman less the method's, paired: both on the same resampled groups."""

    def gap(fold: Fold, index: Index | None) -> float:
        return correlation(fold, PANEL, head, index) - correlation(fold, method, head, index)

    return _figure(task, folds, gap)


def criteria_mean(task: Task, folds: Sequence[Fold], method: str, against: str = "") -> Figure:
    """Spearman averaged over criteria and folds, of a method or of the panel less a method."""
    heads = [c.name for c in task.rubric.criteria]

    def mean(fold: Fold, index: Index | None) -> float:
        own = [correlation(fold, method, h, index) for h in heads]
        other = [correlation(fold, against, h, index) if against else 0.0 for h in heads]
        return float(np.mean(own) - np.mean(other))

    return _figure(task, folds, mean)


def _figure(task: Task, folds: Sequence[Fold], statistic: Callable[[Fold, Index | None], float]) -> Figure:
    """The mean over folds; its interval resamples the groups of each fold."""
    samples = [resamples([task.items[i].group for i in f.test], RESAMPLES, SEED) for f in folds]

    def mean_of(b: Index) -> float:
        return float(np.mean([statistic(f, samples[k][int(b[0])]) for k, f in enumerate(folds)]))

    low, high = interval(mean_of, [np.array([b]) for b in range(RESAMPLES)])
    return Figure(value=float(np.mean([statistic(f, None) for f in folds])), low=low, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often the 90 % intervals hold the people's mean."""

    splits: int
    mean: float
    """Over splits, of the share of VALID scores of the overall whose interval holds."""
    low: float
    """5th percentile over splits."""
    high: float
    """95th percentile over splits."""
    width: float
    """Mean width of the intervals."""
    valid: float
    """Share of the scores that are VALID."""


def coverage(task: Task, splits: int, progress: Callable[[], None] = lambda: None) -> Coverage:
    """Repeated random splits of the groups, 80 % to fit and 20 % to test, seeds 0 and up."""
    runs = []
    for seed in range(splits):
        train, test = random_split(task.table.groups, seed)
        runs.append(_held(run_fold(task, train, test, baselines=False)))
        progress()
    share, width, valid = (np.array(x) for x in zip(*runs, strict=True))
    return Coverage(
        splits=splits,
        mean=float(share.mean()),
        low=float(np.quantile(share, 0.05)),
        high=float(np.quantile(share, 0.95)),
        width=float(width.mean()),
        valid=float(valid.mean()),
    )


def inside(fold: Fold, head: str) -> NDArray[np.bool_]:
    """Of the fold's items with a VALID certificate: does the interval hold the people's mean?"""
    lower, upper, human = fold.predictions.lower[head], fold.predictions.upper[head], fold.human[head]
    valid = ~np.isnan(lower)
    held: NDArray[np.bool_] = (lower[valid] <= human[valid]) & (human[valid] <= upper[valid])
    return held


def _held(fold: Fold) -> tuple[float, float, float]:
    held = inside(fold, OVERALL)
    share = float(held.mean()) if held.size else float("nan")
    width = float(np.nanmean(fold.predictions.upper[OVERALL] - fold.predictions.lower[OVERALL]))
    return share, width, fold.predictions.share(CertificateStatus.VALID)


def random_split(groups: Sequence[str], seed: int, share: float = 0.2) -> tuple[Index, Index]:
    """(training, test) positions; a fifth of the groups, drawn by the seed, is for testing."""
    names, inverse = np.unique(np.asarray(groups), return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(names.size)[: max(1, round(share * names.size))]
    test = np.isin(inverse, drawn)
    return np.flatnonzero(~test), np.flatnonzero(test)


def shuffled(task: Task) -> Task:
    """The placebo: every item gets another item's ratings."""
    order = np.random.default_rng(SEED).permutation(task.table.items)

    def exchange(table: RatedTable) -> RatedTable:
        return replace(table, targets={h: y[order] for h, y in table.targets.items()}, rater_variance={})

    def split(train: Index, test: Index) -> tuple[RatedTable, RatedTable]:
        return mixed.take(train), mixed.take(test)

    mixed = exchange(task.table)
    return replace(task, table=mixed, split=split)
