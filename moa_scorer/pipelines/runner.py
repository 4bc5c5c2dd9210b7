"""Takes jobs that are due, one at a time, and holds each while it works on it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Final, Protocol

from moa_scorer.contract.calls import whereabouts
from moa_scorer.domain.errors import MoaError, StorageUnavailable
from moa_scorer.domain.job import JobKind, JobState, Place, Problem
from moa_scorer.domain.job_store import JobStore, Lease, LeaseLost
from moa_scorer.pipelines.ended import Ended
from moa_scorer.pipelines.patience import patiently
from moa_scorer.pipelines.wish import Stop, Wish
from moa_scorer.telemetry import events

LEASE: Final = 10.0
"""Seconds after which a job whose process is silent is given to another."""
TURN: Final = 60.0
"""Seconds after which a job makes room for another tenant's: one that is long, or that waits for its quota,
keeps nobody waiting to its end."""
GOES_ON: Final = frozenset({JobKind.BACKFILL})
"""Kinds whose next turn begins where the last one ended."""
POLL: Final = 2.0
"""Seconds between two looks for work of other processes."""


class Work(Protocol):
    """What works on the jobs of a kind."""

    async def run(self, lease: Lease, stop: Stop) -> Ended:
        """A turn at a job; raises LeaseLost, MoaError for what the job cannot go on without, and bugs."""
        ...


class Runner:
    """One job after the other, for as long as `run` runs."""

    def __init__(
        self,
        store: JobStore,
        work: Mapping[JobKind, Work],
        *,
        place: Place = Place.SERVER,
        lease: float = LEASE,
        poll: float = POLL,
        turn: float = TURN,
    ) -> None:
        self._store = store
        self._work = work
        self._place = place
        self._lease = lease
        self._poll = poll
        self._turn_seconds = turn
        self._woken = asyncio.Event()
        self._wish: Wish | None = None
        self._turns: list[Stop] = []
        """Of the turn at hand, if there is one."""

    def wake(self) -> None:
        """There is work: look at once."""
        self._woken.set()

    def stop(self, wish: Wish = Wish.HAND_BACK) -> None:
        """Ends the turn at hand in good order, and `run` with it."""
        self._wish = wish
        for turn in self._turns:
            turn.ask(wish)
        self._woken.set()

    async def run(self) -> None:
        """Until `stop`; a cancellation ends the turn at hand at once."""
        while self._wish is None:
            self._woken.clear()
            if not await self._one():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._poll)

    async def run_one(self, name: str) -> bool:
        """One turn at a job; False = it cannot be taken. Raises StorageUnavailable."""
        lease = await self._store.take(self._place, self._lease, name)
        if lease is not None:
            await self._turn(lease)
        return lease is not None

    async def _one(self) -> bool:
        try:
            return await self.run_one("")
        except StorageUnavailable:
            return False
        except Exception as error:  # a bug costs this turn, not all jobs of this process from now on
            events.upkeep_failed(work="jobs", error=whereabouts(error))
            return False

    async def _turn(self, lease: Lease) -> None:
        """Works on the job and renews the lease meanwhile; a lost lease ends the work."""
        job, stop = lease.job, Stop()
        events.job_taken(job=job.name, kind=job.kind, done=job.progress.done)
        self._turns.append(stop)
        working = asyncio.create_task(self._ended(lease, stop))
        renewing = asyncio.create_task(self._renew(lease, stop))
        try:
            await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await self._note(lease, working.result(), stop)
        except LeaseLost:
            events.job_lost(job=job.name)
        finally:
            self._turns.remove(stop)
            working.cancel()
            renewing.cancel()
            await asyncio.gather(working, renewing, return_exceptions=True)

    async def _ended(self, lease: Lease, stop: Stop) -> Ended:
        """How the turn ends; raises LeaseLost, and StorageUnavailable after a stop was asked for."""
        try:
            return await self._work[lease.job.kind].run(lease, stop)
        except (LeaseLost, StorageUnavailable):
            raise
        except MoaError as error:
            return Ended(state=JobState.FAILED, problem=Problem.PRECONDITION, detail=str(error))
        except Exception as error:
            events.job_crashed(job=lease.job.name, error=whereabouts(error))
            detail = f"ran into a bug ({type(error).__name__}); see the log"
            return Ended(state=JobState.FAILED, problem=Problem.BUG, detail=detail)

    async def _renew(self, lease: Lease, stop: Stop) -> None:
        """Until the lease is lost."""
        began = monotonic()
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                if await self._store.renew(lease, self._lease):
                    stop.ask(Wish.CANCEL)
                if monotonic() - began >= self._turn_seconds and await self._makes_room(lease):
                    stop.ask(Wish.HAND_BACK)
            except StorageUnavailable:
                continue
            except LeaseLost:
                events.job_lost(job=lease.job.name)
                return

    async def _makes_room(self, lease: Lease) -> bool:
        return lease.job.kind in GOES_ON and await self._store.others_wait(lease)

    async def _note(self, lease: Lease, ended: Ended, stop: Stop) -> None:
        """Writes down how the turn ended."""
        name, state = lease.job.name, ended.state
        if state is None:
            await self._store.release(lease)
            events.job_handed_back(job=name)
            return

        async def finish() -> None:
            said = {"detail": ended.detail, "result": ended.result}
            await self._store.finish(lease, state, problem=ended.problem, **said)

        await patiently(name, finish, stop)
        events.job_ended(job=name, state=state, detail=ended.detail)
