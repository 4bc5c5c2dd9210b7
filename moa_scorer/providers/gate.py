"""What a request passes before it is sent: breaker, buckets, queue, slot; all of it is given back."""

import asyncio
from dataclasses import replace
from typing import Final

from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.providers.breaker import Breaker, Circuit, Pass
from moa_scorer.providers.buckets import Buckets
from moa_scorer.providers.concurrency import Slots
from moa_scorer.providers.failures import Failed
from moa_scorer.providers.spec import Traffic
from moa_scorer.providers.ticket import (
    LEFT_ALONE,
    NO_TURN,
    QUEUE_FULL,
    TOO_LONG_A_WAIT,
    WORKS,
    Health,
    Ticket,
)

BUSY_IN_A_ROW: Final = 4
"""Rate-limited answers with no other between them after which everybody waits as long as the vendor asks;
before that only the request that was told so."""
SPARE: Final = 10
"""One of so many slots is kept for hedges: else requests that hang would hold the very slots that those need
who could overtake them."""


class Gate:
    """The limits of one endpoint in one worker."""

    def __init__(self, traffic: Traffic, workers: int, clock: Clock) -> None:
        self._clock = clock
        self._queue = traffic.queue
        self._waiting = 0
        self._busy_in_a_row = 0
        self._breaker = Breaker(failures=traffic.breaker_failures, pause=traffic.breaker_pause)
        most = max(1, traffic.concurrency // workers)
        self._slots = Slots(most, most // SPARE if traffic.hedge else 0)
        self._buckets = Buckets.of_one(traffic, workers, clock.monotonic())

    @property
    def in_flight(self) -> int:
        """Requests that have been let through and are not back."""
        return self._slots.taken

    @property
    def limit(self) -> int:
        """Requests that may be in flight beside hedges, as found out so far."""
        return self._slots.limit

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return self._waiting

    @property
    def circuit(self) -> Circuit:
        """How the endpoint is regarded now."""
        return self._breaker.circuit(self._clock.monotonic())

    async def enter(self, tokens: int, budget: Budget) -> Ticket | Failed:
        """Waits for its turn; fails at once when the queue is full or the wait would overrun the budget."""
        now = self._clock.monotonic()
        passed = self._breaker.admit(now)
        if passed is None:
            return LEFT_ALONE
        ticket = Ticket(passed=passed, entered=now, tokens=tokens)
        wait = self._buckets.reserve(tokens, now)
        if wait == 0 and self._slots.take():
            return ticket
        return await self._queue_up(ticket, wait, budget.remaining(now))

    def second(self, tokens: int) -> Ticket | None:
        """A ticket for a hedge: it waits for nothing, goes past those who queue, and is never a probe."""
        now = self._clock.monotonic()
        if self._breaker.circuit(now) is not Circuit.CLOSED:
            return None
        if self._buckets.reserve(tokens, now) > 0 or not self._slots.take_spare():
            self._buckets.cancel(tokens, now)
            return None
        return Ticket(passed=Pass.REGULAR, entered=now, tokens=tokens)

    def leave(self, ticket: Ticket, health: Health, used: int | None) -> Circuit | None:
        """The request is over: what it says of the endpoint, and the tokens it took; None = not known.

        What the circuit became by it, None = as before.
        """
        now = self._clock.monotonic()
        became = self._breaker.report(ticket.passed, WORKS[health], ticket.entered, now)
        self._buckets.settle(ticket.tokens, ticket.tokens if used is None else used, now)
        self._slots.leave()
        if health in (Health.GOOD, Health.BUSY, Health.SLOW):
            self._slots.answered(trouble=health is not Health.GOOD)
            self._busy_in_a_row = self._busy_in_a_row + 1 if health is Health.BUSY else 0
        return became

    def unused(self, ticket: Ticket) -> None:
        """Nothing was sent."""
        self._give_back(ticket)
        self._slots.leave()

    def asked_to_wait(self, seconds: float) -> None:
        """A rate-limited answer says when to come again: everybody's business once it is the rule."""
        if self._busy_in_a_row >= BUSY_IN_A_ROW:
            self.pause(seconds)

    def pause(self, seconds: float) -> None:
        """The vendor says that nothing more is allowed for so long."""
        self._buckets.pause(seconds, self._clock.monotonic())

    async def _queue_up(self, ticket: Ticket, wait: float, left: float) -> Ticket | Failed:
        refused = TOO_LONG_A_WAIT if wait >= left else QUEUE_FULL if self._waiting >= self._queue else None
        if refused is not None:
            self._give_back(ticket)
            return refused
        self._waiting += 1
        entered = False
        try:
            async with asyncio.timeout(left):
                await self._turn(wait)
            entered = True
        except TimeoutError:
            return NO_TURN
        finally:
            self._waiting -= 1
            if not entered:
                self._give_back(ticket)
        return self._still_welcome(ticket)

    async def _turn(self, wait: float) -> None:
        if wait > 0:
            await asyncio.sleep(wait)
        if not self._slots.take():
            await self._slots.wait()

    def _still_welcome(self, ticket: Ticket) -> Ticket | Failed:
        """The circuit may have opened while the request stood in the queue."""
        if ticket.passed is Pass.PROBE or self.circuit is Circuit.CLOSED:
            return replace(ticket, entered=self._clock.monotonic())
        self.unused(ticket)
        return LEFT_ALONE

    def _give_back(self, ticket: Ticket) -> None:
        now = self._clock.monotonic()
        self._breaker.report(ticket.passed, None, ticket.entered, now)
        self._buckets.cancel(ticket.tokens, now)
