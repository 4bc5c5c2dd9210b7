"""One process's turn at the items of a backfill: begins, collects, and writes each step before the next."""

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from moa_scorer.domain.job import Begun, Position, Problem, RetryClass, Settled
from moa_scorer.domain.job_order import Backfill
from moa_scorer.domain.job_store import Advance, JobStore, Lease
from moa_scorer.pipelines.attempts import Attempts, Ready, failed
from moa_scorer.pipelines.courtesy import give_way
from moa_scorer.pipelines.ended import Stopped
from moa_scorer.pipelines.feed import Feed
from moa_scorer.pipelines.patience import patiently
from moa_scorer.pipelines.readers import count_rows, fingerprint, rows
from moa_scorer.pipelines.rows import Row, Unreadable
from moa_scorer.pipelines.wish import Stop

MOST_CRASHES: Final = 3
"""Processes that may end while they work on one item."""
CRASHED: Final = f"{MOST_CRASHES} processes ended while they worked on this item"
MOST_IN_A_STEP: Final = 200
"""Items settled in one transaction."""
GRACE: Final = 10.0
"""Seconds that items at work may take when a stop is asked for."""


class Turn:
    """What is at work, what is settled and not written yet, and where the file was read up to."""

    def __init__(
        self,
        store: JobStore,
        lease: Lease,
        order: Backfill,
        attempts: Attempts,
        stop: Stop,
        *,
        gives_way: bool,
    ) -> None:
        self._store = store
        self._lease = lease
        self._order = order
        self._attempts = attempts
        self._stop = stop
        self._gives_way = gives_way
        self._spent = lease.job.progress.micro_usd
        self._held: dict[int, int] = {}
        """Index of an item at work -> micro-USD held for it."""
        self._settled: Collection[int] = ()
        """Indexes from the job's position on that earlier turns settled."""
        self._suspects: dict[int, int] = {}
        """Index of an item that an earlier process left -> how many ended at it: it is worked on alone."""
        self._next = lease.job.at
        """Of the first row that was not taken."""
        self._written = self._next
        """Of the first item that was not written as settled."""
        self._open: dict[int, Position] = {}
        """Index -> position of what was taken and is not written as settled."""
        self._flying: dict[asyncio.Task[Settled | None], int] = {}
        self._done: list[Settled] = []

    async def take(self) -> None:
        """Works until the file is at its end or a stop is asked for.

        Raises Stopped, Unreadable, LeaseLost, and StorageUnavailable after a stop was asked for.
        """
        await self._look_around()
        feed = Feed(rows(self._order.source, self._lease.job.at))
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await self._go_on(feed, stopping)
        finally:
            stopping.cancel()
            for task in self._flying:
                task.cancel()
            await asyncio.gather(stopping, *self._flying, return_exceptions=True)
            feed.close()

    async def _look_around(self) -> None:
        """What earlier turns left."""
        job, source = self._lease.job, self._order.source
        if source.fingerprint != await asyncio.to_thread(fingerprint, Path(source.path)):
            raise Unreadable("is not the file any more that the job was made for")
        if job.progress.total is None:
            total = await asyncio.to_thread(count_rows, source)
            await self._advance(Advance(total=total))
        left = await patiently(job.name, lambda: self._store.left_running(self._lease), self._stop)
        self._suspects = {item.index: item.crashes for item in left}
        start = job.at.index
        settled = await patiently(job.name, lambda: self._store.settled_from(job.name, start), self._stop)
        self._settled = frozenset(settled)

    async def _go_on(self, feed: Feed, stopping: "asyncio.Task[None]") -> None:
        try:
            while self._stop.wish is None:
                begun = await self._fill(feed)
                await self._write(begun)
                if not (begun or self._flying) and await feed.peek() is None:
                    return
                self._launch(begun)
                if self._flying:
                    await asyncio.wait({stopping, *self._flying}, return_when=asyncio.FIRST_COMPLETED)
                self._collect()
        except Unreadable:
            await self._finish()
            raise
        await self._finish()

    async def _finish(self) -> None:
        """Lets the items at work come to their end, those that can."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=GRACE)
        self._collect()
        await self._write(())

    async def _fill(self, feed: Feed) -> Sequence[Ready]:
        """Items to begin now; what needs no work is settled at once. Raises Stopped."""
        begun: list[Ready] = []
        if self._gives_way:
            await give_way()
        while len(self._done) < MOST_IN_A_STEP and self._has_room(begun):
            row = await feed.peek()
            if row is None:
                break
            if row.at.index in self._settled:
                self._take(feed)
                continue
            item = self._item(row)
            if isinstance(item, Ready) and not self._may_begin(item, alone=not (begun or self._flying)):
                break
            self._open[row.at.index] = row.at
            self._take(feed)
            if isinstance(item, Settled):
                self._done.append(item)
            else:
                begun.append(item)
        return begun

    def _take(self, feed: Feed) -> None:
        self._next = feed.take().after

    def _has_room(self, begun: Sequence[Ready]) -> bool:
        """A suspect is worked on alone, so that it is known which item ended the process."""
        at_work = [*self._flying.values(), *(item.row.at.index for item in begun)]
        return len(at_work) < self._order.concurrency and not self._suspects.keys() & set(at_work)

    def _item(self, row: Row) -> Ready | Settled:
        item = self._attempts.ready(row)
        crashes = self._suspects.get(row.at.index, 0)
        if isinstance(item, Ready) and crashes >= MOST_CRASHES:
            return failed(row, item.id, RetryClass.POISON, CRASHED, attempts=crashes)
        return item

    def _may_begin(self, item: Ready, *, alone: bool) -> bool:
        """Holds the most that the item may cost, if that is left; raises Stopped where it never will be."""
        index, ceiling = item.row.at.index, self._order.max_cost
        if index in self._suspects and not alone:
            return False
        if ceiling is None:
            return True
        most = self._attempts.most_cost(item)
        if self._spent + sum(self._held.values()) + most > ceiling:
            if alone and not self._done:
                raise Stopped(Problem.COST_CEILING, _words(self._spent, most, ceiling))
            return False
        self._held[index] = most
        return True

    def _launch(self, begun: Sequence[Ready]) -> None:
        for item in begun:
            task = asyncio.create_task(self._attempts.settle(item))
            self._flying[task] = item.row.at.index

    def _collect(self) -> None:
        """Takes in the items that are settled; what a stop cut off stays open."""
        for task in [task for task in self._flying if task.done()]:
            self._held.pop(self._flying.pop(task), None)
            if (settled := task.result()) is not None:
                self._spent += settled.micro_usd
                self._done.append(settled)

    async def _write(self, begun: Sequence[Ready]) -> None:
        """One step: what is settled, what is about to begin, and up to where the file is done."""
        settled, self._done = self._done, []
        for item in settled:
            self._open.pop(item.index)
        at = min(self._open.values(), key=lambda position: position.index, default=self._next)
        if not (settled or begun) and at == self._written:
            return
        starting = [Begun(index=i.row.at.index, line=i.row.at.line, id=i.id) for i in begun]
        await self._advance(Advance(settled=settled, begun=starting, at=at))
        self._written = at

    async def _advance(self, step: Advance) -> None:
        name = self._lease.job.name
        await patiently(name, lambda: self._store.advance(self._lease, step), self._stop)


def _words(spent: int, most: int, ceiling: int) -> str:
    dollars = [f"${amount / 1e6:,.6f}" for amount in (spent, most, ceiling)]
    return "{} are spent, the next item may cost {}, and the ceiling is {}".format(*dollars)
