"""Many writers, one transaction: what arrives while a commit is under way goes into the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.telemetry import events

T = TypeVar("T")

BATCH: Final = 256
"""Items in one transaction, at most."""
WAITING: Final = 4096
"""Items that may wait; one more is refused at once."""
COMMIT_SECONDS: Final = 10.0
"""After which a commit counts as failed: the database hangs."""
PAUSE: Final = 0.5
"""Seconds after a failure in which items are refused at once; then one is let through to try."""


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[T]):
    item: T
    done: asyncio.Future[bool]

    def settle(self, outcome: bool | BaseException) -> None:
        """Tells the caller, where it still waits."""
        if self.done.done():
            return
        if isinstance(outcome, BaseException):
            self.done.set_exception(outcome)
            self.done.exception()  # a caller that went away leaves nothing unretrieved
        else:
            self.done.set_result(outcome)


Write = Callable[[Sequence[T]], Awaitable[Sequence[bool]]]
"""Writes all items in one transaction; of each whether it was written. Raises StorageUnavailable when the
database is at fault, anything else when an item is."""


class GroupCommit(Generic[T]):
    """Hands items to one writer task, begun by the first item and ended by `aclose`."""

    def __init__(self, write: Write[T], *, waiting: int = WAITING, batch: int = BATCH) -> None:
        self._write = write
        self._batch = batch
        self._queue: asyncio.Queue[_Waiting[T]] = asyncio.Queue(waiting)
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._down_until: float | None = None
        """Loop's time; None = the last commit went well."""
        self.commits = 0
        """Transactions that were committed."""

    async def put(self, item: T) -> bool:
        """Returns when the item is on disk: False = its writer refused it. Raises StorageUnavailable.

        An item is written even when its caller has gone away.
        """
        loop = asyncio.get_running_loop()
        if self._closing or self._queue.full() or self._is_down(loop.time()):
            raise StorageUnavailable
        self._task = self._task or loop.create_task(self._run())
        waiting = _Waiting(item, loop.create_future())
        self._queue.put_nowait(waiting)
        return await asyncio.shield(waiting.done)

    async def aclose(self) -> None:
        """Writes what waits and ends the task; nothing is taken any more."""
        self._closing = True
        if self._task is None:
            return
        await self._queue.join()
        self._task.cancel()
        await asyncio.wait({self._task})

    def _is_down(self, now: float) -> bool:
        """Whether to refuse; when the pause is over, the one who asks goes through and the others wait."""
        if self._down_until is None:
            return False
        if now < self._down_until:
            return True
        self._down_until = now + COMMIT_SECONDS
        return False

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < self._batch and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._settle(batch)
            for _ in batch:
                self._queue.task_done()

    async def _settle(self, batch: Sequence[_Waiting[T]]) -> None:
        try:
            written = await self._commit([waiting.item for waiting in batch])
        except StorageUnavailable as error:
            self._went_down()
            for waiting in (*batch, *self._emptied()):
                waiting.settle(error)
        except Exception as error:  # whatever is wrong with one item ends neither the others nor this task
            await self._one_by_one(batch, error)
        else:
            for waiting, outcome in zip(batch, written, strict=True):
                waiting.settle(outcome)

    async def _commit(self, items: Sequence[T]) -> Sequence[bool]:
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                written = await self._write(items)
        except TimeoutError:
            raise StorageUnavailable from None
        self.commits += 1
        self._came_back()
        return written

    async def _one_by_one(self, batch: Sequence[_Waiting[T]], error: Exception) -> None:
        """Each in a transaction of its own, so that the one that cannot be written fails alone."""
        if len(batch) > 1:
            for waiting in batch:
                await self._settle([waiting])
            return
        self._came_back()
        events.record_refused(error=type(error).__name__)
        batch[0].settle(StorageUnavailable("the record could not be written"))

    def _emptied(self) -> list[_Waiting[T]]:
        """All who wait, taken out of the queue."""
        found = []
        while not self._queue.empty():
            found.append(self._queue.get_nowait())
            self._queue.task_done()
        return found

    def _went_down(self) -> None:
        if self._down_until is None:
            events.storage_down()
        self._down_until = asyncio.get_running_loop().time() + PAUSE

    def _came_back(self) -> None:
        if self._down_until is not None:
            events.storage_back()
        self._down_until = None
