"""Judges that stand out from all others on one item: an attack, a broken reply, or a judge of another mind.

On the normal scores of the support check, what a judge says beyond what the others lead one to expect has a
known covariance: the others' precision. A judge, or two together (attacked judges cover for each other),
whose distance is beyond nearly all of the rated items' is left out; the mask of the rest gives number and
interval. Against precision-weighted others, never against the median: calibrated weak judges sit at the
mean, the median is their vote, and the one good judge would go.

Simulated, 2 of 7 judges attacked on 30 % of items: the error is 1.02 to 1.03 times the clean one where they
praise without bound (1.7 to 1.9 without this step), 1.17 where they praise within reason, and 1.002 to 1.004
without an attack. Leaving out judge by judge until the item is in support came to 1.03 to 1.06, and 1.3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import mul

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.support import Support
from moa_scorer.calibration.table import Array, is_measure, judge_of

LEVEL = 0.01
"""Share of the rated items on which some judge stands out."""
FEWEST_JUDGES = 5
"""With fewer, nobody can say who is odd."""
MOST_JUDGES_FOR_PAIRS = 10
"""With more, judges are looked at one by one."""
FEWEST_ITEMS = 200
"""Complete rated items that the level needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A judge or two who might stand out together."""

    judges: tuple[str, ...]
    at: tuple[int, ...]
    """Positions of their columns in the support's."""
    inverse: tuple[tuple[float, ...], ...]
    """Of their block of the precision."""
    usual: float
    """Median squared distance of the rated items over that of as many independent normals, > 0."""

    def oddness(self, pulls: Sequence[float]) -> float:
        """How far out they are, as a standard normal (Wilson and Hilferty 1931); `pulls` = precision · z."""
        own = [pulls[i] for i in self.at]
        squared = math.fsum(
            x * math.fsum(map(mul, row, own)) for x, row in zip(own, self.inverse, strict=True)
        )
        return _normal(squared / self.usual, len(self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class OddJudges:
    """Fitted state for one set of columns."""

    precision: tuple[tuple[float, ...], ...]
    parties: tuple[Party, ...]
    limit: float
    """Oddness that the oddest party of a rated item exceeds on LEVEL of them."""

    def odd_ones(self, support: Support, values: Sequence[float]) -> tuple[str, ...]:
        """The judges that stand out on an item with these values of the support's columns; mostly none."""
        z = support.normal_scores(values)
        pulls = [math.fsum(map(mul, row, z)) for row in self.precision]
        oddest = max(self.parties, key=lambda party: party.oddness(pulls))
        return oddest.judges if oddest.oddness(pulls) > self.limit else ()


def fit_odd_judges(names: Sequence[str], scores: Array, support: Support | None) -> OddJudges | None:
    """The state for columns of these names, all of judges or measures, from the rated items' normal scores.

    `scores` has shape (items, columns) and no gaps. None with too few judges or items.
    """
    parties = _parties(names)
    if support is None or not parties or scores.shape[0] < FEWEST_ITEMS:
        return None
    whitener = np.zeros((len(names), len(names)))
    for i, row in enumerate(support.whitener):
        whitener[i, : i + 1] = row
    precision = np.round(whitener.T @ whitener, 9)
    pulls = scores @ precision
    fitted, oddness = [], []
    for judges, at in parties:
        inverse = np.round(np.linalg.inv(precision[np.ix_(at, at)]), 9)
        squared = np.einsum("ni,ij,nj->n", pulls[:, at], inverse, pulls[:, at])
        usual = max(float(f"{float(np.median(squared)) / _median(len(at)):.9g}"), 1e-9)
        oddness.append(_normals(squared / usual, len(at)))
        fitted.append(Party(judges=judges, at=tuple(at), inverse=_rows(inverse), usual=usual))
    limit = float(np.quantile(np.max(oddness, axis=0), 1 - LEVEL))
    return OddJudges(precision=_rows(precision), parties=tuple(fitted), limit=round(limit, 9))


def _parties(names: Sequence[str]) -> list[tuple[tuple[str, ...], list[int]]]:
    """(judges, positions of their columns) of every judge and, with few judges, of every two."""
    own: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        if not is_measure(name):
            own.setdefault(judge_of(name), []).append(i)
    if len(own) < FEWEST_JUDGES:
        return []
    sizes = (1, 2) if len(own) <= MOST_JUDGES_FOR_PAIRS else (1,)
    return [
        (who, sorted(i for j in who for i in own[j])) for size in sizes for who in combinations(own, size)
    ]


def _median(degrees: int) -> float:
    """Of chi-squared, to within a percent or so (Wilson and Hilferty 1931)."""
    middle: float = degrees * (1 - 2 / (9 * degrees)) ** 3
    return middle


def _normal(squared: float, degrees: int) -> float:
    """Chi-squared of so many degrees as a standard normal."""
    part = 2 / (9 * degrees)
    return (math.cbrt(squared / degrees) - (1 - part)) / math.sqrt(part)


def _normals(squared: Array, degrees: int) -> Array:
    """`_normal` for an array."""
    part = 2 / (9 * degrees)
    result: Array = (np.cbrt(squared / degrees) - (1 - part)) / math.sqrt(part)
    return result


def _rows(matrix: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in matrix.tolist())
