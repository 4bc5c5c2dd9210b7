"""A fitted head over rows of values at once: what `fuse` says of one item, as arrays."""

import numpy as np

from moa_scorer.calibration.mask_fit import Mask, MaskFit
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.surface import standardised
from moa_scorer.calibration.table import Array


def fused_rows(snapshot: Snapshot, fit: MaskFit, head: str, columns: Mask, values: Array) -> Array:
    """The head's scores before they are clipped; `values` has shape (items, columns), in the order of
    `columns`, which hold those of the fit.

    A missing value (NaN) stands at its column's mean.
    """
    own, at = fit.heads[head], {k: i for i, k in enumerate(columns)}
    rank = np.full(len(values), own.start)
    for effect in own.effects:
        added = np.interp(values[:, at[effect.column]], snapshot.columns[effect.column].knots, effect.values)
        rank += np.nan_to_num(added, nan=0.0)
    if own.surface and fit.landmarks:
        marks = fit.landmarks
        points = standardised(values[:, [at[k] for k in marks.columns]], marks.means, marks.units)
        rank += own.surface.all(points, marks)
    return own.readout.all(rank)
