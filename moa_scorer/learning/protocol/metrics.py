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

from moa_scorer.learning.protocol.metrics_of_error import accuracy, brier, ece, kappa, mae, pearson, qwk, rmse
from moa_scorer.learning.protocol.metrics_of_interval import coverage, equal_width, width
from moa_scorer.learning.protocol.metrics_of_order import (
    FEWEST_IN_GROUP,
    MIDDLE,
    auc,
    kendall,
    recall_at,
    spearman,
    within,
)
from moa_scorer.learning.protocol.sheet import Array, Sheet

FEWEST_IN_CLASS: Final = 10
"""Items on either side of the middle that figures about two classes need."""
MOST_LEVELS: Final = 11
"""Steps of a scale that counts as discrete."""

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
