"""Serving: places, curves, weights, in plain floats and in a fixed order."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from moa_scorer.calibration.curves import Place, locate, read
from moa_scorer.calibration.mask import Effect, HeadFit, Mask
from moa_scorer.calibration.snapshot import Snapshot


class Term(NamedTuple):
    """One column's part in a fused score."""

    column: int
    """Position in the snapshot's columns."""
    weight: float
    amount: float
    """What it added, in units of the score."""
    alone: float | None
    """The score that the column by itself would give; None for a measure with a mere line."""
    deviation: float | None
    """How far it stands from the panel, in units of its usual distance; None as above."""


def places_of(snapshot: Snapshot, values: Mapping[str, float]) -> dict[int, Place]:
    """Position of each present column -> place of its value, in the snapshot's order.

    Values that are not finite, and columns that the snapshot does not know, are left out.
    """
    places = {}
    for k, column in enumerate(snapshot.columns):
        value = values.get(column.name)
        if value is not None and math.isfinite(value):
            places[k] = locate(column.knots, value)
    return places


def mask_of_values(snapshot: Snapshot, values: Mapping[str, float]) -> Mask:
    """The mask that `places_of` these values would give, without looking for places."""
    return tuple(
        k for k, c in enumerate(snapshot.columns) if c.name in values and math.isfinite(values[c.name])
    )


def mask_of(places: Mapping[int, Place]) -> Mask:
    """The mask of the present columns."""
    return tuple(places)


def fused_score(head: HeadFit, places: Mapping[int, Place]) -> float:
    """The score before it is clipped to [0, 1], for the places of exactly the head's columns."""
    return head.readout(head.start + math.fsum(_added(head, places)))


def fuse(head: HeadFit, places: Mapping[int, Place]) -> tuple[float, list[Term]]:
    """The same score with each column's part.

    The read-out is shared out by the chord from the baseline to the score, so that baseline and amounts sum
    to the score.
    """
    added = _added(head, places)
    rank = head.start + math.fsum(added)
    score = head.readout(rank)
    way = rank - head.start
    chord = (score - head.baseline) / way if abs(way) > 1e-9 else 0.0
    return score, [
        Term(e.column, e.weight, chord * amount, *_by_itself(e, places[e.column], rank))
        for e, amount in zip(head.effects, added, strict=True)
    ]


def _added(head: HeadFit, places: Mapping[int, Place]) -> list[float]:
    """What each effect adds on the scale of ranks, in the head's order."""
    added = []
    for effect in head.effects:
        segment, fraction = places[effect.column]
        left, right = effect.values[segment : segment + 2]
        added.append(left + fraction * (right - left))
    return added


def _by_itself(effect: Effect, place: Place, rank: float) -> tuple[float | None, float | None]:
    """`alone` and `deviation` of a column with a curve."""
    if effect.curve is None or effect.alone is None:
        return None, None
    distance = read(effect.curve, place) - rank
    return read(effect.alone, place), distance / effect.deviation if effect.deviation > 0 else 0.0
