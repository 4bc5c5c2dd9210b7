"""Makes records through the pipeline and keeps them, slice by slice; a slice that is whole is left alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic
from typing import Final

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.scoring.artefacts import keep_served
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.artefacts import SqlArtefacts
from moa_scorer.storage.database import Database
from moa_scorer.storage.migrate import migrate
from moa_scorer.storage.records import SqlRecords
from tests.replay.recorded_panel import recorded, recorded_catalog, request_of

AT_ONCE: Final = 100
"""Items scored side by side: their records are committed together."""
FIRST_DAY: Final = datetime(2026, 7, 1, tzinfo=UTC)
PATIENCE: Final = 300.0
"""Seconds that an item may take on a machine that does other things too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Requests that are made and replayed in one go; each slice stands on an hour of its own."""

    number: int
    first: int
    """Number of its first request."""
    size: int

    @property
    def hour(self) -> datetime:
        """When its records are dated."""
        return FIRST_DAY + timedelta(hours=self.number)

    def holds(self, record: str) -> bool:
        """Whether it is one of the slice's records: `records/NAME`, with anything behind it."""
        return record.startswith(f"records/{self.number:013d}")

    @property
    def where(self) -> RecordFilter:
        """What finds its records."""
        return RecordFilter(tenant=DEFAULT_TENANT, since=self.hour, until=self.hour + timedelta(hours=1))


class StandingClock:
    """Real seconds, and always the same hour."""

    def __init__(self, hour: datetime) -> None:
        self._hour = hour

    def monotonic(self) -> float:
        return monotonic()

    def now(self) -> datetime:
        return self._hour


def slices(records: int, size: int) -> list[Slice]:
    """So many records in slices of `size`."""
    starts = range(0, records, size)
    return [Slice(number=k, first=at, size=min(size, records - at)) for k, at in enumerate(starts)]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """The database, closed at the end."""
    database = Database(url)
    try:
        yield database
    finally:
        await database.aclose()


async def prepare(url: str) -> None:
    """The tables as a server makes them, and what the records will rest on."""
    async with opened(url) as database:
        await migrate(database)
        await keep_served(recorded_catalog(), SqlArtefacts(database))


async def make(url: str, of: Slice) -> int:
    """Makes a slice's records; how many it had to."""
    clock = StandingClock(of.hour)
    async with opened(url) as database:
        store = SqlRecords(database, clock)
        try:
            if await store.count(of.where) == of.size:
                return 0
            await store.erase(of.where)
            await _score(store, clock, of)
        finally:
            await store.aclose()
    return of.size


async def _score(store: SqlRecords, clock: StandingClock, of: Slice) -> None:
    numbers = count()
    memory = Memory(records=store, new_name=lambda: f"{of.number:013d}{next(numbers):013d}")
    pipeline = Pipeline(recorded_catalog(), clock, memory)
    items = recorded().items
    for start in range(of.first, of.first + of.size, AT_ONCE):
        wanted = range(start, min(start + AT_ONCE, of.first + of.size))
        budget = Budget(monotonic() + PATIENCE)
        made = await asyncio.gather(*(pipeline.score(request_of(n, items), budget) for n in wanted))
        unkept = [record.unrecorded for record in made if not record.name]
        if unkept:
            raise RuntimeError(f"{len(unkept)} records were not kept: {unkept[0]}")
