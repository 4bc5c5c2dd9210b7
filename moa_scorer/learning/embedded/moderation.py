"""Figures for texts that are accepted or turned away: unacceptable = mean rating below one half."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.ranks import mid_ranks

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

LINE = 0.5
"""Mean rating from which a text is acceptable."""
FEWEST_IN_GROUP = 30


def unacceptable(human: Array) -> Mask:
    """Which items people would turn away."""
    result: Mask = human < LINE
    return result


def auc(scores: Array, human: Array) -> float:
    """Probability that an acceptable item scores above an unacceptable one; ties count half."""
    bad = unacceptable(human)
    good = ~bad
    if not bad.any() or not good.any():
        return float("nan")
    above = mid_ranks(scores)[good].sum() - good.sum() ** 2 / 2
    return float(above / (good.sum() * bad.sum()))


def threshold_at(scores: Array, human: Array, false_rejects: float) -> float:
    """Highest threshold whose share of acceptable items scoring below it is at most `false_rejects`."""
    good = np.sort(scores[~unacceptable(human)])
    return float(good[min(int(false_rejects * good.size), good.size - 1)])


def recall_at(scores: Array, human: Array, false_rejects: float) -> float:
    """Share of the unacceptable items that score below that threshold."""
    bad = scores[unacceptable(human)]
    return float((bad < threshold_at(scores, human, false_rejects)).mean()) if bad.size else float("nan")


def misses_by_group(
    scores: Array, human: Array, mentions: Sequence[Sequence[str]], false_rejects: float
) -> Mapping[str, tuple[float, int]]:
    """Mentioned group -> (share of its unacceptable items that are not found, their number), largest first.

    One threshold for all groups; groups with fewer than 30 unacceptable items are left out.
    """
    line = threshold_at(scores, human, false_rejects)
    found: dict[str, list[bool]] = {}
    for score, bad, groups in zip(scores, unacceptable(human), mentions, strict=True):
        for group in groups if bad else ():
            found.setdefault(group, []).append(bool(score >= line))
    kept = {g: (float(np.mean(m)), len(m)) for g, m in found.items() if len(m) >= FEWEST_IN_GROUP}
    return dict(sorted(kept.items(), key=lambda item: -item[1][1]))
