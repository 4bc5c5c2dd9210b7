"""The masks that requests will most likely need, worked out before one waits for them."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations

from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.mask_fit import Mask
from moa_scorer.calibration.snapshot import Snapshot, Stage
from moa_scorer.calibration.table import is_measure, judge_of

USUAL_MASKS = 16
"""Patterns of gaps in the rated items that are worked out in advance."""
USUAL_WHEN_LATE = 3
"""Of these, how many are worked out for requests that lose their slowest judges."""


def warm(snapshot: Snapshot) -> None:
    """Works out the masks that requests will most likely need, so that none waits for them: every column, one
    judge missing, and the usual gaps of the rated items; where odd judges are left out, also without
    each one or two of them."""
    for mask in usual_masks(snapshot):
        odd_judges = fit_mask(snapshot, mask).odd_judges
        if odd_judges and len(mask) == len(snapshot.columns):
            for party in odd_judges.parties:
                fit_mask(snapshot, _without(snapshot, mask, party.judges))


def usual_masks(snapshot: Snapshot) -> tuple[Mask, ...]:
    """Every column, every column but one judge's, and the usual gaps of the rated items; none at OFFSET."""
    if snapshot.stage is Stage.OFFSET:
        return ()
    everything = tuple(range(len(snapshot.columns)))
    judges = dict.fromkeys(judge_of(c.name) for c in snapshot.columns if not is_measure(c.name))
    masks = (everything, *(_without(snapshot, everything, {judge}) for judge in judges))
    return tuple(dict.fromkeys((*masks, *_usual(snapshot, USUAL_MASKS))))


def masks_when_late(snapshot: Snapshot, slowest: Sequence[str]) -> tuple[Mask, ...]:
    """The masks of requests whose budget ends early: the usual ones without the slowest judge, the slowest
    two and so on, and without any two of them. The slowest judge comes first."""
    if snapshot.stage is Stage.OFFSET:
        return ()
    cut = [set(slowest[: k + 1]) for k in range(len(slowest))] + [
        set(two) for two in combinations(slowest, 2)
    ]
    usual = _usual(snapshot, USUAL_WHEN_LATE)
    return tuple(dict.fromkeys(_without(snapshot, mask, gone) for mask in usual for gone in cut))


def masks_without(snapshot: Snapshot, spared: Sequence[Collection[str]]) -> tuple[Mask, ...]:
    """For each of these parties of judges the usual masks without them; none at OFFSET."""
    if snapshot.stage is Stage.OFFSET:
        return ()
    usual = (tuple(range(len(snapshot.columns))), *_usual(snapshot, USUAL_WHEN_LATE))
    return tuple(dict.fromkeys(_without(snapshot, mask, party) for party in spared for mask in usual))


def _usual(snapshot: Snapshot, most: int) -> tuple[Mask, ...]:
    """The commonest patterns of answers in the rated items."""
    seen = Counter(tuple(k for k, x in enumerate(row) if x is not None) for row in snapshot.rows.values)
    return tuple(mask for mask, _ in seen.most_common(most))


def _without(snapshot: Snapshot, mask: Mask, judges: Collection[str]) -> Mask:
    return tuple(k for k in mask if judge_of(snapshot.columns[k].name) not in judges)
