"""The jobs of a process: who takes orders, who works on them, and how that ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from moa_scorer.app.serving.memory import Opened, Storage
from moa_scorer.domain.job import JobKind, Place
from moa_scorer.domain.job_order import Calibration
from moa_scorer.domain.job_store import JobStore
from moa_scorer.domain.tenant import Tenant
from moa_scorer.pipelines.backfill import Backfills
from moa_scorer.pipelines.calibration import Calibrations
from moa_scorer.pipelines.desk import Desk, Files
from moa_scorer.pipelines.folder import AnyFile, Folder
from moa_scorer.pipelines.runner import Runner, Work
from moa_scorer.pipelines.what_if import WhatIfs

if TYPE_CHECKING:
    from moa_scorer.app.compose import Application
    from moa_scorer.learning.loop.online import CalibrationOutcome

WHO: Final = "a calibration job"
"""Who promoted a snapshot, in its lineage, where nobody said who asked for it."""
STOPPING: Final = 15.0
"""Seconds that the turn at hand may take to end in good order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Jobs at work beside the calls of a server."""

    desk: Desk
    runner: Runner
    running: "asyncio.Task[None]"

    async def aclose(self) -> None:
        """Hands the turn at hand back, so that another process goes on with it at once."""
        self.runner.stop()
        await asyncio.wait({self.running}, timeout=STOPPING)
        self.running.cancel()
        await asyncio.wait({self.running})


@asynccontextmanager
async def doing_jobs(application: "Application", found: Opened) -> AsyncIterator[Jobs | None]:
    """Jobs while the block runs; None without a database, and where the settings say so."""
    settings = application.settings
    if found.storage is None or not settings.jobs:
        yield None
        return
    from moa_scorer.storage.jobs import SqlJobs

    store = SqlJobs(found.storage.database, application.pipeline.clock)
    work = work_of(application, store)
    runner = Runner(store, work)
    folder = Folder(path=settings.jobs_dir, apart=not settings.auth.open)
    desk = _desk(application, store, tuple(work), folder, Place.SERVER, runner.wake)
    jobs = Jobs(desk=desk, runner=runner, running=asyncio.create_task(runner.run()))
    try:
        yield jobs
    finally:
        await jobs.aclose()


def command_jobs(application: "Application", storage: "Storage") -> tuple[Desk, Runner]:
    """Takes orders for files of whoever runs the command, and works on the job that it is told."""
    from moa_scorer.storage.jobs import SqlJobs

    store = SqlJobs(storage.database, application.pipeline.clock)
    work = work_of(application, store, gives_way=False)
    desk = _desk(application, store, tuple(work), AnyFile(), Place.COMMAND)
    return desk, Runner(store, work, place=Place.COMMAND)


def work_of(application: "Application", store: JobStore, *, gives_way: bool = True) -> dict[JobKind, Work]:
    """What works on the jobs of each kind."""
    pipeline = application.pipeline

    async def calibrate(tenant: Tenant, order: Calibration) -> "CalibrationOutcome":
        from moa_scorer.app.calibrating import calibrate_records

        folder = application.settings.catalog_dir
        return await calibrate_records(pipeline, order, folder, tenant=tenant, who=order.who or WHO)

    backfills = Backfills(store=store, pipeline=pipeline, limits=application.limits, gives_way=gives_way)
    return {
        JobKind.BACKFILL: backfills,
        JobKind.CALIBRATION: Calibrations(calibrate=calibrate),
        JobKind.WHAT_IF: WhatIfs(store=store, pipeline=pipeline),
    }


def _desk(
    application: "Application",
    store: JobStore,
    kinds: Sequence[JobKind],
    places: Files,
    place: Place,
    wake: Callable[[], None] = lambda: None,
) -> Desk:
    return Desk(
        store=store,
        pipeline=application.pipeline,
        limits=application.limits,
        places=places,
        kinds=kinds,
        place=place,
        wake=wake,
    )
