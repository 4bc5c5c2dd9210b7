"""What a server does for its memory beside scoring: keeps what it serves, forgets what is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from moa_scorer.app.quotas import counting
from moa_scorer.app.serving.memory import Opened, opened
from moa_scorer.app.serving.watching import LOOK as LOOKS
from moa_scorer.app.serving.watching import STATES, Watching
from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.learning.loop.sentry import Sentry
from moa_scorer.scoring.artefacts import keep_served
from moa_scorer.telemetry import events

if TYPE_CHECKING:
    from moa_scorer.app.compose import Application
    from moa_scorer.app.serving.memory import Storage
    from moa_scorer.domain.stores import Cache
    from moa_scorer.scoring.catalog import Catalog

LOOK: Final = 1.0
"""Seconds between two looks at what other processes erased, and at whether the catalogue is another one."""
PURGE: Final = 600.0
"""Seconds between two looks for records that are too old; one process at a time looks."""
LEASE: Final = 3 * PURGE
"""Seconds after which another process takes over the work of one that was killed."""
LAST_STEP: Final = 5.0
"""Seconds that a step may still take when the server ends."""
RETENTION: Final = "retention"
USAGE: Final = "usage"


@dataclass(frozen=True, slots=True)
class Work:
    """Something to be done again and again."""

    name: str
    seconds: float
    """Between two steps."""
    step: Callable[[], Awaitable[None]]


@asynccontextmanager
async def remembering(application: "Application") -> AsyncIterator[Opened]:
    """The application with its memory and its quotas while the block runs; raises ConfigurationError."""
    settings, clock = application.settings, application.pipeline.clock
    async with opened(settings, clock) as found, counting(settings, clock) as quotas:
        application.pipeline.memory = found.memory()
        application.pipeline.quotas = quotas
        async with kept_up(_work(application, found)):
            yield found


def _work(application: "Application", found: Opened) -> list[Work]:
    work = _watching(application)
    if found.storage is None:
        return work
    upkeep = Upkeep(application, found.storage)
    work.append(Work("artefacts", LOOK, upkeep.keep_served))
    if found.cache is not None:
        work.append(Work("erasures", LOOK, partial(upkeep.forget_erased, found.cache)))
    work.append(Work(USAGE, PURGE, upkeep.fold_usage))
    if application.settings.retention_days > 0:
        work.append(Work(RETENTION, PURGE, upkeep.purge))
    return work


def _watching(application: "Application") -> list[Work]:
    """The sentry over the answers, where the settings want one, and what operators decided about judges."""
    sentry = Sentry()
    watching = Watching(application, sentry)
    work = [Work("judge states", STATES, watching.refresh)]
    if application.settings.sentry:
        application.pipeline.witness = sentry.witness
        work.append(Work("sentry", LOOKS, watching.look))
    return work


@asynccontextmanager
async def kept_up(work: Sequence[Work]) -> AsyncIterator[None]:
    """All of it, again and again, while the block runs; a step that is under way may end."""
    ending = asyncio.Event()
    loops = {asyncio.create_task(_repeated(each, ending)) for each in work}
    try:
        yield
    finally:
        ending.set()
        if loops:
            _, late = await asyncio.wait(loops, timeout=LAST_STEP)
            for loop in late:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)


async def _repeated(work: Work, ending: asyncio.Event) -> None:
    """A step that fails costs that step, not those after it."""
    while not ending.is_set():
        try:
            await work.step()
        except StorageUnavailable:
            pass  # whoever writes records tells it; a later step may find the database back
        except Exception as error:
            events.upkeep_failed(work=work.name, error=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), work.seconds)


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

    async def fold_usage(self) -> None:
        """Makes one row of many in what tenants have used, if no other process is at it."""
        from moa_scorer.storage.leases import held
        from moa_scorer.storage.schema import micros
        from moa_scorer.storage.usage import fold

        now, database = micros(self._application.pipeline.clock.now()), self._storage.database
        if await held(database, USAGE, self._holder, now, LEASE):
            await fold(database, now)

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
