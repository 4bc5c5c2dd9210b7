"""Panels on the plane of cost and quality, and which of them nothing beats."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A panel on the plane of cost and quality, measured on items that had no part in choosing it."""

    name: str
    """`suggested`, `all judges`, `best single`, `first N` of the path, or a judge."""
    judges: tuple[str, ...]
    """As chosen on all items; a fold's own choice may differ."""
    cost: float | None
    """Mean over folds of the choices' cost of an item, in millionths of a dollar; None = not known."""
    error: float
    """Root mean squared error of the overall, in units of the rating scale mapped to [0, 1]."""
    agreement: float
    """Spearman of the overall with the ratings, averaged over folds."""
    votes: float | None
    """Effective votes of `judges`; None = not estimable."""
    size: float
    """Mean number of judges over folds."""
    efficient: bool = False
    """No other point costs as little and errs less, or costs less and errs as little."""


def efficient(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points, those marked that no other beats; where costs are not known, judges are counted instead."""
    return tuple(replace(p, efficient=not any(_beats(other, p) for other in points)) for p in points)


def _beats(one: Point, other: Point) -> bool:
    """At most the cost and the error, and less of one of them."""
    if one.cost is None or other.cost is None:
        a, b = (one.size, one.error), (other.size, other.error)
    else:
        a, b = (one.cost, one.error), (other.cost, other.error)
    return a[0] <= b[0] and a[1] <= b[1] and a != b
