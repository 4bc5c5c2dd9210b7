"""What serving needs for one set of present columns, as values."""

from collections.abc import Mapping
from dataclasses import dataclass

from moa_scorer.calibration.conformal import Width
from moa_scorer.calibration.odd_judges import OddJudges
from moa_scorer.calibration.readout import Readout
from moa_scorer.calibration.support import Support
from moa_scorer.calibration.surface import Landmarks, Surface

Mask = tuple[int, ...]
"""Ascending positions in the snapshot's columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one column does to a head."""

    column: int
    """Position in the snapshot's columns."""
    values: tuple[float, ...]
    """What it adds, on the scale of ranks, at each of the column's knots."""
    weight: float
    """Of its curve, >= 0; plus how far one spread of it moves the rank by a measure's line, or in the judges'
    plain mean."""
    curve: tuple[float, ...] | None
    """The rank that it expects by itself at each knot; None for a mere line."""
    alone: tuple[float, ...] | None
    """The score that it expects by itself at each knot, in [0, 1]; None for a mere line."""
    deviation: float
    """Root mean square of (curve - fused rank): how far the column usually stands from the panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFit:
    """One head for one mask: score = readout(start + sum of effects + surface)."""

    start: float
    """On the scale of ranks."""
    baseline: float
    """The read-out of `start`: the score of an average rated item."""
    effects: tuple[Effect, ...]
    """In the order of the snapshot's columns; those without any effect are left out."""
    readout: Readout
    width: Width
    surface: Surface | None = None
    """Stands beside the effects; None = there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskFit:
    """Everything that serving needs for one set of present columns."""

    columns: Mask
    heads: Mapping[str, HeadFit]
    """In the snapshot's order."""
    support: Support | None
    """None when too few items were rated to tell."""
    votes: float | None
    """Effective votes of the judges in the mask; None = not estimable."""
    landmarks: Landmarks | None = None
    """Of the heads' surfaces; None when there are none."""
    odd_judges: OddJudges | None = None
    """Tells who stands out; None where the snapshot does not ask, or too few judges or items could tell."""
