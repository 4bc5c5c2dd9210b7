"""Which way each judge scores: its correlation with people, and whether it is clearly negative.

A judge whose scale nobody declared may score the other way (toxicity where people rated civility). Its scores
are left as they are; the curves of its columns fall instead of rising.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.conformal import effective_items
from moa_scorer.calibration.propensity import mean_of_present
from moa_scorer.calibration.ranks import mid_ranks
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import Array, Scale, criterion_of, is_measure, judge_of

REPLICATES = 400
"""Bootstrap samples of groups."""
LEVEL = 0.95
"""Of the interval that must lie below zero."""
CLEAR = 1.96
"""Standard errors that this level means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polarity:
    """How one judge goes with the people."""

    judge: str
    correlation: float
    """Rank correlation in [-1, 1], the mean over its columns of rated criteria."""
    lower: float
    """Bounds of its 95 % interval: the wider of a bootstrap over groups, which is too narrow for a handful of
    items, and Fisher's over as many items as dependent ones are worth."""
    upper: float
    declared: bool
    """Whether the direction of its scale was declared."""
    beside: float | None = None
    """Rank correlation with the judges whose direction is clear; None unless that alone shows its own."""

    @property
    def negative(self) -> bool:
        """Whether its scores clearly fall where people's rise."""
        return self.upper < 0

    @property
    def reversed(self) -> bool:
        """Whether its curves shall fall: clearly negative, and nobody said that higher is better."""
        return (self.negative or self.beside is not None) and not self.declared


def polarities(
    columns: Sequence[str],
    values: Array,
    targets: Mapping[str, Array],
    groups: Sequence[str],
    scales: Mapping[str, Scale],
    seed: int,
) -> tuple[Polarity, ...]:
    """Every judge's polarity, in column order; a judge without any (constant, all missing) is left out.

    `values` has shape (items, columns); `targets` hold every criterion and `overall`. A judge is read by its
    columns of rated criteria, else by the mean of its columns against the overall.
    """
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    count = int(group.max()) + 1
    draws = np.random.default_rng([seed, 2]).multinomial(count, np.full(count, 1 / count), size=REPLICATES)
    weights = np.vstack([np.ones(count), draws])
    found = []
    for judge in dict.fromkeys(judge_of(c) for c in columns if not is_measure(c)):
        pairs = _pairs(judge, columns, values, targets)
        each = np.array([_correlations(x, y, group, weights) for x, y in pairs])
        told = ~np.isnan(each[:, 0])
        if told.any():
            scale = scales.get(judge)
            worth = min(_worth(x, y, group) for (x, y), t in zip(pairs, told, strict=True) if t)
            mean = each[told].mean(axis=0)
            found.append(_polarity(judge, mean, worth, declared=scale is None or scale.declared))
    return tuple(found)


def beside_the_clear(
    found: Sequence[Polarity], columns: Sequence[str], values: Array, targets: Mapping[str, Array]
) -> tuple[Polarity, ...]:
    """The same polarities; a judge that nobody declared, whose few ratings leave open which way it scores, is
    told by the judges whose direction is clear, where their mean goes clearly with people and it clearly does
    not go with them.

    Of 24 judges of toxicity beside 20 ratings of civility half are clear by themselves: the mean of all has
    rank correlation .15 with people then, and .58 so (-.58 where nobody is turned).
    """
    signs = {p.judge: -1 if p.reversed else 1 for p in found if p.reversed or _is_clear(p)}
    ranks = {p.judge: _ranks_of(p.judge, columns, values, targets) for p in found}
    company = _mean_rank([sign * ranks[judge] for judge, sign in signs.items()], len(values))
    if _bounds(*_rank_correlation(company, targets[OVERALL]))[0] <= 0:
        return tuple(found)
    result = []
    for one in found:
        rho, count = _rank_correlation(ranks[one.judge], company)
        open_still = not one.declared and one.judge not in signs and one.correlation < 0
        against = open_still and _bounds(rho, count)[1] < 0
        result.append(replace(one, beside=rho) if against else one)
    return tuple(result)


def polarity_notes(found: Sequence[Polarity]) -> tuple[str, ...]:
    """A sentence on each judge whose scores clearly fall where people's rise."""
    notes = []
    for one in (p for p in found if p.negative or p.reversed):
        figures = (
            f"(rank correlation {one.correlation:.2f}, 95 % interval {one.lower:.2f} to {one.upper:.2f})"
        )
        if one.beside is not None:
            notes.append(
                f"{one.judge} scores the other way (rank correlation {one.correlation:.2f}, "
                f"and {one.beside:.2f} with the judges whose direction is clear): it is read so"
            )
        elif one.reversed:
            notes.append(f"{one.judge} scores the other way {figures}: it is read so")
        else:
            notes.append(
                f"{one.judge} was declared to score as people do, yet goes against them {figures}: "
                "check its scale, and that its scores were joined by item"
            )
    return tuple(notes)


def _polarity(judge: str, correlations: Array, worth: int, *, declared: bool) -> Polarity:
    known = correlations[~np.isnan(correlations)]
    drawn = np.quantile(known[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if known.size > 1 else (-1.0, 1.0)
    lower, upper = _bounds(float(known[0]), worth)
    return Polarity(
        judge=judge,
        correlation=float(known[0]),
        lower=min(float(drawn[0]), lower),
        upper=max(float(drawn[1]), upper),
        declared=declared,
    )


def _bounds(rho: float, count: int) -> tuple[float, float]:
    """95 % interval of a rank correlation of so many independent items (Fieller, Hartley, Pearson 1957)."""
    if count <= 3 or math.isnan(rho):
        return -1.0, 1.0
    middle, reach = math.atanh(min(max(rho, -0.999), 0.999)), CLEAR * math.sqrt(1.06 / (count - 3))
    return math.tanh(middle - reach), math.tanh(middle + reach)


def _worth(x: Array, y: Array, group: NDArray[np.intp]) -> int:
    """How many independent items those with a score are worth."""
    here = ~np.isnan(x)
    return effective_items(_centred_ranks(x[here]) * _centred_ranks(y[here]), group[here])


def _is_clear(one: Polarity) -> bool:
    """Whether it scores as people do, by its declaration or by its ratings."""
    return one.lower > 0 or (one.declared and not one.negative)


def _ranks_of(judge: str, columns: Sequence[str], values: Array, targets: Mapping[str, Array]) -> Array:
    """The judge's mean rank over the columns that it is read by, about 0; NaN where it said nothing."""
    ranks = []
    for scores, _ in _pairs(judge, columns, values, targets):
        own, here = np.full(scores.size, np.nan), ~np.isnan(scores)
        own[here] = _centred_ranks(scores[here])
        ranks.append(own)
    return _mean_rank(ranks, len(values))


def _mean_rank(ranks: Sequence[Array], items: int) -> Array:
    """Mean of the ranks that are there; NaN where none is."""
    stacked = np.array(ranks).reshape(-1, items)
    counts = (~np.isnan(stacked)).sum(axis=0)
    result: Array = np.divide(
        np.nansum(stacked, axis=0), counts, out=np.full(items, np.nan), where=counts > 0
    )
    return result


def _rank_correlation(x: Array, y: Array) -> tuple[float, int]:
    """(rank correlation, items) where both are known; NaN where either is constant or nearly nothing is."""
    here = ~np.isnan(x) & ~np.isnan(y)
    if here.sum() < 3 or min(np.ptp(x[here]), np.ptp(y[here])) <= 0:
        return math.nan, 0
    return float(np.corrcoef(mid_ranks(x[here]), mid_ranks(y[here]))[0, 1]), int(here.sum())


def _pairs(
    judge: str, columns: Sequence[str], values: Array, targets: Mapping[str, Array]
) -> list[tuple[Array, Array]]:
    """(scores, target) of the judge's columns of rated criteria, else of the mean of its columns."""
    mine = [k for k, c in enumerate(columns) if not is_measure(c) and judge_of(c) == judge]
    own = [
        (values[:, k], targets[criterion_of(columns[k])]) for k in mine if criterion_of(columns[k]) in targets
    ]
    if own:
        return own
    return [(mean_of_present(values[:, mine]), targets[OVERALL])]


def _correlations(x: Array, y: Array, group: NDArray[np.intp], weights: Array) -> Array:
    """Rank correlation under each row of group weights, shape (samples,); NaN where a side is constant."""
    here = ~np.isnan(x)
    if int(here.sum()) < 3:
        return np.full(len(weights), np.nan)
    a, b = _centred_ranks(x[here]), _centred_ranks(y[here])
    products = (np.ones(a.size), a, b, a * a, b * b, a * b)
    sums = np.column_stack([np.bincount(group[here], p, weights.shape[1]) for p in products])
    n, mean_a, mean_b, aa, bb, ab = (weights @ sums).T
    n = np.maximum(n, 1.0)
    spread = (aa / n - (mean_a / n) ** 2) * (bb / n - (mean_b / n) ** 2)
    covariance = ab / n - mean_a * mean_b / n**2
    result: Array = np.divide(
        covariance, np.sqrt(np.maximum(spread, 0.0)), out=np.full(n.size, np.nan), where=spread > 1e-12
    )
    return result


def _centred_ranks(x: Array) -> Array:
    result: Array = mid_ranks(x) / x.size - 0.5
    return result
