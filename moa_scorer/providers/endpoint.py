"""One endpoint as this process knows it: its limits, its latencies, its allowances, its counts."""

from random import Random
from typing import Final, Protocol

from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.providers.allowance import Allowance
from moa_scorer.providers.failures import Failed
from moa_scorer.providers.formats import wire_format
from moa_scorer.providers.gate import Gate
from moa_scorer.providers.hedge import Hedging
from moa_scorer.providers.retry import pause_before_retry
from moa_scorer.providers.spec import EndpointSpec, Traffic
from moa_scorer.providers.statistics import Counts, EndpointStatistics
from moa_scorer.providers.wire import HttpAnswer, HttpCall

RETRIES_LENT: Final = 10
"""Retries that a small run may make before its first sends have earned them."""


class Sender(Protocol):
    """What carries calls; `Http` in production."""

    async def send(self, spec: EndpointSpec, call: HttpCall, seconds: float) -> HttpAnswer | Failed:
        """The answer of any status, or why there is none; gives up after `seconds`, > 0."""
        ...


class Endpoint:
    """Shared by every judge that asks it; one event loop."""

    def __init__(
        self, spec: EndpointSpec, http: Sender, workers: int, clock: Clock, rng: Random | None = None
    ) -> None:
        self.spec = spec
        self.http = http
        self.clock = clock
        self.wire = wire_format(spec.wire)
        self.gate = Gate(spec.traffic, workers, clock)
        self.hedging = Hedging(spec.traffic.hedge_share, spec.traffic.hedge)
        self.counts = Counts()
        self._retries = Allowance(spec.traffic.retry_share, RETRIES_LENT)
        self._rng = rng or Random()
        self._workers = workers

    def seconds(self) -> float:
        """What a call has lately taken, median; before the first one what is configured."""
        median = self.hedging.median()
        return self.spec.seconds if median is None else median

    def first_sent(self) -> None:
        """A request was let through for the first time: retries and hedges are a share of these."""
        self.counts.first_sends += 1
        self._retries.earn()
        self.hedging.first_sent()

    def pause_before_retry(self, failed: Failed, sends: int, budget: Budget) -> float | None:
        """Seconds to wait before sending again, counted as a retry; None = it is over.

        Gives up before a sleep that would leave no time for the answer.
        """
        pause = pause_before_retry(failed, sends, self._rng)
        if pause is None or sends >= self.spec.traffic.attempts:
            return None
        if pause + self.seconds() >= budget.remaining(self.clock.monotonic()) or not self._retries.spend():
            return None
        self.counts.retries += 1
        return pause

    def statistics(self) -> EndpointStatistics:
        """How it stands at this instant."""
        return EndpointStatistics(
            sends=self.counts.sends,
            first_sends=self.counts.first_sends,
            retries=self.counts.retries,
            hedges=self.counts.hedges,
            hedges_won=self.counts.hedges_won,
            rate_limited=self.counts.rate_limited,
            queue_refusals=self.counts.queue_refusals,
            in_flight=self.gate.in_flight,
            waiting=self.gate.waiting,
            limit=self.gate.limit,
            circuit=self.gate.circuit,
            median_seconds=self.hedging.median(),
            hedge_after_seconds=self.hedging.delay(),
        )

    def describe(self) -> tuple[str, ...]:
        """One phrase for each mechanism, with its figures, for `doctor` and `check`."""
        return describe(self.spec.traffic, self._workers)


def describe(traffic: Traffic, workers: int = 1) -> tuple[str, ...]:
    """Which of the mechanisms are on, and how they are set."""
    return (
        _rate("requests", traffic.requests_per_minute, workers),
        _rate("tokens", traffic.tokens_per_minute, workers),
        f"concurrency: adaptive, at most {max(1, traffic.concurrency // workers)} a worker",
        f"queue: {traffic.queue} requests, more are refused",
        f"retries: {traffic.attempts - 1} a request, at most {traffic.retry_share * 100:g} % of first sends"
        if traffic.attempts > 1 and traffic.retry_share > 0
        else "retries: off",
        f"hedging: after the 95 % quantile, at most {traffic.hedge_share * 100:g} % of first sends"
        if traffic.hedge and traffic.hedge_share > 0
        else "hedging: off",
        f"circuit breaker: opens after {traffic.breaker_failures} failures in a row, "
        f"probes after {traffic.breaker_pause:g} s"
        if traffic.breaker_failures
        else "circuit breaker: off",
        f"time-outs: {traffic.connect_timeout:g} s to connect, {traffic.timeout:g} s a send",
    )


def _rate(what: str, per_minute: int | None, workers: int) -> str:
    if per_minute is None:
        return f"{what} a minute: no limit"
    return f"{what} a minute: {per_minute}, of which {per_minute / workers:g} a worker"
