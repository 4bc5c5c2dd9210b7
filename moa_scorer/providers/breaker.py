"""A circuit breaker: an endpoint that fails in a row is left alone, then probed by one request at a time.

purgatory and pybreaker know failures only as exceptions, take the time from the wall clock, and let any
number of probes through at once; ours are values, a clock that is given, and one probe that is given back
when it is cancelled.
"""

from enum import StrEnum


class Circuit(StrEnum):
    """How an endpoint is regarded."""

    CLOSED = "closed"
    """Works: everything passes."""
    OPEN = "open"
    """Fails: nothing passes until the pause is over."""
    HALF_OPEN = "half_open"
    """The pause is over: one probe passes, and decides."""


class Pass(StrEnum):
    """What a request is let through as; it is handed back with the outcome, exactly once."""

    REGULAR = "regular"
    PROBE = "probe"


class Breaker:
    """Counts failures in a row. Never opens when `failures` is 0.

    A failure counts only if nothing succeeded since its request was sent: requests that hang fail late, all
    at once, and say nothing of an endpoint that has answered others in the meantime.
    """

    def __init__(self, *, failures: int, pause: float) -> None:
        self._allowed = failures
        self._pause = pause
        self._in_a_row = 0
        self._succeeded_at = float("-inf")
        self._opened_at: float | None = None
        self._probing = False

    def circuit(self, now: float) -> Circuit:
        """How the endpoint is regarded now."""
        if self._opened_at is None:
            return Circuit.CLOSED
        return Circuit.OPEN if now < self._opened_at + self._pause else Circuit.HALF_OPEN

    def admit(self, now: float) -> Pass | None:
        """A pass, to be handed back to `report`; None = leave the endpoint alone."""
        circuit = self.circuit(now)
        if circuit is Circuit.CLOSED:
            return Pass.REGULAR
        if circuit is Circuit.OPEN or self._probing:
            return None
        self._probing = True
        return Pass.PROBE

    def report(self, passed: Pass, healthy: bool | None, sent: float, now: float) -> Circuit | None:
        """Hands back the pass of a request that was sent at the instant `sent`: whether the endpoint did its
        work, None = nothing was learnt of it.

        What the circuit became by it, OPEN or CLOSED; None = as before.
        """
        before = self._opened_at
        if passed is Pass.PROBE:
            self._probing = False
        elif self._opened_at is not None:
            return None  # sent before the circuit opened: only probes speak of the endpoint since
        if healthy:
            self._in_a_row = 0
            self._succeeded_at = now
            self._opened_at = None
        elif healthy is False and sent >= self._succeeded_at:
            self._in_a_row += 1
            if passed is Pass.PROBE or self._in_a_row == self._allowed:
                self._opened_at = now
        if (before is None) == (self._opened_at is None):
            return None
        return Circuit.CLOSED if self._opened_at is None else Circuit.OPEN
