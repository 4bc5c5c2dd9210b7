"""Jobs in the database: each worked on by one process at a time, handed on when that falls silent."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from moa_scorer.domain.budget import Calendar
from moa_scorer.domain.errors import NotFound, Precondition, RequestIdReused
from moa_scorer.domain.job import (
    START,
    Begun,
    ItemState,
    Job,
    JobState,
    Place,
    Problem,
    Progress,
    Settled,
)
from moa_scorer.domain.job_order import Backfill
from moa_scorer.domain.job_store import Advance, Lease, LeaseLost
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage import job_items
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import forget_scope
from moa_scorer.storage.job_rows import job_of, job_row, order_text, position_columns, progress_of
from moa_scorer.storage.jobs_table import JOBS
from moa_scorer.storage.schema import micros, micros_in
from moa_scorer.storage.upserts import insert_into
from moa_scorer.telemetry import events

AT_WORK: Final = "is at work; if its process has died, it can be resumed within some seconds"
_ROW: Final = JOBS.c
_OPEN: Final = (JobState.QUEUED, JobState.RUNNING)


class SqlJobs:
    """The `JobStore` of a database."""

    def __init__(self, database: Database, clock: Calendar) -> None:
        self._database = database
        self._clock = clock

    async def create(self, job: Job, request_id: str = "") -> Job:
        """As in the port. An earlier job that is deleted between two looks at it is made anew."""
        inserting = insert_into(self._database.dialect, JOBS).values(**job_row(job, request_id or None))
        making = inserting.on_conflict_do_nothing(index_elements=[_ROW.tenant, _ROW.request_id])
        while True:
            async with self._database.writing() as connection:
                if (await connection.execute(making.returning(_ROW.name))).first() is not None:
                    return job
                if (found := await _known(connection, job, request_id)) is not None:
                    return found

    async def find(self, job: Job, request_id: str) -> Job | None:
        """As in the port."""
        async with self._database.reading() as connection:
            return await _known(connection, job, request_id)

    async def get(self, tenant: Tenant, name: str) -> Job:
        """As in the port."""
        async with self._database.reading() as connection:
            return await _job(connection, tenant, name)

    async def page(self, tenant: Tenant, size: int, after: str = "") -> Sequence[Job]:
        """As in the port."""
        older = [_ROW.name < after] if after else []
        chosen = select(JOBS).where(_ROW.tenant == tenant, *older).order_by(_ROW.name.desc()).limit(size)
        async with self._database.reading() as connection:
            return [job_of(row) for row in await connection.execute(chosen)]

    async def take(self, place: Place, seconds: float, name: str = "") -> Lease | None:
        """As in the port. A job that this version cannot read is left to one that can."""
        now = self._now()
        due = [*_due(place, now), *([_ROW.name == name] if name else [])]
        async with self._database.writing() as connection:
            found = await _first_readable(connection, due)
            if found is None:
                return None
            taken = {
                "token": uuid4().hex,
                "leased_until": now + micros_in(seconds),
                "state": JobState.RUNNING,
                "started": found.started or now,
                "taken": now,
                "done_before": progress_of(found).done,
                "updated": now,
            }
            taking = update(JOBS).where(_ROW.name == found.name).values(**taken).returning(JOBS)
            row = (await connection.execute(taking)).one()
        return Lease(job=job_of(row), token=row.token)

    async def others_wait(self, lease: Lease) -> bool:
        """As in the port."""
        due = [*_due(lease.job.place, self._now()), _ROW.tenant != lease.job.tenant]
        async with self._database.reading() as connection:
            return await connection.scalar(select(_ROW.name).where(*due).limit(1)) is not None

    async def renew(self, lease: Lease, seconds: float) -> bool:
        """As in the port."""
        async with self._database.writing() as connection:
            row = await self._held(connection, lease, {"leased_until": self._now() + micros_in(seconds)})
            return bool(row.cancelling)

    async def advance(self, lease: Lease, step: Advance) -> Progress:
        """As in the port."""
        async with self._database.writing() as connection:
            row = await self._held(connection, lease, {})
            new = await job_items.settle(connection, lease.job.name, step.settled)
            await job_items.begin(connection, lease.job.name, step.begun)
            values: dict[str, Any] = job_items.counted(progress_of(row), new)
            values |= position_columns(step.at) if step.at is not None else {}
            values |= {"total": step.total} if step.total is not None else {}
            values |= {"scored": step.passed} if step.passed is not None else {}
            return progress_of(await self._held(connection, lease, values))

    async def left_running(self, lease: Lease) -> Sequence[Begun]:
        """As in the port."""
        async with self._database.writing() as connection:
            await self._held(connection, lease, {})
            return await job_items.left_running(connection, lease.job.name)

    async def settled_from(self, name: str, index: int) -> Collection[int]:
        """As in the port."""
        async with self._database.reading() as connection:
            return await job_items.settled_from(connection, name, index)

    async def results(self, name: str, size: int, after: int = -1) -> Sequence[Settled]:
        """As in the port."""
        async with self._database.reading() as connection:
            return await job_items.listed(connection, name, size, after)

    async def failures(self, tenant: Tenant, name: str, size: int, after: int = -1) -> Sequence[Settled]:
        """As in the port."""
        async with self._database.reading() as connection:
            await _job(connection, tenant, name)
            return await job_items.listed(connection, name, size, after, failed_only=True)

    async def release(self, lease: Lease) -> None:
        """As in the port."""
        async with self._database.writing() as connection:
            await self._held(connection, lease, {"token": "", "state": JobState.QUEUED})
            await job_items.give_back(connection, lease.job.name)

    async def finish(
        self,
        lease: Lease,
        state: JobState,
        *,
        problem: Problem | None = None,
        detail: str = "",
        result: str = "",
    ) -> Job:
        """As in the port."""
        values = {"state": state, "problem": problem, "detail": detail, "result": result}
        async with self._database.writing() as connection:
            row = await self._held(connection, lease, {**values, "token": "", "ended": self._now()})
            await job_items.give_back(connection, lease.job.name)
            return job_of(row)

    async def cancel(self, tenant: Tenant, name: str) -> Job:
        """As in the port."""
        async with self._database.writing() as connection:
            job = await _job(connection, tenant, name, locked=True)
            if job.state.ended:
                return job
            values: dict[str, Any] = {"cancelling": True, "updated": self._now()}
            if not await self._is_held(connection, name):
                values |= {"state": JobState.CANCELLED, "token": "", "ended": self._now()}
                await job_items.give_back(connection, name)
            return await _changed(connection, name, values)

    async def resume(self, tenant: Tenant, name: str, max_cost: int | None = None) -> Job:
        """As in the port."""
        async with self._database.writing() as connection:
            job = await _job(connection, tenant, name, locked=True)
            if await self._is_held(connection, name):
                raise Precondition(f"operations/{name}", AT_WORK)
            if job.state is JobState.SUCCEEDED and not (job.progress.failed or job.progress.set_aside):
                raise Precondition(f"operations/{name}", "has ended, and no item is left to be tried again")
            forgotten, first = await job_items.forget_failures(connection, name)
            values = _as_new(job, forgotten, first, max_cost) | {"updated": self._now()}
            return await _changed(connection, name, values)

    async def delete(self, tenant: Tenant, name: str) -> None:
        """As in the port; the request ids of its items are free again."""
        async with self._database.writing() as connection:
            job = await _job(connection, tenant, name, locked=True)
            if not job.state.ended:
                raise Precondition(f"operations/{name}", "has not ended; cancel it first")
            await forget_scope(connection, tenant, f"jobs/{name}")
            await job_items.forget_all(connection, name)
            await connection.execute(delete(JOBS).where(_ROW.name == name))

    def _now(self) -> int:
        return micros(self._clock.now())

    async def _held(self, connection: AsyncConnection, lease: Lease, values: dict[str, Any]) -> Any:
        """The job's row with these values, if the lease is in force; raises LeaseLost."""
        mine = and_(_ROW.name == lease.job.name, _ROW.token == lease.token)
        changing = update(JOBS).where(mine).values(**values, updated=self._now()).returning(JOBS)
        row = (await connection.execute(changing)).first()
        if row is None:
            raise LeaseLost(lease.job.name)
        return row

    async def _is_held(self, connection: AsyncConnection, name: str) -> bool:
        held: ColumnElement[bool] = and_(_ROW.token != "", _ROW.leased_until > self._now())
        return await connection.scalar(select(_ROW.name).where(_ROW.name == name, held)) is not None


async def _job(connection: AsyncConnection, tenant: Tenant, name: str, *, locked: bool = False) -> Job:
    chosen = select(JOBS).where(_ROW.tenant == tenant, _ROW.name == name)
    row = (await connection.execute(chosen.with_for_update() if locked else chosen)).first()
    if row is None:
        raise NotFound("operations", name)
    return job_of(row)


def _due(place: Place, now: int) -> list[ColumnElement[bool]]:
    """That a job waits, or its holder is silent; `now` in microseconds."""
    return [_ROW.place == place, _ROW.state.in_(_OPEN), or_(_ROW.token == "", _ROW.leased_until <= now)]


async def _first_readable(connection: AsyncConnection, due: Sequence[ColumnElement[bool]]) -> Any:
    """The row of the job whose turn it is, of those that can be read; None = there is none."""
    earlier, unreadable = JOBS.alias(), list[str]()
    last_turn = select(func.coalesce(func.max(earlier.c.taken), 0)).where(
        earlier.c.tenant == _ROW.tenant, earlier.c.place == _ROW.place
    )
    while True:
        others = select(JOBS).where(*due, _ROW.name.not_in(unreadable))
        chosen = others.order_by(last_turn.scalar_subquery(), _ROW.name).limit(1)
        row = (await connection.execute(chosen.with_for_update(skip_locked=True))).first()
        if row is None:
            return None
        try:
            job_of(row)
        except (KeyError, ValueError) as error:
            events.job_crashed(job=row.name, error=type(error).__name__)
            unreadable.append(row.name)
        else:
            return row


async def _changed(connection: AsyncConnection, name: str, values: dict[str, Any]) -> Job:
    changing = update(JOBS).where(_ROW.name == name).values(**values).returning(JOBS)
    return job_of((await connection.execute(changing)).one())


async def _known(connection: AsyncConnection, job: Job, request_id: str) -> Job | None:
    chosen = select(JOBS).where(_ROW.tenant == job.tenant, _ROW.request_id == request_id)
    row = (await connection.execute(chosen)).first()
    if row is None:
        return None
    found = job_of(row)
    if found.kind is not job.kind or found.order != job.order:
        raise RequestIdReused
    return found


def _as_new(job: Job, forgotten: dict[str, int], first: int | None, max_cost: int | None) -> dict[str, Any]:
    """The columns of a job that is to go on: it reads its file from the start, past what is settled."""
    progress = job.progress
    values: dict[str, Any] = {
        "state": JobState.QUEUED,
        "cancelling": False,
        "token": "",
        "ended": None,
        "problem": None,
        "detail": "",
        "failed": progress.failed - forgotten.get(ItemState.FAILED, 0),
        "set_aside": progress.set_aside - forgotten.get(ItemState.SET_ASIDE, 0),
    }
    if first is not None and first < job.at.index:
        values |= position_columns(START)
    if max_cost is not None and isinstance(job.order, Backfill):
        values["order"] = order_text(job.kind, replace(job.order, max_cost=max_cost))
    return values
