"""One panel at work for all requests that want the same item: owned by nobody's request, shared by all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.verdict import Completion
from moa_scorer.scoring.concluding import Turn, told_again, unpaid
from moa_scorer.scoring.gathering import Progress
from moa_scorer.scoring.plan import Plan

CLEARLY: Final = 0.25
"""Part of a flight's own budget by which another one is clearly longer, at least `CLEARLY_SECONDS`."""
CLEARLY_SECONDS: Final = 0.05


Work = Callable[[Progress], Coroutine[None, None, Record]]


@dataclass(slots=True, eq=False)
class Flight:
    """A panel at work on an item, and the requests that wait for it."""

    turn: Turn
    """Of the request that it began for."""
    progress: Progress
    task: asyncio.Task[Record]
    riders: int = 0
    payer: Turn | None = None
    """Of the request that has the bill; None = nobody was told yet."""

    def ends_clearly_before(self, budget: Budget) -> bool:
        """Whether a request with this budget has clearly more time."""
        ahead = budget.deadline - self.turn.budget.deadline
        return ahead > max(CLEARLY_SECONDS, CLEARLY * self.turn.whole)

    def told(self, landed: Record, plan: Plan, turn: Turn) -> Record:
        """Its record as the answer to one of its riders: the first one has the bill, the others share."""
        if self.payer is not None:
            return told_again(landed, plan, turn, CacheUse.SHARED)
        self.payer = turn
        if turn is self.turn:
            return landed
        again = told_again(landed, plan, turn, CacheUse.MISS)
        return replace(again, verdict=replace(again.verdict, ballots=landed.verdict.ballots))

    def told_early(self, so_far: Record, turn: Turn) -> Record:
        """The answer to a rider that cannot wait: with the bill only where nobody else is there for it."""
        if self.payer is None and self.riders == 1:
            self.payer = turn
            return so_far
        verdict = replace(so_far.verdict, ballots=unpaid(so_far.verdict.ballots))
        return replace(so_far, cache=CacheUse.SHARED, verdict=verdict)

    async def landed(self, seconds: float | None) -> Record | None:
        """Its record, after so many seconds at most; None = it is not there. Raises what the work raised."""
        await asyncio.wait({self.task}, timeout=seconds)
        if not self.task.done() or self.task.cancelled():
            return None
        return self.task.result()


class Flights:
    """All panels at work in this process. Close it at the end."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[Record]] = set()

    @asynccontextmanager
    async def boarded(
        self, key: str, turn: Turn, work: Work, *, again: bool = False
    ) -> AsyncIterator[Flight]:
        """The flight under this key, begun where there is none.

        Whoever rides `again` does not ride with one that ends clearly before its own budget. Others may board
        until whoever has the bill leaves. A flight whose last rider leaves is cancelled, and has ended when
        that one has left.
        """
        flight = self._flights.get(key)
        if flight is None or (again and flight.ends_clearly_before(turn.budget)):
            flight = self._begin(key, turn, work)
        flight.riders += 1
        try:
            yield flight
        finally:
            flight.riders -= 1
            if flight.payer is turn or not flight.riders:
                self._close(key, flight)
            if not flight.riders and not flight.task.done():
                flight.task.cancel()
                await asyncio.wait({flight.task})

    def _begin(self, key: str, turn: Turn, work: Work) -> Flight:
        progress = Progress()
        task = asyncio.create_task(work(progress))
        flight = Flight(turn=turn, progress=progress, task=task)
        self._flights[key] = flight
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._ended(key, flight))
        return flight

    def _ended(self, key: str, flight: Flight) -> None:
        self._tasks.discard(flight.task)
        if flight.task.cancelled() or flight.task.exception() is not None:
            self._close(key, flight)

    def _close(self, key: str, flight: Flight) -> None:
        """Nobody boards it any more."""
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def aclose(self) -> None:
        """Cancels all of them, and returns when they have ended."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))


def was_cut_short(record: Record) -> bool:
    """Whether more time could have made more of it."""
    if record.verdict.completion not in (Completion.PARTIAL, Completion.UNSCORED):
        return False
    return not record.in_time or any(_is_late(ballot) for ballot in record.verdict.ballots)


def _is_late(ballot: Ballot) -> bool:
    outcome = ballot.outcome
    return isinstance(outcome, Abstention) and outcome.reason is AbstentionReason.TIMEOUT
