"""The scales of judges and raters: as declared, else the smallest usual one that holds what is seen."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Scale
from moa_scorer.learning.study.entries import Entry
from moa_scorer.learning.study.reading import Reading

USUAL_SCALES = (
    (0.0, 1.0),
    (1.0, 5.0),
    (0.0, 5.0),
    (1.0, 7.0),
    (0.0, 9.0),
    (1.0, 10.0),
    (0.0, 10.0),
    (0.0, 100.0),
)
"""Tried after the people's own, for judges whose scale nobody declared."""
WITHIN = 0.99
"""Share of a judge's scores that its scale must hold."""


def judge_scales(
    entries: Iterable[Entry], reading: Reading, human: Sequence[tuple[float, float]]
) -> dict[str, Scale]:
    """Judge -> its scale, for every judge with a score; `human` are the raters' scales."""
    scores: dict[str, list[float]] = defaultdict(list)
    declared: dict[str, Scale] = {}
    for entry in entries:
        for (judge, _), answer in entry.answers.items():
            if answer.score is not None:
                scores[judge].append(answer.score)
            if answer.scale is not None:
                declared[judge] = answer.scale
    looks = _as_they_look({judge: np.array(own) for judge, own in scores.items()}, human)
    return {judge: reading.scale_of(judge) or declared.get(judge) or looks[judge] for judge in scores}


def rating_scales(entries: Iterable[Entry]) -> list[tuple[float, float]]:
    """The scales that the file says its criteria were rated on, in rising order."""
    return sorted({scale for entry in entries for scale in entry.scales.values()})


def common(scales: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The one scale; 0 to 1 where criteria have scales of their own."""
    return scales[0] if len(scales) == 1 else (0.0, 1.0)


def seen_rating_scale(values: Iterable[float]) -> tuple[float, float]:
    """The smallest usual scale that holds all ratings, else their range."""
    ratings = np.array(list(values) or [0.0])
    for low, high in USUAL_SCALES:
        if ratings.min() >= low and ratings.max() <= high:
            return low, high
    return _range(ratings)


def outside(entries: Iterable[Entry], scales: Mapping[str, Scale]) -> dict[str, int]:
    """Judge -> how many of its scores are outside its scale, where any is."""
    counts: dict[str, int] = defaultdict(int)
    for entry in entries:
        for (judge, _), answer in entry.answers.items():
            if answer.score is not None and scales[judge].to_unit(answer.score) is None:
                counts[judge] += 1
    return dict(counts)


def _as_they_look(
    scores: Mapping[str, NDArray[np.float64]], human: Sequence[tuple[float, float]]
) -> dict[str, Scale]:
    """Judges of one file mostly share a scale: what fits most of them is tried first."""
    first = {judge: _seen(own, (*human, *USUAL_SCALES)) for judge, own in scores.items()}
    usual = Counter((s.low, s.high) for s in first.values()).most_common(1)
    candidates = (*human, *(ends for ends, _ in usual), *USUAL_SCALES)
    return {judge: _seen(own, candidates) for judge, own in scores.items()}


def _seen(scores: NDArray[np.float64], candidates: Iterable[tuple[float, float]]) -> Scale:
    for low, high in candidates:
        if float(np.mean((scores >= low) & (scores <= high))) >= WITHIN:
            return Scale(low=low, high=high, declared=False)
    low, high = _range(scores)
    return Scale(low=low, high=high, declared=False)


def _range(numbers: NDArray[np.float64]) -> tuple[float, float]:
    """Least and greatest, apart even where all are one huge number, which a step of 1 would not change."""
    low, high = float(numbers.min()), float(numbers.max())
    return low, high if high > low else low + max(1.0, abs(low))
