"""Ridge regression against scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from moa_scorer.learning.protocol import ridge as module
from moa_scorer.learning.protocol.ridge import ridge


def test_the_weights_are_those_of_scikit_learn_for_the_same_penalty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PENALTIES", (10.0,))
    rng = np.random.default_rng(0)
    x, new = rng.normal(size=(60, 4)) * [1, 2, 3, 0.1] + 5, rng.normal(size=(9, 4)) + 5
    y = rng.random(60)
    spread = x.std(axis=0)
    theirs = Ridge(alpha=10.0).fit((x - x.mean(axis=0)) / spread, y).predict((new - x.mean(axis=0)) / spread)
    assert ridge(x, y, [str(i) for i in range(60)], new) == pytest.approx(theirs)


def test_noise_is_drawn_to_the_mean_and_a_clear_line_is_not() -> None:
    rng = np.random.default_rng(1)
    x, groups = rng.normal(size=(100, 1)), [str(i // 2) for i in range(100)]
    noise = ridge(x, rng.random(100), groups, np.array([[2.0]]))
    line = ridge(x, 0.5 + 0.1 * x[:, 0], groups, np.array([[2.0]]))
    assert noise == pytest.approx(0.5, abs=0.1)
    assert line == pytest.approx(0.7, abs=0.01)


def test_gaps_and_constant_columns_say_nothing() -> None:
    x = np.array([[0.1, 1.0], [0.9, 1.0], [np.nan, 1.0], [0.5, 1.0]])
    y = np.array([0.1, 0.9, 0.5, 0.5])
    said = ridge(x, y, ["a", "b", "c", "d"], np.array([[np.nan, np.nan], [0.9, 5.0]]))
    assert said[0] == pytest.approx(0.5)
    assert said[1] > 0.5


def test_one_group_leaves_nothing_out_and_takes_the_strongest_pull() -> None:
    x = np.arange(10.0)[:, None]
    assert np.ptp(ridge(x, x[:, 0] / 10, ["a"] * 10, x)) < 0.05
