"""A fitted head over rows of values at once: what `fuse` says of one item, as arrays."""

import numpy as np

from moa_scorer.calibration.mask import HeadFit, Mask
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import Array


def fused_rows(snapshot: Snapshot, fit: HeadFit, columns: Mask, values: Array) -> Array:
    """Scores before they are clipped; `values` has shape (items, columns), in the order of `columns`.

    A missing value (NaN) adds nothing, as at its column's mean.
    """
    at = {k: i for i, k in enumerate(columns)}
    rank = np.full(len(values), fit.start)
    for effect in fit.effects:
        added = np.interp(values[:, at[effect.column]], snapshot.columns[effect.column].knots, effect.values)
        rank += np.nan_to_num(added, nan=0.0)
    return fit.readout.all(rank)
