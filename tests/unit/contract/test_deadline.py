"""The budget is the shorter of deadline and latency budget, less a reserve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.contract.deadline import LAST_BUDGET, allowance, batch_allowance, item_allowance
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.errors import BudgetTooSmall

seconds = st.floats(min_value=0.0, max_value=600.0)


@pytest.mark.parametrize(
    ("remaining", "stated", "usable"),
    [(None, None, 28.5), (10.0, None, 9.5), (None, 0.3, 0.285), (10.0, 0.1, 0.09), (0.1, 5.0, 0.09)],
)
def test_the_reserve_is_five_percent_and_at_least_ten_milliseconds(
    remaining: float | None, stated: float | None, usable: float
) -> None:
    assert allowance(100.0, remaining, stated).remaining(100.0) == pytest.approx(usable)


@pytest.mark.parametrize(("remaining", "stated"), [(0.0, None), (0.015, None), (10.0, 0.001), (0.0, 5.0)])
def test_no_time_for_any_answer_is_an_error(remaining: float, stated: float | None) -> None:
    with pytest.raises(BudgetTooSmall):
        allowance(0.0, remaining, stated)


@given(seconds, seconds, seconds)
def test_a_budget_never_reaches_either_limit(now: float, remaining: float, stated: float) -> None:
    try:
        budget = allowance(now, remaining, stated)
    except BudgetTooSmall:
        assert min(remaining, stated) < 0.0201
    else:
        assert 0 < budget.remaining(now) <= min(remaining, stated) - 0.0099


@pytest.mark.parametrize(
    ("left", "stated", "usable"),
    [
        (10.0, None, 9.5),
        (10.0, 0.3, 0.285),
        (0.1, 5.0, 0.09),
        (0.0, None, LAST_BUDGET),
        (0.0, 5.0, LAST_BUDGET),
    ],
)
def test_an_item_of_a_batch_gets_what_is_left_and_never_nothing(
    left: float, stated: float | None, usable: float
) -> None:
    assert item_allowance(100.0, Budget(100.0 + left), stated).remaining(100.0) == pytest.approx(usable)


def test_an_item_that_asks_for_too_little_itself_is_refused_in_a_batch_too() -> None:
    with pytest.raises(BudgetTooSmall):
        item_allowance(0.0, Budget(10.0), 0.015)


@pytest.mark.parametrize(
    ("remaining", "items", "usable"),
    [(10.0, 1, 9.497), (10.0, 100, 9.2), (0.1, 100, 0.045), (None, 100, 28.2)],
)
def test_a_batch_keeps_time_for_answering_every_item_but_at_most_half(
    remaining: float | None, items: int, usable: float
) -> None:
    assert batch_allowance(100.0, remaining, items).remaining(100.0) == pytest.approx(usable)


def test_no_time_for_a_batch_at_all_is_an_error() -> None:
    with pytest.raises(BudgetTooSmall):
        batch_allowance(0.0, 0.015, 1)
