"""Mid-ranks: places in an order, shared by equals. numpy only."""

import numpy as np

from moa_scorer.calibration.table import Array


def mid_ranks(x: Array) -> Array:
    """Ranks from 0.5 up; ties share their mean."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    result: Array = (np.cumsum(counts) - counts / 2)[inverse]
    return result
