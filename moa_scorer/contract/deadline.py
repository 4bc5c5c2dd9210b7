"""The one latency budget of a request, made once at the edge."""

from typing import Final

from moa_scorer.contract.limits import LIMITS
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.errors import BudgetTooSmall

RESERVE_SHARE: Final = 0.05
LEAST_RESERVE: Final = 0.010
"""Seconds kept back at least: for fusing, encoding and sending the answer."""
LEAST_BUDGET: Final = 0.010
"""Seconds below which no judge is asked."""


def allowance(
    now: float,
    time_remaining: float | None,
    latency_budget: float | None = None,
    default: float = LIMITS.default_budget_seconds,
) -> Budget:
    """What judges may take: the shorter of the call's deadline and the caller's budget, less the reserve.

    All in seconds, `now` on the monotonic clock; `default` holds for a caller that states neither.
    Raises BudgetTooSmall when that leaves less than 10 ms.
    """
    stated = [seconds for seconds in (time_remaining, latency_budget) if seconds is not None]
    allowed = min(stated, default=default)
    usable = allowed - max(LEAST_RESERVE, RESERVE_SHARE * allowed)
    if usable < LEAST_BUDGET:
        raise BudgetTooSmall
    return Budget.starting(now, usable)
