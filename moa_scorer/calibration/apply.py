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
    alone: float
    """The column's curve: what it says by itself."""
    amount: float
    """weight * (alone - centre)."""
    deviation: float
    """(alone - fused score) in units of the column's usual deviation."""


class Fused(NamedTuple):
    """An unclipped fused score with its terms; baseline + amounts = score."""

    score: float
    terms: tuple[Term, ...]


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


def fuse(head: HeadFit, places: Mapping[int, Place]) -> Fused:
    """The head's score for the places of exactly the columns that it was fitted for."""
    score, parts = head.baseline, []
    for column, weight, centre, curve in zip(
        head.columns, head.weights, head.centres, head.curves, strict=True
    ):
        alone = read(curve, places[column])
        amount = weight * (alone - centre)
        score += amount
        parts.append((column, weight, alone, amount))
    terms = tuple(
        Term(column, weight, alone, amount, (alone - score) / usual if usual > 0 else 0.0)
        for (column, weight, alone, amount), usual in zip(parts, head.deviations, strict=True)
    )
    return Fused(score, terms)
