"""From ranks to ratings without losing the order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from moa_scorer.calibration.readout import fit_readout, rank_map, to_ranks


@settings(deadline=None)
@given(seed=st.integers(0, 300), skew=st.floats(0.2, 6.0))
def test_a_readout_rises_strictly_wherever_scores_lie(seed: int, skew: float) -> None:
    rng = np.random.default_rng(seed)
    fused = rng.random(150)
    target = np.clip(fused**skew + 0.05 * rng.normal(size=150), 0, 1)
    readout = fit_readout(fused, target, line_only=False)
    grid = np.linspace(-0.3, 1.3, 60)
    read = [readout(x) for x in grid.tolist()]
    assert np.all(np.diff(read) > 0)
    assert readout.all(grid) == pytest.approx(read)


def test_a_known_curve_is_found_and_the_mean_kept() -> None:
    rng = np.random.default_rng(1)
    fused = rng.random(4000)
    target = np.clip(fused**3 + 0.02 * rng.normal(size=4000), 0, 1)
    readout = fit_readout(fused, target, line_only=False)
    assert readout.all(fused).mean() == pytest.approx(target.mean(), abs=1e-6)
    assert np.abs(readout.all(fused) - fused**3).mean() < 0.02


def test_constant_scores_read_out_as_the_mean() -> None:
    readout = fit_readout(np.full(50, 0.5), np.linspace(0, 1, 50), line_only=False)
    assert [readout(x) for x in (0.0, 0.5, 2.0)] == pytest.approx([0.5, 0.5, 0.5])


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 1.0]), min_size=2, max_size=60))
def test_ranks_agree_with_scipy(ratings: list[float]) -> None:
    target = np.round(np.array(ratings), 6)
    found = to_ranks(target, *rank_map(target))
    expected = (rankdata(target) - 0.5) / target.size
    assert found == pytest.approx(expected, abs=2e-6)
