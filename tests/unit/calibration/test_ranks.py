"""Places in an order."""

import numpy as np

from moa_scorer.calibration.ranks import mid_ranks


def test_ties_share_their_rank() -> None:
    assert mid_ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.0, 0.5, 3.0, 1.5]


def test_nothing_has_no_ranks() -> None:
    assert mid_ranks(np.empty(0)).size == 0
