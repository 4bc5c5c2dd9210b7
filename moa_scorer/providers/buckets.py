"""Two token buckets before an endpoint, requests and tokens: reserve an estimate, settle with the usage.

aiolimiter, the library that would fit best, cannot give a reservation back or settle it, wakes waiters by
size rather than in turn, and cannot pause: so these few lines are our own.
"""

from dataclasses import dataclass
from typing import Final

from moa_scorer.providers.spec import Traffic

BURST_SECONDS: Final = 10.0
"""What an idle bucket saves up, in seconds of its rate."""
LONGEST_PAUSE: Final = 60.0
"""Seconds for which a vendor's word is taken at most."""


@dataclass(slots=True)
class Bucket:
    """A level that fills at a rate; it may be drawn below zero, and who does so waits until it is back."""

    rate: float
    """Units a second, > 0."""
    level: float
    """Units at the instant `at`; negative = promised to those who wait."""
    at: float
    """Monotonic seconds of the last draw."""

    @classmethod
    def per_minute(cls, units: float, now: float) -> "Bucket":
        """A full bucket."""
        rate = units / 60
        return cls(rate=rate, level=_most(rate), at=now)

    def draw(self, units: float, now: float) -> float:
        """Takes units, which may be negative to give some back; seconds until they are really there."""
        filled = self.level + (now - self.at) * self.rate
        self.level = min(_most(self.rate), filled) - units
        self.at = now
        return max(0.0, -self.level / self.rate)


class Buckets:
    """Both buckets of one endpoint in one worker, and the pause that a vendor asked for."""

    def __init__(self, requests_a_minute: float | None, tokens_a_minute: float | None, now: float) -> None:
        self._requests = None if requests_a_minute is None else Bucket.per_minute(requests_a_minute, now)
        self._tokens = None if tokens_a_minute is None else Bucket.per_minute(tokens_a_minute, now)
        self._paused_until = now

    @classmethod
    def of_one(cls, traffic: Traffic, workers: int, now: float) -> "Buckets":
        """Those of one worker among several."""
        requests, tokens = traffic.requests_per_minute, traffic.tokens_per_minute
        return cls(requests and requests / workers, tokens and tokens / workers, now)

    def reserve(self, tokens: int, now: float) -> float:
        """Takes one request of so many tokens, in turn; seconds to wait before it may be sent, >= 0."""
        wait = self._paused_until - now
        if self._requests is not None:
            wait = max(wait, self._requests.draw(1, now))
        if self._tokens is not None:
            wait = max(wait, self._tokens.draw(tokens, now))
        return max(0.0, wait)

    def cancel(self, tokens: int, now: float) -> None:
        """Gives back a reservation of which nothing was sent."""
        if self._requests is not None:
            self._requests.draw(-1, now)
        self.settle(tokens, 0, now)

    def settle(self, reserved: int, used: int, now: float) -> None:
        """Corrects a reservation by what the request took."""
        if self._tokens is not None:
            self._tokens.draw(used - reserved, now)

    def pause(self, seconds: float, now: float) -> None:
        """Nothing is to be sent for so long, a minute at most; a shorter pause never ends a longer one."""
        self._paused_until = max(self._paused_until, now + min(seconds, LONGEST_PAUSE))


def _most(rate: float) -> float:
    return max(1.0, rate * BURST_SECONDS)
