"""Leave to send one request, or why there is none; and what its end says of the endpoint."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.providers.breaker import Pass
from moa_scorer.providers.failures import failed

LEFT_ALONE: Final = failed("the endpoint failed too often", reason=AbstentionReason.CIRCUIT_OPEN)
QUEUE_FULL: Final = failed("the queue is full", reason=AbstentionReason.RATE_LIMITED)
TOO_LONG_A_WAIT: Final = failed(
    "the rate limit asks to wait longer than the budget", reason=AbstentionReason.RATE_LIMITED
)
NO_TURN: Final = failed("the budget ended in the queue", reason=AbstentionReason.TIMEOUT)


class Health(StrEnum):
    """What a send says of its endpoint."""

    GOOD = "good"
    """It answered, whatever it said."""
    BUSY = "busy"
    """It asked for less."""
    SLOW = "slow"
    """It did not answer in time."""
    LATE = "late"
    """Nobody waited any longer, though it had had more time than it commonly needs."""
    BROKEN = "broken"
    """It failed."""
    UNKNOWN = "unknown"
    """Nobody waited long enough to tell."""


WORKS: Final = {
    Health.GOOD: True,
    Health.BUSY: True,
    Health.SLOW: False,
    Health.LATE: False,
    Health.BROKEN: False,
    Health.UNKNOWN: None,
}
"""Whether the endpoint does its work; None = nothing was learnt of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Leave to send one request; handed back exactly once, by `leave` or `unused`."""

    passed: Pass
    entered: float
    """Monotonic seconds."""
    tokens: int
    """As reserved."""
