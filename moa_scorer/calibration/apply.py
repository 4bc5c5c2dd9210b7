"""Serving: places, curves, weights, in plain floats and in a fixed order."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from moa_scorer.calibration.curves import Place, locate, read
from moa_scorer.calibration.mask import HeadFit, Mask
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


def mask_of(places: Mapping[int, Place]) -> Mask:
    """The mask of the present columns."""
    return tuple(places)


def fused_rank(head: HeadFit, places: Mapping[int, Place]) -> float:
    """The sum on the scale of ranks, for the places of exactly the columns that the head was fitted for."""
    total = head.start
    for effect in head.effects:
        segment, fraction = places[effect.column]
        left = effect.values[segment]
        total += left + fraction * (effect.values[segment + 1] - left)
    return total


def fused_score(head: HeadFit, places: Mapping[int, Place]) -> float:
    """The score before it is clipped to [0, 1]."""
    return head.readout(fused_rank(head, places))


def terms_of(head: HeadFit, places: Mapping[int, Place]) -> tuple[Term, ...]:
    """Each column's part. The read-out is shared out by the chord from the baseline to the score, so that
    baseline and amounts sum to the score."""
    rank = fused_rank(head, places)
    chord = _chord(head, rank)
    terms = []
    for effect in head.effects:
        place = places[effect.column]
        alone = deviation = None
        if effect.curve is not None:
            expected = read(effect.curve, place)
            alone = min(max(head.readout(expected), 0.0), 1.0)
            deviation = (expected - rank) / effect.deviation if effect.deviation > 0 else 0.0
        terms.append(Term(effect.column, effect.weight, chord * read(effect.values, place), alone, deviation))
    return tuple(terms)


def _chord(head: HeadFit, rank: float) -> float:
    """Score gained per rank on the way from the start."""
    way = rank - head.start
    if abs(way) < 1e-9:
        return 0.0
    return (head.readout(rank) - head.baseline) / way
