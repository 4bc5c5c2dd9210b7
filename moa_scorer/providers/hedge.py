"""When a second request is worth sending: the first is slower than 95 % of them, and few are sent.

Dean and Barroso, "The Tail at Scale" (2013): a second request after the 95 % quantile shortens the tail for
about 5 % more load.
"""

from typing import Final

from moa_scorer.providers.allowance import Allowance
from moa_scorer.providers.latencies import Latencies

QUANTILE: Final = 0.95
ENOUGH: Final = 32
"""Latencies without which the quantile says nothing."""


class Hedging:
    """One endpoint's latencies, and the second requests that it may still be sent."""

    def __init__(self, share: float, on: bool = True) -> None:
        self.on = on and share > 0
        self._latencies = Latencies()
        self._allowance = Allowance(share if on else 0.0)

    def delay(self) -> float | None:
        """Seconds after which a request is one of the slowest; None while too few are known."""
        return self._latencies.quantile(QUANTILE) if len(self._latencies) >= ENOUGH else None

    def median(self) -> float | None:
        """What a request takes, in seconds; None while none is known."""
        return self._latencies.quantile(0.5) if len(self._latencies) else None

    def first_sent(self) -> None:
        """A first request went out."""
        self._allowance.earn()

    def second(self) -> bool:
        """Whether a second request may be sent now; if so it is counted."""
        return self._allowance.spend()

    def answered(self, seconds: float) -> None:
        """A first request succeeded after so long."""
        self._latencies.add(seconds)

    def unanswered(self, seconds: float) -> None:
        """A first request was given up after so long.

        It would have been slower still. It counts as the delay when it passed it: so the quantile keeps its
        rank though the slowest are cut off, and requests that hang cannot drive it up.
        """
        delay = self.delay()
        if delay is not None and seconds >= delay:
            self._latencies.add(delay)
