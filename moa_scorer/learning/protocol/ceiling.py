"""How well people agree with people: what a score of the same items can be expected to reach. numpy only."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.learning.agreement import human_ceiling, spearman
from moa_scorer.learning.protocol.findings import Ceiling
from moa_scorer.learning.protocol.metrics import krippendorff_alpha
from moa_scorer.learning.study.study import Study, rubric_of

Array = NDArray[np.float64]

LEAST_ALPHA: Final = 0.3
"""Below it single raters barely agree: their mean is worth something, one of them is no ceiling."""
DRAWS: Final = 20
"""Choices of the one person."""
FEWEST: Final = 20
"""Items with two raters or more."""


def ceilings(study: Study, heads: tuple[str, ...], seed: int) -> tuple[Ceiling, ...]:
    """One person against the mean of the others, for each head."""
    return tuple(_ceiling(study, h, seed) for h in heads)


def barely(one: Ceiling) -> bool:
    """Whether single raters are known to agree too little to be a ceiling."""
    return one.alpha < LEAST_ALPHA


def _ceiling(study: Study, head: str, seed: int) -> Ceiling:
    weights = rubric_of(study).weights() if head == OVERALL else {head: 1.0}
    people = [_people(item.ratings, weights) for item in study.items]
    alpha = krippendorff_alpha(people)
    pairs = [human_ceiling([i.ratings for i in study.items], weights, seed + d) for d in range(DRAWS)]
    known = ~np.isnan(pairs[0][1])
    told = int(known.sum()) >= FEWEST and not alpha < LEAST_ALPHA
    return Ceiling(
        criterion=head,
        alpha=alpha,
        raters=float(np.mean([len(r) for i in study.items for r in (i.ratings[c] for c in weights)])),
        spearman=float(np.mean([spearman(a[known], b[known]) for a, b in pairs])) if told else float("nan"),
        rmse=float(np.mean([_rmse(a[known], b[known]) for a, b in pairs])) if told else float("nan"),
    )


def _people(ratings: Mapping[str, tuple[float, ...]], weights: Mapping[str, float]) -> Array:
    """Each person's weighted rating; empty where the criteria were not rated by as many people."""
    counts = {len(ratings[c]) for c in weights}
    if len(counts) > 1:
        return np.zeros(0)
    each: Array = np.array([weights[c] * np.array(ratings[c]) for c in weights]).sum(axis=0)
    return each


def _rmse(a: Array, b: Array) -> float:
    return float(np.sqrt(np.mean((a - b) ** 2)))
