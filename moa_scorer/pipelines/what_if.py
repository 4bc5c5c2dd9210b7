"""What-ifs over records as jobs: a turn begins anew, for it asks nobody."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, TypeVar

from google.protobuf.json_format import MessageToJson

from moa_scorer.contract.what_ifs import what_if_message
from moa_scorer.domain.errors import DamagedRecord, Precondition
from moa_scorer.domain.job import JobState
from moa_scorer.domain.job_order import WhatIf
from moa_scorer.domain.job_store import Advance, JobStore, Lease
from moa_scorer.domain.tenant import Tenant
from moa_scorer.pipelines.ended import HANDED_BACK, Ended
from moa_scorer.pipelines.patience import patiently
from moa_scorer.pipelines.wish import Stop, Wish
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.keeping import NO_RECORDS
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.scoring.what_if import Change, what_if

TOLD: Final = 1.0
"""Seconds between two notes of how far it is."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfs:
    """Works on what-ifs over the records of one pipeline's memory."""

    store: JobStore
    pipeline: Pipeline

    async def run(self, lease: Lease, stop: Stop) -> Ended:
        """A turn at the job; raises what `what_if` and looking up what the order names raise."""
        job, order, records = lease.job, lease.job.order, self.pipeline.memory.records
        assert isinstance(order, WhatIf), "the runner asks by kind"
        if records is None:
            raise Precondition("records", NO_RECORDS)
        passed: list[int] = []
        artefacts = Artefacts(lambda: self.pipeline.catalog, self.pipeline.memory.artefacts)
        change = self._change(job.tenant, order)
        await self._advance(lease, Advance(total=await records.count(order.records)), stop)
        damaged: list[DamagedRecord] = []

        def leave_out(damage: DamagedRecord) -> None:
            damaged.append(damage)
            passed.append(1)

        scanned = records.scan(order.records, leave_out)
        work = what_if(scanned, change, artefacts, progress=passed.append)
        telling = asyncio.create_task(self._tell(lease, passed, stop))
        try:
            found = await until_stopped(work, stop)
        finally:
            telling.cancel()
            await asyncio.wait({telling})
        if found is None:
            return HANDED_BACK if stop.wish is Wish.HAND_BACK else Ended(state=JobState.CANCELLED)
        await self._advance(lease, Advance(passed=sum(passed)), stop)
        told = what_if_message(found.beside_damaged(len(damaged)))
        return Ended(state=JobState.SUCCEEDED, result=MessageToJson(told, indent=None))

    def _change(self, tenant: Tenant, order: WhatIf) -> Change:
        catalog = self.pipeline.catalog
        return Change(
            policy=catalog.policy(tenant, order.policy) if order.policy else None,
            snapshot=catalog.snapshot(order.snapshot) if order.snapshot else None,
            weights=order.weights,
            without=frozenset(order.without),
            only=frozenset(order.only),
            quorum=order.quorum,
        )

    async def _tell(self, lease: Lease, passed: list[int], stop: Stop) -> None:
        while True:
            await asyncio.sleep(TOLD)
            await self._advance(lease, Advance(passed=sum(passed)), stop)

    async def _advance(self, lease: Lease, step: Advance, stop: Stop) -> None:
        await patiently(lease.job.name, lambda: self.store.advance(lease, step), stop)


async def until_stopped(work: Awaitable[T], stop: Stop) -> T | None:
    """What the work comes to; None = a stop was asked for first, and it was cancelled."""
    working, stopping = asyncio.ensure_future(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.wait({working, stopping})
