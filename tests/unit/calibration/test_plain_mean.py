"""The judges' plain mean beside what was learnt."""

import math

import numpy as np
import pytest

from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.plain_mean import LEAST, PlainMean, fit_plain_mean, share_of_mean
from moa_scorer.calibration.snapshot import OVERALL, Column
from moa_scorer.calibration.table import Array, is_measure
from tests.fakes.ratings import fitted, simulate


def _column(name: str, *, spread: float = 1.0, falling: bool = False) -> Column:
    return Column(name=name, knots=(0.0, 1.0), mean=0.5, spread=spread, missing=0.0, falling=falling)


COLUMNS = (_column("a/wit"), _column("b/wit", falling=True), _column("b/style"), _column("measures/words"))
FOLDS = np.arange(20) % 5


def _mean(
    values: Array, ranks: Array, *, mask: tuple[int, ...] = (0, 1, 2, 3), head: str = "wit"
) -> PlainMean:
    found = fit_plain_mean(COLUMNS, mask, head, values, ranks, FOLDS, None)
    assert found is not None
    return found


def _items() -> tuple[Array, Array]:
    """Judge a says x, judge b the opposite; the rank is x."""
    x = np.linspace(0.0, 1.0, 20)
    return np.column_stack([x, 1.0 - x, np.zeros(20), np.full(20, 7.0)]), x


def test_judges_count_alike_and_each_in_its_direction() -> None:
    """The mean of x - .5 and -((1 - x) - .5) is x - .5: each has half of the slope 1."""
    values, ranks = _items()
    found = _mean(values, ranks)
    assert found.lines == {0: pytest.approx((-0.25, 0.25)), 1: pytest.approx((0.25, -0.25))}
    assert found.cross_fitted == pytest.approx(ranks)


def test_a_mask_has_the_mean_of_its_own_judges() -> None:
    values, ranks = _items()
    assert _mean(values, ranks, mask=(0, 3)).lines == {0: pytest.approx((-0.5, 0.5))}


def test_a_judge_stands_by_all_its_columns_where_none_is_of_the_head() -> None:
    values, ranks = _items()
    assert set(_mean(values, ranks, head="overall").lines) == {0, 1, 2}


def test_without_a_judge_there_is_no_mean() -> None:
    values, ranks = _items()
    assert fit_plain_mean(COLUMNS, (3,), "wit", values, ranks, FOLDS, None) is None


def test_a_mean_that_goes_against_the_ratings_is_flat() -> None:
    values, ranks = _items()
    assert all(line == (0.0, 0.0) for line in _mean(values, 1.0 - ranks).lines.values())


def test_the_share_falls_with_the_number_of_items() -> None:
    """7 / (7 + 22) = .2414; 7 / (7 + 100) = .0654; 7 / (7 + 2000) is below a hundredth."""
    alike = {n: np.linspace(0.0, 1.0, n) for n in (22, 100, 2000)}
    shares = {n: share_of_mean(x + 0.1, x - 0.1, x, None) for n, x in alike.items()}
    assert shares == {
        22: pytest.approx(0.241379, abs=1e-6),
        100: pytest.approx(0.065421, abs=1e-6),
        2000: 0.0,
    }
    assert LEAST > 7 / 2007


def test_a_mean_of_more_error_has_a_smaller_share() -> None:
    """Squared error .02 beside .01, of 22 items: odds of 7/22 times exp(-.25 * 22 * 1 / 2)."""
    ranks = np.linspace(0.0, 1.0, 22)
    odds = 7 / 22 * math.exp(-0.25 * 22 * 1.0 / 2)
    learnt, worse = ranks + 0.1, ranks + 0.1 * math.sqrt(2)
    assert share_of_mean(learnt, worse, ranks, None) == pytest.approx(odds / (1 + odds), abs=1e-6)
    assert share_of_mean(learnt, ranks + 0.3, ranks, None) == 0.0


def test_every_judge_of_a_small_fit_moves_the_score() -> None:
    snapshot = fitted(simulate(items=30))
    fit = fit_mask(snapshot, tuple(range(len(snapshot.columns))))
    judged = {k for k, c in enumerate(snapshot.columns) if not is_measure(c.name)}
    moved = {e.column for e in fit.heads[OVERALL].effects if e.values[0] != e.values[-1]}
    assert judged <= moved


def test_a_gap_stands_at_its_columns_mean() -> None:
    values, ranks = _items()
    gap, middle = values.copy(), values.copy()
    gap[3, 0], middle[3, 0] = np.nan, COLUMNS[0].mean
    assert _mean(gap, ranks).cross_fitted == pytest.approx(_mean(middle, ranks).cross_fitted)
