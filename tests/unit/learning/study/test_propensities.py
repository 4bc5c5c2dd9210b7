"""Samples of the same items, taken together."""

import numpy as np
import pytest

from moa_scorer.learning.study.propensities import pooled_propensities


def test_even_draws_of_two_rounds_have_even_pooled_propensities() -> None:
    alone = np.array([0.1] * 10 + [0.02] * 2)

    assert pooled_propensities(alone, [1] * 10 + [2] * 2) == pytest.approx(np.ones(12))
    assert pooled_propensities(alone[:10], [1] * 10).tolist() == [0.1] * 10
    assert pooled_propensities(np.empty(0), []).size == 0
