"""Figures of every method, criterion and metric over splits, with intervals over groups. numpy only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.learning.protocol.arena import Arena
from moa_scorer.learning.protocol.findings import AVERAGE, PANEL, Difference, Estimate, Measured
from moa_scorer.learning.protocol.lesson import Said
from moa_scorer.learning.protocol.metrics import METRICS, Metric, Reads
from moa_scorer.learning.protocol.sheet import Sheet
from moa_scorer.learning.protocol.trials import Trial
from moa_scorer.learning.study.study import Study

Array = NDArray[np.float64]
Key = tuple[str, str, str]
"""Method, criterion, metric."""

LEVEL: Final = 0.95
FEWEST_REPEATS: Final = 5
"""For a 5th percentile."""
RESAMPLES: Final = 1000
RESAMPLES_OF_MANY: Final = 200
"""Where there are many repeats of the splits."""
STEP: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Yardstick:
    """What a study is measured by."""

    metrics: Mapping[str, tuple[Metric, ...]]
    """Head -> metrics that its ratings allow."""
    levels: Mapping[str, int]
    """Head -> steps of the people's scale; 0 = not discrete."""
    codes: NDArray[np.intp]
    """Number of each item's group."""
    draws: Array
    """Shape (1 + resamples, groups): how often each group counts; the first row is all ones."""


def yardstick(ground: Arena, *, resamples: int, seed: int) -> Yardstick:
    """Bootstrap samples draw as many whole groups as there are, with replacement, the same in every split."""
    names, codes = np.unique(np.asarray(ground.tables[PANEL].groups), return_inverse=True)
    draws = np.random.default_rng([seed, 7]).multinomial(
        names.size, np.full(names.size, 1 / names.size), resamples
    )
    levels = {h: _levels(ground.study, h) for h in ground.heads}
    return Yardstick(
        metrics={h: _allowed(ground.human[h], codes, levels[h]) for h in ground.heads},
        levels=levels,
        codes=codes,
        draws=np.vstack([np.ones(names.size), draws]),
    )


def measure(
    said_by: Mapping[str, Mapping[str, Said]], trial: Trial, ground: Arena, by: Yardstick
) -> dict[Key, Array]:
    """Each figure of one split: plain, then under each bootstrap sample; criteria are averaged as well.

    `said_by` is method -> head -> what it said of the split's new items.
    """
    weights = by.draws[:, by.codes[trial.new]]
    figures: dict[Key, Array] = {}
    for method, heads in said_by.items():
        for head, said in heads.items():
            sheet = _sheet(said, ground.human[head][trial.new], by.codes[trial.new], by.levels[head])
            for metric in by.metrics[head]:
                if _answers(said, metric):
                    figures[method, head, metric.name] = metric.of(sheet, weights)
    return figures | _averages(figures)


def tallied(
    results: Iterable[tuple[int, Mapping[Key, Array]]],
) -> tuple[dict[Key, Array], dict[Key, list[float]]]:
    """(mean over all splits of each figure's vector, mean of the plain figure for each repeat)."""
    sums: dict[Key, Array] = {}
    counts: dict[Key, Array] = {}
    plain: dict[Key, dict[int, list[float]]] = {}
    for repeat, figures in results:
        for key, vector in figures.items():
            known = ~np.isnan(vector)
            sums[key] = sums.get(key, 0.0) + np.where(known, vector, 0.0)
            counts[key] = counts.get(key, 0.0) + known
            plain.setdefault(key, {}).setdefault(repeat, []).append(float(vector[0]))
    means = {
        k: np.divide(s, counts[k], out=np.full(s.size, np.nan), where=counts[k] > 0) for k, s in sums.items()
    }
    return means, {k: [_mean(v) for v in repeats.values()] for k, repeats in plain.items()}


def figures_of(means: Mapping[Key, Array], plain: Mapping[Key, Sequence[float]]) -> tuple[Measured, ...]:
    """Every figure with its interval and its spread over repeats."""
    return tuple(
        Measured(method=m, criterion=c, metric=k, estimate=estimate(means[m, c, k], plain[m, c, k]))
        for m, c, k in means
    )


def differences_of(
    means: Mapping[Key, Array], plain: Mapping[Key, Sequence[float]], of: str = PANEL
) -> tuple[Difference, ...]:
    """One method, the panel unless another is named, less each other, where both have the figure."""
    found = []
    direction = {metric.name: metric.higher for metric in METRICS}
    for method, criterion, metric in means:
        own = (of, criterion, metric)
        if method == of or own not in means:
            continue
        key = (method, criterion, metric)
        gaps = [a - b for a, b in zip(plain[own], plain[key], strict=True)]
        gap = estimate(means[own] - means[key], gaps)
        found.append(
            Difference(
                rival=method,
                criterion=criterion,
                metric=metric,
                estimate=gap,
                better=_better(gap, direction[metric]),
            )
        )
    return tuple(found)


def estimate(vector: Array, repeats: Sequence[float]) -> Estimate:
    """The plain figure stands first in the vector, bootstrap samples behind it."""
    samples = vector[1:][~np.isnan(vector[1:])]
    low, high = np.quantile(samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if samples.size else (np.nan, np.nan)
    each = np.array(repeats)
    each = each[~np.isnan(each)]
    return Estimate(
        value=float(vector[0]),
        low=float(low),
        high=float(high),
        fifth=float(np.quantile(each, 0.05)) if each.size >= FEWEST_REPEATS else float("nan"),
        sd=float(each.std(ddof=1)) if each.size > 1 else float("nan"),
    )


def _better(gap: Estimate, higher: bool | None) -> bool | None:
    if higher is None or not (gap.low > 0 or gap.high < 0):
        return None
    return (gap.low > 0) is higher


def _averages(figures: Mapping[Key, Array]) -> dict[Key, Array]:
    """Over criteria, of the figures that all of them have."""
    found: dict[tuple[str, str], list[Array]] = {}
    for (method, head, metric), vector in figures.items():
        if head != OVERALL:
            found.setdefault((method, metric), []).append(vector)
    most = max(map(len, found.values()), default=0)
    return {(m, AVERAGE, k): np.mean(vs, axis=0) for (m, k), vs in found.items() if len(vs) == most}


def _sheet(said: Said, human: Array, groups: NDArray[np.intp], levels: int) -> Sheet:
    return Sheet(
        order=said.order,
        value=said.value,
        lower=said.lower,
        upper=said.upper,
        human=human,
        groups=groups,
        levels=levels,
    )


def _answers(said: Said, metric: Metric) -> bool:
    """Whether a method said what the metric reads: an order alone has no error, a score alone no width."""
    if metric.reads is Reads.ORDER:
        return True
    return not np.isnan(said.value if metric.reads is Reads.VALUE else said.lower).all()


def _allowed(human: Array, codes: NDArray[np.intp], levels: int) -> tuple[Metric, ...]:
    nothing = np.full(human.size, np.nan)
    sheet = Sheet(
        order=human, value=human, lower=nothing, upper=nothing, human=human, groups=codes, levels=levels
    )
    return tuple(metric for metric in METRICS if metric.applies(sheet))


def _levels(study: Study, head: str) -> int:
    """Steps of a criterion's scale where every single rating stands on one."""
    low, high = study.rating_scale
    if head == OVERALL and len(study.criteria) > 1:
        return 0
    steps = np.array([r for item in study.items for r in item.ratings[head]]) * (high - low)
    return round(high - low) + 1 if bool(np.all(np.abs(steps - np.round(steps)) < STEP)) else 0


def _mean(values: Sequence[float]) -> float:
    known = [v for v in values if v == v]
    return sum(known) / len(known) if known else float("nan")
