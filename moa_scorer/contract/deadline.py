"""The one latency budget of a request, made once at the edge."""

from typing import Final

from moa_scorer.contract.limits import LIMITS
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.errors import BudgetTooSmall

RESERVE_SHARE: Final = 0.05
LEAST_RESERVE: Final = 0.010
"""Seconds kept back at least: for fusing, encoding and sending the answer."""
LEAST_BUDGET: Final = 0.010
"""Seconds below which a call or an item is refused."""
LAST_BUDGET: Final = 0.001
"""Seconds of an item of a batch whose time is gone: enough for an answer, not for a judge."""
ITEM_RESERVE: Final = 0.003
"""Seconds kept back for each item of a batch: what making an unscored answer takes."""


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
    usable = _usable(allowed)
    if usable < LEAST_BUDGET:
        raise BudgetTooSmall
    return Budget.starting(now, usable)


def batch_allowance(
    now: float, time_remaining: float | None, items: int, default: float = LIMITS.default_budget_seconds
) -> Budget:
    """What a batch of so many items may take, less what it takes to answer them all when it is over.

    That is at most half of the time. Raises as `allowance`.
    """
    budget = allowance(now, time_remaining, default=default)
    return budget.shrunk(min(items * ITEM_RESERVE, budget.remaining(now) / 2))


def item_allowance(now: float, batch: Budget, latency_budget: float | None = None) -> Budget:
    """What the judges of one item of a batch may take: never nothing, so that every item gets an answer.

    Raises BudgetTooSmall only when the item's own `latency_budget` (seconds) leaves less than 10 ms.
    """
    shared = Budget.starting(now, max(LAST_BUDGET, _usable(batch.remaining(now))))
    if latency_budget is None:
        return shared
    return min(shared, allowance(now, None, latency_budget), key=lambda budget: budget.deadline)


def _usable(allowed: float) -> float:
    return allowed - max(LEAST_RESERVE, RESERVE_SHARE * allowed)
