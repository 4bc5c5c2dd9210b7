"""A smooth function of all columns together: what a judge's word is worth may depend on text and others.

Kernel ridge regression on landmarks among the rated items (Nyström; Williams and Seeger 2001). An item's
score is drawn to the ratings of those that look like it, in the judges' columns and in the measures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from moa_scorer.calibration.curves import Place
from moa_scorer.calibration.table import Array

CLIP = 3.0
"""Standard deviations from the mean beyond which values are not told apart."""
DIGITS = 9
"""What a surface adds is rounded to this many decimals, so that no processor shows in a score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """When two items are alike, and how far the ratings of like items are believed."""

    reach: float
    """Likeness is exp(-reach * squared distance / its mean over the rated items), > 0."""
    measures: float
    """Weight of the measures' part of the distance beside the judges' 1, >= 0."""
    pull: float
    """How strongly the surface is drawn to flat, > 0."""
    left_out: tuple[int, ...] = ()
    """Positions of judges' columns that do not go with the ratings in the direction they were given."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Landmarks:
    """Rated items that others are compared with, by the columns of one mask; all heads share them."""

    columns: tuple[int, ...]
    """Positions in the snapshot's columns, ascending."""
    means: Array
    """Per column: what stands at 0."""
    units: Array
    """Per column: what counts as 1, > 0."""
    points: Array
    """Shape (landmarks, columns), in units, between -3 and 3; a missing value stands at 0."""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Landmarks)
            and self.columns == other.columns
            and all(np.array_equal(a, b) for a, b in zip(self._arrays(), other._arrays(), strict=True))
        )

    def squares(self, point: Array) -> Array:
        """(item - landmark) squared, per landmark and column."""
        away = point - self.points
        result: Array = away * away
        return result

    def point(self, places: Mapping[int, Place]) -> Array:
        """The item in units: `standardised` for one that lacks nothing."""
        values = np.array([places[k].value for k in self.columns])
        result: Array = np.minimum(np.maximum((values - self.means) / self.units, -CLIP), CLIP)
        return result

    def _arrays(self) -> tuple[Array, Array, Array]:
        return self.means, self.units, self.points


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One head's surface over the landmarks of its mask."""

    weights: tuple[float, ...]
    """Per column: what its square counts in the distance."""
    coefficients: tuple[float, ...]
    """Per landmark, on the scale of ranks."""
    level: float
    """What the surface gives on average over the rated items; taken off."""

    _weights: Array = field(init=False, repr=False, compare=False)
    _coefficients: Array = field(init=False, repr=False, compare=False)
    """Both as arrays, made once: every item asks for them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_weights", np.array(self.weights))
        object.__setattr__(self, "_coefficients", np.array(self.coefficients))

    def near(self, squares: Array) -> Array:
        """Likeness to each landmark."""
        result: Array = np.exp(-(squares @ self._weights))
        return result

    def at(self, near: Array) -> float:
        """What it adds on the scale of ranks to an item as near as that."""
        return round(float(near @ self._coefficients) - self.level, DIGITS)

    def all(self, points: Array, landmarks: Landmarks) -> Array:
        """The same for many standardised items, shape (items, columns)."""
        scales = np.sqrt(self._weights)
        near = likeness(points * scales, landmarks.points * scales)
        result: Array = near @ self._coefficients - self.level
        return result

    def shares(self, point: Array, near: Array, landmarks: Landmarks) -> list[float]:
        """What it adds, shared out among the columns: by how fast it rises where the item stands times how
        far the column stands from its mean, and what is left over in proportion."""
        pulls = near * self._coefficients
        slope = 2.0 * self._weights * (pulls @ landmarks.points - float(pulls.sum()) * point)
        parts: Array = slope * point
        total, size = self.at(near), float(np.abs(parts).sum())
        if size < 1e-12:
            return [total / parts.size] * parts.size
        shares: Array = parts + (total - float(parts.sum())) * np.abs(parts) / size
        rounded: list[float] = shares.round(DIGITS).tolist()
        return rounded


def standardised(values: Array, means: Sequence[float] | Array, units: Sequence[float] | Array) -> Array:
    """Columns in units of their spread, cut at three; a missing value stands at the mean."""
    scaled = (values - np.asarray(means)) / np.asarray(units)
    result: Array = np.clip(np.nan_to_num(scaled, nan=0.0), -CLIP, CLIP)
    return result


def likeness(points: Array, landmarks: Array) -> Array:
    """exp(-squared distance) of each point to each landmark; shape (points, landmarks)."""
    squared = (points**2).sum(axis=1)[:, None] + (landmarks**2).sum(axis=1) - 2.0 * points @ landmarks.T
    result: Array = np.exp(-np.maximum(squared, 0.0))
    return result
