"""Serving: places, curves, weights, in plain floats and in a fixed order."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from moa_scorer.calibration.curves import Place, locate, read
from moa_scorer.calibration.mask import Effect, HeadFit, Mask, MaskFit
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
    squares: Array | None
    """From the item to the landmarks; None when there are none."""


def seen(fit: MaskFit, places: Mapping[int, Place]) -> Seen:
    """The item at the places of exactly the fit's columns."""
    marks = fit.landmarks
    return Seen(places, marks, marks.squares(places) if marks else None)


def fused_score(head: HeadFit, item: Seen) -> float:
    """The score before it is clipped to [0, 1]."""
    return head.readout(_rank(head, item, _added(head, item.places)))


def fuse(head: HeadFit, item: Seen) -> tuple[float, list[Term]]:
    """The same score with each column's part.

    The read-out is shared out by the chord from the baseline to the score, so that baseline and amounts sum
    to the score.
    """
    added = _added(head, item.places)
    rank = _rank(head, item, added)
    score = head.readout(rank)
    way = rank - head.start
    chord = (score - head.baseline) / way if abs(way) > 1e-9 else 0.0
    terms = [
        Term(e.column, e.weight, chord * amount, *_by_itself(e, item.places[e.column], rank))
        for e, amount in zip(head.effects, added, strict=True)
    ]
    return score, _with_shares(terms, {k: chord * x for k, x in _shares(head, item).items()})


def _rank(head: HeadFit, item: Seen, added: Sequence[float]) -> float:
    """The fused score on the scale of ranks."""
    together = 0.0 if head.surface is None or item.squares is None else head.surface.at(item.squares)
    return head.start + math.fsum(added) + together


def _with_shares(terms: Sequence[Term], shares: Mapping[int, float]) -> list[Term]:
    """The terms with what the surface adds by column; a column without a curve gets a term of its own."""
    known = {term.column: term._replace(amount=term.amount + shares.get(term.column, 0.0)) for term in terms}
    found = {k: Term(k, 0.0, amount, None, None) for k, amount in shares.items()} | known
    return [found[k] for k in sorted(found)]


def _shares(head: HeadFit, item: Seen) -> dict[int, float]:
    """What the surface adds, by column."""
    if head.surface is None or item.landmarks is None or item.squares is None:
        return {}
    shares = head.surface.shares(item.landmarks.point(item.places), item.squares, item.landmarks)
    return dict(zip(item.landmarks.columns, shares, strict=True))


def _added(head: HeadFit, places: Mapping[int, Place]) -> list[float]:
    """What each effect adds on the scale of ranks, in the head's order."""
    added = []
    for effect in head.effects:
        segment, fraction, _ = places[effect.column]
        left, right = effect.values[segment : segment + 2]
        added.append(left + fraction * (right - left))
    return added


def _by_itself(effect: Effect, place: Place, rank: float) -> tuple[float | None, float | None]:
    """`alone` and `deviation` of a column with a curve."""
    if effect.curve is None or effect.alone is None:
        return None, None
    distance = read(effect.curve, place) - rank
    return read(effect.alone, place), distance / effect.deviation if effect.deviation > 0 else 0.0
