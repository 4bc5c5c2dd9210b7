"""Records in a database: written together, read one by one or in pages, erased with what hangs on them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cachetools import LRUCache
from sqlalchemy import RowMapping, and_, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from moa_scorer.domain.budget import Calendar
from moa_scorer.domain.errors import DamagedRecord, NotFound, StorageUnavailable
from moa_scorer.domain.record import PlanRecord, Record
from moa_scorer.domain.stores import Claim, Erased, RecordFilter
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage import codec
from moa_scorer.storage.artefacts import SqlArtefacts
from moa_scorer.storage.codec import Damaged, unsealed
from moa_scorer.storage.database import Database
from moa_scorer.storage.erasing import erase
from moa_scorer.storage.filters import meant
from moa_scorer.storage.group_commit import GroupCommit
from moa_scorer.storage.ids import complete
from moa_scorer.storage.records_table import RECORDS, TAGS
from moa_scorer.storage.rows import RecordRows, record_of, rows_of
from moa_scorer.storage.schema import micros
from moa_scorer.storage.usage import write_usage
from moa_scorer.telemetry import events

SCANNED: Final = 200
"""Records that a scan holds at a time."""
FRAMES: Final = 512
"""Constant parts of plans that are kept decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Put:
    rows: RecordRows
    claim: Claim | None


class SqlRecords:
    """The `RecordStore` of a database. Close it before the database: it writes what waits."""

    def __init__(self, database: Database, clock: Calendar) -> None:
        self._database = database
        self._clock = clock
        self._artefacts = SqlArtefacts(database)
        self._frames: LRUCache[str, PlanRecord] = LRUCache(FRAMES)
        self._writer = GroupCommit(self._write)

    async def put(self, record: Record, claim: Claim | None = None) -> bool:
        """As in the port; the record has a name."""
        try:
            rows = rows_of(record)
        except ValueError as error:  # text that UTF-8 cannot hold
            events.record_refused(error=type(error).__name__)
            raise StorageUnavailable("the record could not be written") from None
        return await self._writer.put(_Put(rows=rows, claim=claim))

    async def get(self, tenant: Tenant, name: str) -> Record:
        """As in the port."""
        asking = select(RECORDS).where(RECORDS.c.tenant == tenant, RECORDS.c.name == name)
        async with self._database.reading() as connection:
            row = (await connection.execute(asking)).mappings().first()
        if row is None:
            raise NotFound("records", name)
        [record] = await self._decoded([row], None)
        return record

    async def page(
        self,
        where: RecordFilter,
        size: int,
        after: str = "",
        *,
        newest_first: bool = True,
        damaged: Callable[[DamagedRecord], None] | None = None,
    ) -> Sequence[Record]:
        """As in the port."""
        rows = await self._rows(where, size, after, newest_first=newest_first)
        return await self._decoded(rows, damaged)

    async def scan(
        self, where: RecordFilter, damaged: Callable[[DamagedRecord], None] | None = None
    ) -> AsyncIterator[Record]:
        """As in the port. Records that are written meanwhile may be among them."""
        after = ""
        while rows := await self._rows(where, SCANNED, after, newest_first=False):
            for record in await self._decoded(rows, damaged):
                yield record
            after = rows[-1]["name"]

    async def count(self, where: RecordFilter) -> int:
        """As in the port."""
        asking = select(func.count()).select_from(RECORDS).where(meant(where))
        async with self._database.reading() as connection:
            return (await connection.execute(asking)).scalar_one()

    async def tenants(self, most: int) -> Sequence[str]:
        """Those that have records, by name."""
        asking = select(RECORDS.c.tenant).distinct().order_by(RECORDS.c.tenant).limit(most)
        async with self._database.reading() as connection:
            return (await connection.execute(asking)).scalars().all()

    async def erase(self, where: RecordFilter) -> Erased:
        """As in the port."""
        return await erase(self._database, meant(where), micros(self._clock.now()))

    @property
    def commits(self) -> int:
        """Transactions that wrote records."""
        return self._writer.commits

    async def aclose(self) -> None:
        """Writes what waits; nothing is taken any more."""
        await self._writer.aclose()

    async def _write(self, batch: Sequence[_Put]) -> list[bool]:
        """One transaction; a record whose claim was given to another is not written."""
        answers = {p.claim.token: p.rows.name for p in batch if p.claim is not None}
        now = micros(self._clock.now())

        async def work(connection: AsyncConnection) -> list[bool]:
            settled = await complete(connection, answers, now)
            written = [p.claim is None or p.claim.token in settled for p in batch]
            await self._insert(
                connection, [p.rows for p, is_written in zip(batch, written, strict=True) if is_written]
            )
            return written

        written = await self._database.write(work)
        self._artefacts.written(
            p.rows.frame for p, is_written in zip(batch, written, strict=True) if is_written
        )
        return written

    async def _insert(self, connection: AsyncConnection, rows: Sequence[RecordRows]) -> None:
        await self._artefacts.write(connection, [r.frame for r in rows])
        if rows:
            await connection.execute(insert(RECORDS), [r.record for r in rows])
        if tags := [tag for r in rows for tag in r.tags]:
            await connection.execute(insert(TAGS), tags)
        await write_usage(connection, (row for r in rows for row in r.usage))

    async def _rows(
        self, where: RecordFilter, size: int, after: str, *, newest_first: bool
    ) -> Sequence[RowMapping]:
        name = RECORDS.c.name
        follows = name < after if newest_first else name > after
        which = and_(meant(where), follows) if after else meant(where)
        asking = select(RECORDS).where(which).order_by(name.desc() if newest_first else name).limit(size)
        async with self._database.reading() as connection:
            return (await connection.execute(asking)).mappings().all()

    async def _decoded(
        self, rows: Sequence[RowMapping], damaged: Callable[[DamagedRecord], None] | None
    ) -> list[Record]:
        frames = await self._frames_of(rows)
        records = []
        for row in rows:
            try:
                records.append(record_of(row, frames))
            except DamagedRecord as error:
                if damaged is None:
                    raise
                damaged(error)
        return records

    async def _frames_of(self, rows: Sequence[RowMapping]) -> Mapping[str, PlanRecord]:
        """Of these rows, however many others are remembered; without those that are damaged."""
        wanted = {row["frame"] for row in rows}
        frames = {digest: self._frames[digest] for digest in wanted & self._frames.keys()}
        missing = wanted - frames.keys()
        found = await self._artefacts.among(missing) if missing else {}
        for digest, stored in found.items():
            with suppress(Damaged):
                frames[digest] = codec.FRAME.decode(unsealed(digest, stored))
        self._frames.update(frames)
        return frames
