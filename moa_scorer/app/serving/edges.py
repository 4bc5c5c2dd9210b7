"""What a server tells its operators beside its calls: metrics and probes, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from typing import TYPE_CHECKING, Final

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.rpc.health import Health
from moa_scorer.telemetry import events, metrics
from moa_scorer.web import operations

if TYPE_CHECKING:
    from moa_scorer.app.compose import Application
    from moa_scorer.scoring.catalog import Catalog

LOOK: Final = 30.0
"""Seconds between two looks at the calibration in force."""
GLANCE: Final = 2.0
"""Seconds between two looks at the queues."""


@asynccontextmanager
async def operated(
    application: "Application", health: Health, *, shared: bool = False
) -> AsyncIterator[None]:
    """Metrics and probes at `metrics_address` while the block runs.

    Raises ConfigurationError when that address is taken.
    """
    async with AsyncExitStack() as stack:
        if address := application.settings.metrics_address:
            serving = operations.serving(address, lambda: health.is_serving, shared=shared)
            try:
                port = await stack.enter_async_context(serving)
            except OSError as error:
                words = f"settings: metrics_address: cannot listen on {address}: {error.strerror}"
                raise ConfigurationError((words,)) from None
            events.metrics_listening(address=f"{address.rpartition(':')[0]}:{port}", port=port)
            await stack.enter_async_context(_watched(application))
        yield


def open_alarms(snapshot: Snapshot, catalog: "Catalog") -> int:
    """Judges and sources that something was found about."""
    state = catalog.states.get(snapshot.name)
    return len(state.alarms) + len(state.doubts) if state else 0


@asynccontextmanager
async def _watched(application: "Application") -> AsyncIterator[None]:
    watching = {
        asyncio.create_task(_watch_calibration(application)),
        asyncio.create_task(_watch_queues(application)),
    }
    try:
        yield
    finally:
        for task in watching:
            task.cancel()
        await asyncio.wait(watching)


async def _watch_queues(application: "Application") -> None:
    while True:
        metrics.local_jobs(application.pool.jobs)
        for name, endpoint in application.network.endpoints.items():
            if endpoint.counts.first_sends:
                metrics.endpoint_busy(name, waiting=endpoint.gate.waiting, in_flight=endpoint.gate.in_flight)
        await asyncio.sleep(GLANCE)


async def _watch_calibration(application: "Application") -> None:
    while True:
        catalog, today = application.pipeline.catalog, application.pipeline.clock.now().date()
        ages = {s.revision: _age(s.provenance.created, today) for s in catalog.snapshots}
        alarms = {s.revision: open_alarms(s, catalog) for s in catalog.snapshots}
        metrics.snapshots_in_force({name: days for name, days in ages.items() if days >= 0}, alarms)
        await asyncio.sleep(LOOK)


def _age(created: str, today: date) -> float:
    """Days since an ISO 8601 date; negative where it cannot be read."""
    try:
        return float((today - date.fromisoformat(created[:10])).days)
    except ValueError:
        return -1.0
