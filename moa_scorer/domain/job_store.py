"""Ports of jobs: where they are kept, and who makes and forecasts them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from moa_scorer.domain.job import (
    Begun,
    Forecast,
    Job,
    JobState,
    Place,
    Position,
    Problem,
    Progress,
    Settled,
)
from moa_scorer.domain.job_order import Backfill, Columns, Order, Source
from moa_scorer.domain.tenant import Tenant


class LeaseLost(Exception):
    """The job was given to another process, or deleted: this one has no say in it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a job, until it runs out or is renewed."""

    job: Job
    token: str
    """Unguessable; another token means another holder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """One step of a job, written whole or not at all."""

    settled: Sequence[Settled] = ()
    begun: Sequence[Begun] = ()
    at: Position | None = None
    """Every item before it is settled; None = as before."""
    total: int | None = None
    """Items in all; None = as before."""
    passed: int | None = None
    """How far a job is that has records in place of items; None = it has items."""


class JobStore(Protocol):
    """Jobs on disk. Every method raises StorageUnavailable when the database cannot be reached."""

    async def create(self, job: Job, request_id: str = "") -> Job:
        """Returns when the job is on disk; the earlier one for a request id that is known.

        Raises RequestIdReused when that is of another order.
        """
        ...

    async def find(self, job: Job, request_id: str) -> Job | None:
        """The earlier job of its tenant with that request id; raises RequestIdReused for another order."""
        ...

    async def get(self, tenant: Tenant, name: str) -> Job:
        """Raises NotFound."""
        ...

    async def page(self, tenant: Tenant, size: int, after: str = "") -> Sequence[Job]:
        """At most `size` jobs, newest first, that are older than the one named `after`."""
        ...

    async def take(self, place: Place, seconds: float, name: str = "") -> Lease | None:
        """A job that waits or whose holder is silent, or the named one; None = there is none.

        Of the tenant whose last turn is longest ago, the oldest.
        """
        ...

    async def others_wait(self, lease: Lease) -> bool:
        """Whether a job of another tenant could be taken in the place of this one."""
        ...

    async def renew(self, lease: Lease, seconds: float) -> bool:
        """Holds the job for longer; True = its end was asked for. Raises LeaseLost."""
        ...

    async def advance(self, lease: Lease, step: Advance) -> Progress:
        """Writes a step; an item that is settled already stays as it is. Raises LeaseLost."""
        ...

    async def left_running(self, lease: Lease) -> Sequence[Begun]:
        """Items that holders before left unsettled, and how many ended at work on each. Raises LeaseLost."""
        ...

    async def settled_from(self, name: str, index: int) -> Collection[int]:
        """Indexes from `index` on of items that are settled."""
        ...

    async def results(self, name: str, size: int, after: int = -1) -> Sequence[Settled]:
        """At most `size` settled items that follow the one of index `after`, in order."""
        ...

    async def failures(self, tenant: Tenant, name: str, size: int, after: int = -1) -> Sequence[Settled]:
        """The same of items that failed or were set aside. Raises NotFound."""
        ...

    async def release(self, lease: Lease) -> None:
        """Gives the job back, to be taken by another at once; the items at work count as not begun."""
        ...

    async def finish(
        self,
        lease: Lease,
        state: JobState,
        *,
        problem: Problem | None = None,
        detail: str = "",
        result: str = "",
    ) -> Job:
        """Ends the job. Raises LeaseLost."""
        ...

    async def cancel(self, tenant: Tenant, name: str) -> Job:
        """Asks for the end; a job that nobody holds ends at once. Raises NotFound."""
        ...

    async def resume(self, tenant: Tenant, name: str, max_cost: int | None = None) -> Job:
        """Lets a job that stopped go on, items to be tried again forgotten; `max_cost` replaces its ceiling.

        Raises NotFound, and Precondition for one that is at work.
        """
        ...

    async def delete(self, tenant: Tenant, name: str) -> None:
        """Forgets a job and its items, not their records. Raises NotFound, Precondition before its end."""
        ...


class JobDesk(Protocol):
    """Takes orders. Every method raises InvalidRequest and NotFound for what is asked, StorageUnavailable."""

    @property
    def store(self) -> JobStore: ...

    async def files(self, tenant: Tenant, items: str, output: str, columns: Columns) -> tuple[Source, str]:
        """A file of items and the path for results (empty = beside it), as an order has them.

        Both lie within the tenant's folder, and the one is there.
        """
        ...

    def shown(self, tenant: Tenant, path: str) -> str:
        """A path of an order as callers name it."""
        ...

    async def forecast(self, tenant: Tenant, order: Backfill) -> Forecast:
        """What a backfill is expected to take. Asks nobody, keeps nothing."""
        ...

    async def start(self, tenant: Tenant, order: Order, request_id: str = "") -> Job:
        """A new job, on disk, that a server process will take; the same one for a repeated request id."""
        ...

    async def resume(self, tenant: Tenant, name: str, max_cost: int | None = None) -> Job:
        """As `JobStore.resume`, and a server process will take it."""
        ...
