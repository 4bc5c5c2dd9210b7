"""What a server does for its memory beside scoring: keeps what it serves, forgets what is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from moa_scorer.app.memory import Opened, opened
from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.scoring.artefacts import keep_served
from moa_scorer.telemetry import events

if TYPE_CHECKING:
    from moa_scorer.app.compose import Application
    from moa_scorer.app.memory import Storage
    from moa_scorer.domain.stores import Cache
    from moa_scorer.scoring.catalog import Catalog

LOOK: Final = 1.0
"""Seconds between two looks at what other processes erased, and at whether the catalogue is another one."""
PURGE: Final = 600.0
"""Seconds between two looks for records that are too old; one process at a time looks."""
LEASE: Final = 3 * PURGE
"""Seconds after which another process takes over the work of one that was killed."""
RETENTION: Final = "retention"


@asynccontextmanager
async def remembering(application: "Application") -> AsyncIterator[Opened]:
    """The application with its memory while the block runs; raises ConfigurationError."""
    async with opened(application.settings, application.pipeline.clock) as found:
        application.pipeline.memory = found.memory()
        loops = [asyncio.create_task(loop) for loop in _loops(application, found)]
        try:
            yield found
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)


def _loops(application: "Application", found: Opened) -> list[Coroutine[Any, Any, None]]:
    """One for each kind of work that there is."""
    if found.storage is None:
        return []
    upkeep = Upkeep(application, found.storage)
    loops = [every(LOOK, "artefacts", upkeep.keep_served)]
    if found.cache is not None:
        cache = found.cache
        loops.append(every(LOOK, "erasures", lambda: upkeep.forget_erased(cache)))
    if application.settings.retention_days > 0:
        loops.append(every(PURGE, RETENTION, upkeep.purge))
    return loops


async def every(seconds: float, work: str, step: Callable[[], Awaitable[None]]) -> None:
    """Takes the step again and again, until cancelled. One that fails costs that step, not those after it."""
    while True:
        try:
            await step()
        except StorageUnavailable:
            pass  # whoever writes records tells it; a later step may find the database back
        except Exception as error:
            events.upkeep_failed(work=work, error=type(error).__name__)
        await asyncio.sleep(seconds)


class Upkeep:
    """The steps, for one server process."""

    def __init__(self, application: "Application", storage: "Storage") -> None:
        self._application = application
        self._storage = storage
        self._kept: Catalog | None = None
        self._cursor: int | None = None
        self._holder = uuid4().hex

    async def keep_served(self) -> None:
        """Writes the snapshots of a catalogue that came into force: records can be replayed without it."""
        catalog = self._application.catalog
        if catalog is not self._kept:
            await keep_served(catalog, self._storage.artefacts)
            self._kept = catalog

    async def forget_erased(self, cache: "Cache") -> None:
        """Takes what any process erased out of this one's cache."""
        from moa_scorer.storage.erasing import erased_since

        erased = await erased_since(self._storage.database, self._cursor)
        if erased.names:
            await cache.forget(erased.names)
        self._cursor = erased.cursor

    async def purge(self) -> None:
        """Deletes records that are too old, if no other process is at it."""
        from moa_scorer.storage.leases import held
        from moa_scorer.storage.retention import purge
        from moa_scorer.storage.schema import micros

        now, database = micros(self._application.pipeline.clock.now()), self._storage.database
        days = self._application.settings.retention_days
        if await held(database, RETENTION, self._holder, now, LEASE) and (
            gone := await purge(database, days, now)
        ):
            events.records_expired(records=gone)
