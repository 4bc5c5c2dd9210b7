"""Serving: places, curves, weights, in plain floats and in a fixed order."""

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from moa_scorer.calibration.curves import Place, locate, read
from moa_scorer.calibration.mask_fit import Effect, HeadFit, Mask, MaskFit
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.surface import Landmarks
from moa_scorer.calibration.table import Array


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


_COLUMN = itemgetter(0)


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


class Seen(NamedTuple):
    """One item as the fit of its mask sees it."""

    places: Mapping[int, Place]
    landmarks: Landmarks | None
    point: Array | None
    """The item in units, as the landmarks are; None when there are none."""
    squares: Array | None
    """From the item to the landmarks; None as above."""


def seen(fit: MaskFit, places: Mapping[int, Place]) -> Seen:
    """The item at the places of exactly the fit's columns."""
    if fit.landmarks is None:
        return Seen(places, None, None, None)
    point = fit.landmarks.point(places)
    return Seen(places, fit.landmarks, point, fit.landmarks.squares(point))


def fused_score(head: HeadFit, item: Seen) -> float:
    """The score before it is clipped to [0, 1]."""
    near = _near(head, item)
    return head.readout(_rank(head, near, _added(head, item.places)))


def fuse(head: HeadFit, item: Seen) -> tuple[float, list[Term]]:
    """The same score with each column's part.

    The read-out is shared out by the chord from the baseline to the score, so that baseline and amounts sum
    to the score.
    """
    added, near = _added(head, item.places), _near(head, item)
    rank = _rank(head, near, added)
    score = head.readout(rank)
    way = rank - head.start
    chord = (score - head.baseline) / way if abs(way) > 1e-9 else 0.0
    shares = _shares(head, item, near)
    terms = [
        Term(
            e.column,
            e.weight,
            chord * amount + chord * shares.pop(e.column, 0.0),
            *_by_itself(e, item.places[e.column], rank),
        )
        for e, amount in zip(head.effects, added, strict=True)
    ]
    # What is left are columns without a curve: the surface alone knows them.
    terms += [Term(k, 0.0, chord * share, None, None) for k, share in shares.items()]
    return score, sorted(terms, key=_COLUMN)


def _near(head: HeadFit, item: Seen) -> Array | None:
    """Likeness to each landmark; None where the head has no surface."""
    return None if head.surface is None or item.squares is None else head.surface.near(item.squares)


def _rank(head: HeadFit, near: Array | None, added: Sequence[float]) -> float:
    """The fused score on the scale of ranks."""
    together = 0.0 if head.surface is None or near is None else head.surface.at(near)
    return head.start + math.fsum(added) + together


def _shares(head: HeadFit, item: Seen, near: Array | None) -> dict[int, float]:
    """What the surface adds, by column."""
    if head.surface is None or item.landmarks is None or item.point is None or near is None:
        return {}
    shares = head.surface.shares(item.point, near, item.landmarks)
    return dict(zip(item.landmarks.columns, shares, strict=True))


def _added(head: HeadFit, places: Mapping[int, Place]) -> list[float]:
    """What each effect adds on the scale of ranks, in the head's order."""
    added = []
    for effect in head.effects:
        segment, fraction, _ = places[effect.column]
        left = effect.values[segment]
        added.append(left + fraction * (effect.values[segment + 1] - left))
    return added


def _by_itself(effect: Effect, place: Place, rank: float) -> tuple[float | None, float | None]:
    """`alone` and `deviation` of a column with a curve."""
    if effect.curve is None or effect.alone is None:
        return None, None
    distance = read(effect.curve, place) - rank
    return read(effect.alone, place), distance / effect.deviation if effect.deviation > 0 else 0.0
