"""Takes orders for jobs: checks what they name, keeps them, and wakes who works on them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from moa_scorer.contract.limits import Limits
from moa_scorer.domain.errors import InvalidRequest, Precondition, Violation
from moa_scorer.domain.job import Forecast, Job, JobKind, Place, Progress, kind_of
from moa_scorer.domain.job_order import Backfill, Columns, Order, Source
from moa_scorer.domain.job_store import JobStore
from moa_scorer.domain.tenant import Tenant
from moa_scorer.pipelines.attempts import Attempts
from moa_scorer.pipelines.folder import check_output
from moa_scorer.pipelines.forecast import forecast
from moa_scorer.pipelines.rows import Unreadable
from moa_scorer.pipelines.wish import Stop
from moa_scorer.scoring.keeping import new_name
from moa_scorer.scoring.pipeline import Pipeline

READ: Final = 2
"""Files read from end to end at once: live calls need threads too. Other orders wait."""


class Files(Protocol):
    """Which files orders may name."""

    async def files(
        self, tenant: Tenant, items: str, output: str, columns: Columns
    ) -> tuple[Source, str]: ...

    def shown(self, tenant: Tenant, path: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The `JobDesk` of a process."""

    store: JobStore
    pipeline: Pipeline
    limits: Limits
    places: Files
    kinds: Sequence[JobKind]
    """What this process can work on."""
    place: Place = Place.SERVER
    wake: Callable[[], None] = lambda: None
    """Called when there is a new job."""
    _reading: asyncio.Semaphore = field(
        init=False, repr=False, compare=False, default_factory=lambda: asyncio.Semaphore(READ)
    )

    async def files(self, tenant: Tenant, items: str, output: str, columns: Columns) -> tuple[Source, str]:
        """As in the port."""
        return await self.places.files(tenant, items, output, columns)

    def shown(self, tenant: Tenant, path: str) -> str:
        """As in the port."""
        return self.places.shown(tenant, path)

    async def forecast(self, tenant: Tenant, order: Backfill) -> Forecast:
        """As in the port."""
        attempts = Attempts(self._job(tenant, order), order, self.pipeline, self.limits, Stop())
        try:
            async with self._reading:
                await asyncio.to_thread(check_output, order)
                return await forecast(order, attempts)
        except Unreadable as error:
            raise InvalidRequest((Violation("backfill.input", str(error)),)) from None

    async def start(self, tenant: Tenant, order: Order, request_id: str = "") -> Job:
        """As in the port; an order that names what is not there is refused, before anything is kept."""
        if kind_of(order) not in self.kinds:
            raise Precondition("jobs", f"this server does no jobs of the kind {kind_of(order)}")
        job = self._job(tenant, order)
        if request_id and (known := await self.store.find(job, request_id)) is not None:
            return known
        if isinstance(order, Backfill):
            expected = await self.forecast(tenant, order)
            job = self._job(tenant, order, total=expected.items)
        made = await self.store.create(job, request_id)
        self.wake()
        return made

    async def resume(self, tenant: Tenant, name: str, max_cost: int | None = None) -> Job:
        """As in the port."""
        job = await self.store.resume(tenant, name, max_cost)
        self.wake()
        return job

    def _job(self, tenant: Tenant, order: Order, total: int | None = None) -> Job:
        now: datetime = self.pipeline.clock.now()
        return Job(
            name=new_name(),
            tenant=tenant,
            order=order,
            place=self.place,
            progress=Progress(total=total),
            created=now,
            updated=now,
        )
