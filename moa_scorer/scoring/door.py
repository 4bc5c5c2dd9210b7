"""The one door to all work: some inside, a bounded queue before it, the rest turned away at once."""

import asyncio
import random
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.domain.errors import Overloaded
from moa_scorer.domain.priority import Priority
from moa_scorer.domain.tenant import ANY_TENANT, Tenant
from moa_scorer.scoring.work_limit import START, WorkLimit
from moa_scorer.telemetry import load

SHARES: Final = {Priority.INTERACTIVE: 1.0, Priority.BATCH: 0.8, Priority.BACKFILL: 0.5}
"""Of the limit that each class may fill: whoever is waited for finds a place without waiting for others."""
LONG_PATIENCE: Final = 1.0
SHORT_PATIENCE: Final = 0.25
"""Seconds that an interactive item waits: long in a burst, short when others have had to wait for as long,
much as in Facebook's controlled delay (Maurer 2015, "Fail at scale")."""
BUDGET_SHARE: Final = {Priority.INTERACTIVE: 0.25, Priority.BATCH: 0.5, Priority.BACKFILL: 0.5}
"""Of an item's budget that it may wait at most: the judges need time too."""
HOPELESS: Final = 0.9
"""Share of its patience that the first of its class has waited when another need not queue up at all."""
RETRY_AFTER: Final = (0.5, 1.5)
"""Seconds between which callers are told to ask again: not all at the same instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much a process takes on."""

    most: int = 1_000
    """Items at work at once, >= 1."""
    start: int = START
    """Items at work at once before anything was measured, >= 1."""
    queue: int = 1_000
    """Items that may wait, >= 0."""
    target: float = 0.05
    """Seconds that work at hand may wait for processor and threads before less is begun."""
    classes: Mapping[Tenant, Priority] = field(default_factory=dict)
    """Tenant, or `*` -> the best class that its items may have."""

    def capped(self, tenant: Tenant, asked: Priority) -> Priority:
        """The class of an item whose caller asked for that one."""
        best = self.classes.get(tenant, self.classes.get(ANY_TENANT, Priority.INTERACTIVE))
        return max(asked, best)


UNLIMITED: Final = Load(most=1_000_000_000, start=1_000_000_000, queue=0)
"""Everybody may enter at once."""

Waiter = asyncio.Future[None]
"""Done when an item that waits is called in, or turned away."""


class Door:
    """Counts the items at work in one event loop. Nobody is interrupted: the limit is for those to come."""

    def __init__(self, clock: Clock, load: Load = UNLIMITED) -> None:
        self._clock = clock
        self._load = load
        self._limit = WorkLimit(most=load.most, target=load.target, limit=load.start)
        self._queues: Mapping[Priority, OrderedDict[Waiter, float]] = {
            each: OrderedDict() for each in Priority
        }
        """Those who wait, each with when it came, in monotonic seconds."""
        self._crowded_since = self._crowded_at = -LONG_PATIENCE
        """When interactive items began to have to wait, and when one last had to."""
        self.inside = 0
        """Items at work."""
        self.shed = 0
        """Items turned away so far."""

    @property
    def limit(self) -> int:
        """Items that may be at work."""
        return int(self._limit.limit)

    def waiting(self, priority: Priority) -> int:
        """Items of a class that wait."""
        return len(self._queues[priority])

    @asynccontextmanager
    async def entered(self, tenant: Tenant, priority: Priority, budget: Budget) -> AsyncIterator[None]:
        """Work is done inside; raises Overloaded where there is no place in time."""
        place = await self.place(tenant, priority, budget)
        try:
            yield
        finally:
            place.leave()

    async def place(self, tenant: Tenant, priority: Priority, budget: Budget) -> "Place":
        """A place inside, which the caller gives back; raises Overloaded where there is none in time."""
        mine = self._load.capped(tenant, priority)
        if self._may_enter(mine):
            self.inside += 1
        else:
            await self._wait(mine, budget)
        return Place(self._leave)

    def look(self, delay: float, *, ours: bool = False) -> None:
        """Takes in that work waits so many seconds for processor or threads, and lets in who may enter now.

        `ours` = for threads of our own.
        """
        wanted = any(self._queues.values()) or self.inside >= self.limit
        self._limit.look(delay, self.inside, self._clock.monotonic(), wanted=wanted, ours=ours)
        self._call_in()

    def _may_enter(self, priority: Priority) -> bool:
        ahead = any(queue for each, queue in self._queues.items() if each <= priority)
        return not ahead and self._has_room(priority)

    def _has_room(self, priority: Priority) -> bool:
        return self.inside < max(1.0, self._limit.limit * SHARES[priority])

    async def _wait(self, priority: Priority, budget: Budget) -> None:
        """Returns when called in, and then is inside."""
        loop, queue, now = asyncio.get_running_loop(), self._queues[priority], self._clock.monotonic()
        patience = self._patience(priority, budget, now)
        if queue and now - next(iter(queue.values())) >= HOPELESS * patience:
            raise self._overloaded(priority, "hopeless")
        self._make_room(priority)
        waiter: Waiter = loop.create_future()
        expiry = loop.call_later(patience, self._turn_away, waiter, priority, "waited")
        queue[waiter] = now
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._leave()  # called in at the same instant: pass it on
            raise
        finally:
            expiry.cancel()
            queue.pop(waiter, None)

    def _make_room(self, priority: Priority) -> None:
        """A place in the queue: a free one, else that of whoever came last of the lowest class below."""
        if sum(map(len, self._queues.values())) < self._load.queue:
            return
        for lower in sorted(self._queues, reverse=True):
            if lower > priority and self._queues[lower]:
                self._turn_away(next(reversed(self._queues[lower])), lower, "displaced")
                return
        raise self._overloaded(priority, "queue_full")

    def _patience(self, priority: Priority, budget: Budget, now: float) -> float:
        """Seconds that an item waits at most."""
        share = BUDGET_SHARE[priority] * budget.remaining(now)
        if priority is not Priority.INTERACTIVE:
            return share
        if now - self._crowded_at > LONG_PATIENCE:
            self._crowded_since = now
        self._crowded_at = now
        long_crowded = now - self._crowded_since > LONG_PATIENCE
        return min(share, SHORT_PATIENCE if long_crowded else LONG_PATIENCE)

    def _turn_away(self, waiter: Waiter, priority: Priority, why: str) -> None:
        self._queues[priority].pop(waiter, None)
        if not waiter.done():
            waiter.set_exception(self._overloaded(priority, why))

    def _overloaded(self, priority: Priority, why: str) -> Overloaded:
        self.shed += 1
        load.item_shed(priority.name.lower(), why)
        return Overloaded(retry_after=round(random.uniform(*RETRY_AFTER), 1))

    def _leave(self) -> None:
        self.inside -= 1
        self._call_in()

    def _call_in(self) -> None:
        """Lets in who may enter now, the better class first, each class in the order in which it came."""
        for priority, queue in self._queues.items():
            while queue and self._has_room(priority):
                waiter, _ = queue.popitem(last=False)
                if not waiter.done():
                    self.inside += 1
                    waiter.set_result(None)


class Place:
    """A place inside. It is given back once, however often that is asked for."""

    __slots__ = ("_leave",)

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave: Callable[[], None] | None = leave

    def leave(self) -> None:
        """The work is done."""
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()
