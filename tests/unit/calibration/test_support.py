"""Is an item like the rated ones?"""

import numpy as np
import pytest
from scipy.stats import kstest

from moa_scorer.calibration.snapshot import Column
from moa_scorer.calibration.support import Support, fit_normals, fit_support, rare_abstention
from moa_scorer.domain.ballot import AbstentionReason


def _rows(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=count)
    return np.column_stack(
        [common + 0.3 * rng.normal(size=count), common, np.exp(rng.normal(size=count)), rng.random(count)]
    )


def _support(rows: np.ndarray) -> Support | None:
    return fit_support(
        fit_normals(rows), range(rows.shape[1]), np.ones(len(rows), dtype=bool), np.arange(len(rows)) % 5
    )


def test_p_values_of_items_like_the_rated_ones_are_uniform() -> None:
    support = _support(_rows(2000, 1))
    assert support is not None
    p = [support.p_value(row) for row in _rows(1000, 2).tolist()]
    assert kstest(p, "uniform").pvalue > 0.01


def test_a_broken_correlation_is_out_of_support_though_each_value_is_usual() -> None:
    support = _support(_rows(2000, 1))
    assert support is not None
    assert support.p_value([2.0, -2.0, 1.0, 0.5]) < 0.01
    assert support.p_value([2.0, 2.0, 1.0, 0.5]) > 0.01


def test_far_beyond_the_rated_range_is_out_of_support() -> None:
    support = _support(_rows(2000, 1))
    assert support is not None
    assert support.p_value([0.0, 0.0, 1000.0, 0.5]) < 0.01


def test_the_scale_of_a_column_does_not_matter() -> None:
    rows, scale = _rows(500, 3), np.array([10.0, 0.1, 7.0, 3.0])
    plain, scaled = _support(rows), _support(rows * scale)
    assert plain is not None
    assert scaled is not None
    probe = np.array([0.3, 1.2, 4.0, 0.9])
    assert scaled.p_value((probe * scale).tolist()) == pytest.approx(plain.p_value(probe.tolist()), abs=0.004)


def test_many_columns_for_few_items_do_not_flag_their_like() -> None:
    rng = np.random.default_rng(8)
    support = _support(rng.normal(size=(300, 60)))
    assert support is not None
    assert np.mean([support.p_value(row) < 0.05 for row in rng.normal(size=(400, 60)).tolist()]) < 0.08


def test_a_subset_of_columns_and_items_is_that_subset() -> None:
    rows = _rows(400, 7)
    some = np.arange(400) % 2 == 0
    found = fit_support(fit_normals(rows), (0, 3), some, np.arange(400) // 80)
    assert found is not None
    assert len(found.distances) == 200
    assert found.p_value([0.0, 0.5]) > 0.5


def test_below_a_hundred_items_nothing_is_said() -> None:
    assert _support(_rows(99, 1)) is None


def test_a_constant_column_flags_any_other_value_far_away() -> None:
    rows = np.column_stack([_rows(300, 5), np.full(300, 0.5)])
    support = _support(rows)
    assert support is not None
    usual = rows[0].tolist()
    assert support.p_value(usual) > 0.01
    assert support.p_value([*usual[:-1], 30.0]) < 0.01


def _column(missing: float, reasons: dict[str, float]) -> Column:
    return Column(name="a/b", knots=(0.0, 1.0), mean=0.5, spread=0.1, missing=missing, reasons=reasons)


def test_an_abstention_that_ratings_never_saw_is_rare() -> None:
    assert rare_abstention(_column(0.0, {}), AbstentionReason.NO_CONTEXT)
    assert rare_abstention(_column(0.3, {"too_short": 0.3}), AbstentionReason.NO_CONTEXT)


def test_an_abstention_that_ratings_saw_often_is_not() -> None:
    assert not rare_abstention(_column(0.3, {"too_short": 0.3}), AbstentionReason.TOO_SHORT)
    assert not rare_abstention(_column(0.3, {}), AbstentionReason.TOO_SHORT)


@pytest.mark.parametrize("reason", [AbstentionReason.REFUSED, AbstentionReason.TAMPER_MASKED])
def test_what_a_model_declines_is_unlike_what_it_judged_when_rated(reason: AbstentionReason) -> None:
    assert rare_abstention(_column(0.0, {}), reason)
    assert not rare_abstention(_column(0.1, {reason.value: 0.1}), reason)


@pytest.mark.parametrize(
    "reason",
    [
        AbstentionReason.TIMEOUT,
        AbstentionReason.MODEL_MISSING,
        AbstentionReason.RATE_LIMITED,
        AbstentionReason.CIRCUIT_OPEN,
        AbstentionReason.UNPARSEABLE,
        AbstentionReason.BUDGET,
        AbstentionReason.SAME_FAMILY,
        AbstentionReason.SENSITIVITY,
        AbstentionReason.NOT_NEEDED,
    ],
)
def test_a_failing_machine_or_a_callers_wish_says_nothing_of_the_content(reason: AbstentionReason) -> None:
    assert not rare_abstention(_column(0.0, {}), reason)
