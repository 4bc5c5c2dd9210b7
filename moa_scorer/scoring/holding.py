"""Asks the ledger in time; nothing that it grants is lost to a caller that leaves or a late answer."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from moa_scorer.domain.budget import Calendar
from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.quota import Hold, Ledger, Left, Meter, Quota
from moa_scorer.domain.tenant import Tenant
from moa_scorer.scoring.remaining import note
from moa_scorer.telemetry import events

T = TypeVar("T")

PATIENCE: Final = 1.0
"""Seconds after which the ledger is taken to be away."""
LEAST_WAIT: Final = 0.005
"""Seconds for which settling is waited for at least; then it goes on by itself."""
_SLOW: Final = "the quotas could not be looked at in time; try again"


class Holds:
    """What is asked of one ledger. Close it before the ledger."""

    def __init__(self, ledger: Ledger, clock: Calendar) -> None:
        self._ledger = ledger
        self._clock = clock
        self._tasks: set[asyncio.Task[Any]] = set()

    async def take(
        self, tenant: Tenant, quotas: Sequence[Quota], amounts: Mapping[Meter, int], seconds: float
    ) -> Hold | Left:
        """As `Ledger.reserve`; raises StorageUnavailable too where the answer takes longer than so."""
        now = self._clock.now().timestamp()
        asking = self._started(self._ledger.reserve(tenant, quotas, amounts, now))
        try:
            done, _ = await asyncio.wait({asking}, timeout=min(seconds, PATIENCE))
        except asyncio.CancelledError:
            asking.add_done_callback(self._give_back)
            raise
        if not done:
            asking.add_done_callback(self._give_back)
            raise StorageUnavailable(_SLOW)
        found = asking.result()
        self._note(found, found.amounts if isinstance(found, Hold) else {})
        return found

    async def settle(self, hold: Hold, used: Mapping[Meter, int], seconds: float) -> None:
        """As `Ledger.settle`, waited for so long at most; then it goes on by itself.

        Where it fails, what was held counts as used: trying again might count it twice.
        """
        self._note(hold, used)
        writing = self._started(self._settled(hold, used))
        await asyncio.wait({writing}, timeout=max(LEAST_WAIT, min(seconds, PATIENCE)))

    async def aclose(self) -> None:
        """Lets what is on its way come to its end, and what follows from it; for a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._tasks:
                    await asyncio.wait(set(self._tasks))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _settled(self, hold: Hold, used: Mapping[Meter, int]) -> None:
        try:
            await self._ledger.settle(hold, used)
        except StorageUnavailable:
            events.quota_unsettled()

    def _give_back(self, asking: "asyncio.Task[Hold | Left]") -> None:
        """Nobody waits for this answer any more."""
        if asking.cancelled() or asking.exception() is not None:
            return
        if isinstance(found := asking.result(), Hold):
            self._started(self._settled(found, {}))

    def _note(self, found: Hold | Left, used: Mapping[Meter, int]) -> None:
        """What is left with so much used in the place of what is held."""
        if isinstance(found, Left):
            note(found)
            return
        now = self._clock.now().timestamp()
        for (quota, _), left in zip(found.windows, found.left, strict=True):
            back = found.amounts.get(quota.meter, 0) - used.get(quota.meter, 0)
            note(Left(quota=quota, amount=max(0, left + back), resets_in=quota.resets_in(now)))

    def _started(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
