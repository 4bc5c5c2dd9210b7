"""The budget is the shorter of deadline and latency budget, less a reserve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.contract.deadline import allowance
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
