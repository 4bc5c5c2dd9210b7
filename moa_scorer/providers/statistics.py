"""What an endpoint was sent, counted."""

from dataclasses import dataclass

from moa_scorer.providers.breaker import Circuit


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointStatistics:
    """What an endpoint was sent since the process began, and how it stands now."""

    sends: int
    """Upstream requests in all that are over."""
    first_sends: int
    """Requests that were let through, without their retries and hedges."""
    retries: int
    hedges: int
    hedges_won: int
    """Hedges that answered before the request that they were to overtake."""
    rate_limited: int
    """Answers that asked for less."""
    queue_refusals: int
    """Requests that found no place in the queue, or would have waited past their budget."""
    in_flight: int
    waiting: int
    limit: int
    """Requests that may be in flight at present, beside hedges."""
    circuit: Circuit
    median_seconds: float | None
    hedge_after_seconds: float | None
    """None while too few latencies are known."""


@dataclass(slots=True)
class Counts:
    """As in `EndpointStatistics`, while counting."""

    sends: int = 0
    first_sends: int = 0
    retries: int = 0
    hedges: int = 0
    hedges_won: int = 0
    rate_limited: int = 0
    queue_refusals: int = 0
