"""Chances of being chosen that hold for several samples of the same items taken together."""

from collections.abc import Sequence

import numpy as np

from moa_scorer.calibration.table import Array


def pooled_propensities(propensities: Array, streams: Sequence[object]) -> Array:
    """Propensities in (0, 1] that hold for the samples of several streams (rounds, audits) taken together.

    Each stream by itself stands for all items. Together each should count by its number of items: weights of
    one over the result, which is right up to a common factor, do that. One stream stays as it is.
    """
    index = {stream: k for k, stream in enumerate(dict.fromkeys(streams))}
    if len(index) < 2:
        return propensities
    codes = np.array([index[s] for s in streams], dtype=np.intp)
    sizes = np.bincount(codes, minlength=len(index))
    scaled: Array = propensities / sizes[codes]
    comparable: Array = scaled / scaled.max()
    return comparable
