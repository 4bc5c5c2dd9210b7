"""Agreement with people under many weightings of the items at once.

Every metric takes weights of shape (weightings, items) and gives one figure each: a row of ones is the plain
figure, a row of counts is a bootstrap sample. So an interval costs one pass, and two methods that are given
the same weights are compared on the same samples. numpy only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]

MIDDLE: Final = 0.5
"""Rating from which an item is acceptable, of a pair the first preferred, an answer correct."""
BINS: Final = 10
"""Of equal width, for the expected calibration error."""
FEWEST_IN_CLASS: Final = 10
"""Items on either side of the middle that figures about two classes need."""
MOST_LEVELS: Final = 11
"""Steps of a scale that counts as discrete."""
COVERAGE: Final = 0.9
FEWEST_IN_GROUP: Final = 3
"""Items a document needs for an order within it."""
CHUNK: Final = 512
"""Rows of the matrix of pairs that are held at a time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """What one method said of some items beside what people said. All arrays run over the same items."""

    order: Array
    """What the items are ranked by, any unit, complete; ties that calibration made are not in it."""
    value: Array
    """Calibrated score in [0, 1], complete."""
    lower: Array
    """Of the 90 % interval; NaN = none."""
    upper: Array
    human: Array
    """Mean rating in [0, 1]."""
    groups: Index
    """Number of the item's group, from 0."""
    levels: int = 0
    """Steps of the people's scale, both ends counted; 0 = not discrete."""


Statistic = Callable[[Sheet, Array], Array]
"""(items, weights of shape (weightings, items)) -> a figure for each weighting; NaN = not defined."""


class Reads(StrEnum):
    """What of a method a figure is about."""

    ORDER = "order"
    VALUE = "value"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure with its direction."""

    name: str
    of: Statistic
    reads: Reads
    higher: bool | None
    """Whether higher is better; None = neither, there is a figure to meet."""
    applies: Callable[[Sheet], bool] = lambda sheet: True  # noqa: ARG005
    """Whether the ratings of a whole study allow it."""


def weighted_ranks(x: Array, weights: Array) -> Array:
    """Mid-ranks under each weighting, shape (weightings, items); ties share theirs."""
    _, inverse = np.unique(x, return_inverse=True)
    size = int(inverse.max()) + 1
    order = np.argsort(inverse, kind="stable")
    starts = np.searchsorted(inverse[order], np.arange(size))
    per_value = np.add.reduceat(weights[:, order], starts, axis=1)
    result: Array = (np.cumsum(per_value, axis=1) - per_value / 2)[:, inverse]
    return result


def spearman(sheet: Sheet, weights: Array) -> Array:
    """Spearman's rho with mid-ranks; a method that says the same of all items has 0, constant ratings NaN."""
    return _rho(sheet.order, sheet.human, weights)


def pearson(sheet: Sheet, weights: Array) -> Array:
    """Pearson's r of the calibrated score; 0 for a constant score."""
    return _correlation(sheet.value, sheet.human, weights)


def kendall(sheet: Sheet, weights: Array) -> Array:
    """Kendall's tau-b; 0 for a constant order."""
    x, y = _codes(sheet.order), _codes(sheet.human)
    concordant = np.zeros(len(weights))
    for start in range(0, x.size, CHUNK):
        rows = slice(start, start + CHUNK)
        signs = np.sign(x[rows, None] - x) * np.sign(y[rows, None] - y)
        concordant += np.einsum("bi,bi->b", weights[:, rows], weights.astype(np.float32) @ signs.T)
    untied = _untied(x, weights) * _untied(y, weights)
    flat = _untied(y, weights) <= 0
    return np.where(flat, np.nan, _ratio(concordant, np.sqrt(untied), empty=0.0))


def rmse(sheet: Sheet, weights: Array) -> Array:
    """Root of the mean squared error, in units of the scale [0, 1]."""
    return np.sqrt(_mean((sheet.value - sheet.human) ** 2, weights))


def mae(sheet: Sheet, weights: Array) -> Array:
    """Mean absolute error, in units of the scale [0, 1]."""
    return _mean(np.abs(sheet.value - sheet.human), weights)


def qwk(sheet: Sheet, weights: Array) -> Array:
    """Cohen's kappa with quadratic weights, score and mean rating rounded to the steps of the scale."""
    a, b = (np.round(x.clip(0, 1) * (sheet.levels - 1)) for x in (sheet.value, sheet.human))
    seen = _mean((a - b) ** 2, weights)
    expected = _mean(a**2, weights) + _mean(b**2, weights) - 2 * _mean(a, weights) * _mean(b, weights)
    return 1 - _ratio(seen, expected)


def accuracy(sheet: Sheet, weights: Array) -> Array:
    """Share of the items put on the right side of the middle."""
    return _mean(((sheet.value >= MIDDLE) == (sheet.human >= MIDDLE)).astype(float), weights)


def kappa(sheet: Sheet, weights: Array) -> Array:
    """Cohen's kappa of the sides of the middle."""
    says, is_so = ((x >= MIDDLE).astype(float) for x in (sheet.value, sheet.human))
    p, q = _mean(says, weights), _mean(is_so, weights)
    chance = p * q + (1 - p) * (1 - q)
    return _ratio(accuracy(sheet, weights) - chance, 1 - chance)


def brier(sheet: Sheet, weights: Array) -> Array:
    """Mean squared error of the score as a probability."""
    return _mean((sheet.value - sheet.human) ** 2, weights)


def ece(sheet: Sheet, weights: Array) -> Array:
    """Expected calibration error: ten bins of equal width, mean distance of score and rating in a bin."""
    bins = np.minimum((sheet.value.clip(0, 1) * BINS).astype(np.intp), BINS - 1)
    gaps = np.where(bins[None, :] == np.arange(BINS)[:, None], sheet.value - sheet.human, 0.0)
    return _ratio(np.abs(weights @ gaps.T).sum(axis=1), weights.sum(axis=1))


def auc(sheet: Sheet, weights: Array) -> Array:
    """Probability that an acceptable item stands above an unacceptable one; ties count half."""
    good = (sheet.human >= MIDDLE) * weights
    bad = weights - good
    above = weighted_ranks(sheet.order, bad)
    return _ratio((above * good).sum(axis=1), good.sum(axis=1) * bad.sum(axis=1))


def recall_at(share: float) -> Statistic:
    """Share of the unacceptable items below the highest line with at most `share` of the acceptable below."""

    def recall(sheet: Sheet, weights: Array) -> Array:
        order = np.argsort(sheet.order, kind="stable")
        said, weighted = sheet.order[order], weights[:, order]
        good = weighted * (sheet.human[order] >= MIDDLE)
        lost, found = np.cumsum(good, axis=1), np.cumsum(weighted - good, axis=1)
        allowed = lost <= share * lost[:, -1:] + 1e-9
        allowed &= np.append(said[1:] > said[:-1], True)
        return _ratio(np.where(allowed, found, 0.0).max(axis=1), found[:, -1])

    return recall


def coverage(sheet: Sheet, weights: Array) -> Array:
    """Share of the items with an interval whose interval holds the mean rating."""
    known = ~np.isnan(sheet.lower)
    held = (sheet.lower[known] <= sheet.human[known] + 1e-9) & (
        sheet.human[known] <= sheet.upper[known] + 1e-9
    )
    return _mean(held.astype(float), weights[:, known])


def width(sheet: Sheet, weights: Array) -> Array:
    """Mean width of the intervals, in units of the scale [0, 1]."""
    known = ~np.isnan(sheet.lower)
    return _mean(sheet.upper[known] - sheet.lower[known], weights[:, known])


def equal_width(sheet: Sheet, weights: Array) -> Array:
    """Mean width once all intervals are stretched by the one factor that makes 90 % of them hold."""
    known = ~np.isnan(sheet.lower)
    if not known.any():
        return np.full(len(weights), np.nan)
    value, weights = sheet.value[known], weights[:, known]
    down, up = value - sheet.lower[known], sheet.upper[known] - value
    error = sheet.human[known] - value
    needed = np.abs(error) / np.maximum(np.where(error < 0, down, up), 1e-9)
    order = np.argsort(needed, kind="stable")
    share = _ratio(np.cumsum(weights[:, order], axis=1), weights.sum(axis=1, keepdims=True))
    factor = needed[order][np.argmax(share >= COVERAGE - 1e-9, axis=1)][:, None]
    stretched = np.minimum(value + factor * up, 1.0) - np.maximum(value - factor * down, 0.0)
    return _ratio((stretched * weights).sum(axis=1), weights.sum(axis=1))


def within(sheet: Sheet, weights: Array) -> Array:
    """Spearman within each group of three items or more, averaged over groups; a flat order there is 0."""
    found, counts = [], []
    for group in np.unique(sheet.groups):
        own = np.flatnonzero(sheet.groups == group)
        if own.size >= FEWEST_IN_GROUP and np.ptp(sheet.human[own]) > 0:
            found.append(_rho(sheet.order[own], sheet.human[own], np.ones((1, own.size)))[0])
            counts.append(weights[:, own[0]])
    if not found:
        return np.full(len(weights), np.nan)
    return _mean(np.array(found), np.column_stack(counts))


def two_classes(sheet: Sheet) -> bool:
    """Whether enough items stand on either side of the middle."""
    good = int((sheet.human >= MIDDLE).sum())
    return min(good, sheet.human.size - good) >= FEWEST_IN_CLASS


def is_binary(sheet: Sheet) -> bool:
    """Whether people said yes or no, one or the other, right or wrong."""
    return bool(np.isin(sheet.human, (0.0, 1.0)).all()) and two_classes(sheet)


def is_discrete(sheet: Sheet) -> bool:
    """Whether the people's scale has few steps, and more than two."""
    return 2 < sheet.levels <= MOST_LEVELS


def has_documents(sheet: Sheet) -> bool:
    """Whether most items share their group with two others or more."""
    sizes = np.bincount(sheet.groups)
    return float(sizes[sizes >= FEWEST_IN_GROUP].sum()) > sheet.human.size / 2


METRICS: Final = (
    Metric(name="spearman", of=spearman, reads=Reads.ORDER, higher=True),
    Metric(
        name="spearman within documents", of=within, reads=Reads.ORDER, higher=True, applies=has_documents
    ),
    Metric(name="kendall", of=kendall, reads=Reads.ORDER, higher=True),
    Metric(name="pearson", of=pearson, reads=Reads.VALUE, higher=True),
    Metric(name="rmse", of=rmse, reads=Reads.VALUE, higher=False),
    Metric(name="mae", of=mae, reads=Reads.VALUE, higher=False),
    Metric(name="qwk", of=qwk, reads=Reads.VALUE, higher=True, applies=is_discrete),
    Metric(name="accuracy", of=accuracy, reads=Reads.VALUE, higher=True, applies=is_binary),
    Metric(name="kappa", of=kappa, reads=Reads.VALUE, higher=True, applies=is_binary),
    Metric(name="brier", of=brier, reads=Reads.VALUE, higher=False, applies=is_binary),
    Metric(name="ece", of=ece, reads=Reads.VALUE, higher=False, applies=is_binary),
    Metric(name="auc", of=auc, reads=Reads.ORDER, higher=True, applies=two_classes),
    Metric(
        name="recall at 1% false rejects",
        of=recall_at(0.01),
        reads=Reads.ORDER,
        higher=True,
        applies=two_classes,
    ),
    Metric(
        name="recall at 5% false rejects",
        of=recall_at(0.05),
        reads=Reads.ORDER,
        higher=True,
        applies=two_classes,
    ),
    Metric(name="coverage", of=coverage, reads=Reads.INTERVAL, higher=None),
    Metric(name="width", of=width, reads=Reads.INTERVAL, higher=False),
    Metric(name="width at equal coverage", of=equal_width, reads=Reads.INTERVAL, higher=False),
)


def krippendorff_alpha(ratings: list[Array]) -> float:
    """Krippendorff's alpha for interval data: 1 - observed / expected squared difference of single ratings.

    One array an item, of whatever number of people; items with fewer than two are left out. NaN where there
    are none, or where all ratings are the same. Source: Krippendorff 2011, Computing Krippendorff's
    alpha-reliability, section E.
    """
    paired = [r for r in ratings if r.size >= 2]
    if not paired:
        return float("nan")
    everything = np.concatenate(paired)
    seen = sum(2 * r.size * float(((r - r.mean()) ** 2).sum()) / (r.size - 1) for r in paired)
    expected = 2 * everything.size * float(((everything - everything.mean()) ** 2).sum())
    expected /= everything.size - 1
    return 1 - seen / expected if expected > 0 else float("nan")


def _rho(x: Array, y: Array, weights: Array) -> Array:
    return _correlation(weighted_ranks(x, weights), weighted_ranks(y, weights), weights)


def _correlation(x: Array, y: Array, weights: Array) -> Array:
    """Weighted Pearson; x and y of shape (items,) or (weightings, items). 0 for constant x, NaN for y."""
    total = weights.sum(axis=1, keepdims=True)
    a = x - _ratio((weights * x).sum(axis=1, keepdims=True), total)
    b = y - _ratio((weights * y).sum(axis=1, keepdims=True), total)
    xx, yy, xy = ((weights * p * q).sum(axis=1) for p, q in ((a, a), (b, b), (a, b)))
    tiny = 1e-12 * np.maximum(total[:, 0], 1.0)
    rho = np.where(xx > tiny, xy / np.sqrt(np.maximum(xx * yy, 1e-300)), 0.0)
    return np.where(yy > tiny, rho, np.nan)


def _codes(x: Array) -> NDArray[np.float32]:
    return np.unique(x, return_inverse=True)[1].astype(np.float32)


def _untied(codes: NDArray[np.float32], weights: Array) -> Array:
    """Twice the weight of pairs with different values."""
    inverse = codes.astype(np.intp)
    order = np.argsort(inverse, kind="stable")
    starts = np.searchsorted(inverse[order], np.arange(int(inverse.max()) + 1))
    per_value = np.add.reduceat(weights[:, order], starts, axis=1)
    result: Array = weights.sum(axis=1) ** 2 - (per_value**2).sum(axis=1)
    return result


def _mean(x: Array, weights: Array) -> Array:
    return _ratio(weights @ x, weights.sum(axis=1))


def _ratio(above: Array, below: Array, empty: float = np.nan) -> Array:
    """Quotient; `empty` where there is nothing to divide by."""
    result: Array = np.divide(above, below, out=np.full(np.shape(above), empty), where=below > 0)
    return result
