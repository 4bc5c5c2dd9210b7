"""Deleting records and all that hangs on them, and telling every process that they are gone."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Table, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from moa_scorer.domain.job import JobKind
from moa_scorer.domain.stores import Erased
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import forget_answers
from moa_scorer.storage.jobs_table import ITEMS, JOBS
from moa_scorer.storage.ratings import APPEALS, RATINGS
from moa_scorer.storage.records_table import ERASURES, RECORDS, TAGS

Eraser = Callable[[AsyncConnection, Tenant, Sequence[str]], Awaitable[int]]
"""Deletes what hangs on the records of these names, in the caller's transaction; how many rows it was."""

BATCH: Final = 500
"""Records deleted in one transaction, at most: others may write in between."""
_ERASING: Final = 0x6D6F61
"""Key of the lock under which PostgreSQL numbers erasures in the order in which they are committed."""


def _rows_of(table: Table) -> Eraser:
    """Deletes the rows that say which record they are about."""

    async def erase_rows(connection: AsyncConnection, tenant: Tenant, names: Sequence[str]) -> int:
        there = delete(table).where(table.c.tenant == tenant, table.c.record.in_(names))
        return (await connection.execute(there)).rowcount

    return erase_rows


async def _blank_items(connection: AsyncConnection, tenant: Tenant, names: Sequence[str]) -> int:
    """An item of a job stays counted, and tells nothing any more of what it was."""
    of_tenant = select(JOBS.c.name).where(JOBS.c.tenant == tenant)
    blanking = update(ITEMS).where(ITEMS.c.record.in_(names), ITEMS.c.job.in_(of_tenant))
    return (await connection.execute(blanking.values(id="", answer="", record=""))).rowcount


async def _forget_examples(connection: AsyncConnection, tenant: Tenant, names: Sequence[str]) -> int:
    """A what-if keeps its figures, and loses the examples that are these records; nobody counts them."""
    row, gone = JOBS.c, {f"records/{name}" for name in names}
    asking = select(row.name, row.result).where(
        row.tenant == tenant, row.kind == JobKind.WHAT_IF, row.result != ""
    )
    for at in (await connection.execute(asking.order_by(row.name).with_for_update())).all():
        told = json.loads(at.result)
        kept = [each for each in told.get("examples", ()) if each["record"] not in gone]
        if len(kept) < len(told.get("examples", ())):
            result = json.dumps(told | {"examples": kept}, ensure_ascii=False)
            await connection.execute(update(JOBS).where(row.name == at.name).values(result=result))
    return 0


ERASERS: Final[tuple[tuple[str, Eraser], ...]] = (
    ("request_ids", forget_answers),
    ("ratings", _rows_of(RATINGS)),
    ("ratings", _rows_of(APPEALS)),
    ("job_items", _blank_items),
    ("job_items", _forget_examples),
)
"""Count of `Erased`, and who deletes what is counted. Whoever keeps something about records joins here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasures:
    """What was erased since some moment."""

    names: tuple[str, ...]
    """Of records of any tenant."""
    cursor: int
    """What to ask with the next time."""


async def erase(
    database: Database, which: ColumnElement[bool], now: int, *, most: int | None = None
) -> Erased:
    """Deletes the records for which `which` holds of `records`, of one tenant or of all, the oldest first.

    `now` in microseconds; `most` records at most, None = all.
    """
    counts: Counter[str] = Counter()
    names: list[str] = []
    while most is None or len(names) < most:
        size = BATCH if most is None else min(BATCH, most - len(names))
        async with database.writing() as connection:
            gone = await _batch(connection, which, size, now, counts)
        names += gone
        if len(gone) < size:
            break
    return Erased(records=len(names), names=tuple(names), **counts)


async def _batch(
    connection: AsyncConnection, which: ColumnElement[bool], size: int, now: int, counts: Counter[str]
) -> list[str]:
    row = RECORDS.c
    asking = select(row.tenant, row.name).where(which).order_by(row.name).limit(size)
    found = (await connection.execute(asking)).all()
    for tenant in {at.tenant for at in found}:
        await _of_tenant(connection, tenant, [at.name for at in found if at.tenant == tenant], now, counts)
    return [at.name for at in found]


async def _of_tenant(
    connection: AsyncConnection, tenant: Tenant, names: Sequence[str], now: int, counts: Counter[str]
) -> None:
    for what, forget in ERASERS:
        counts[what] += await forget(connection, tenant, names)
    for table, column in ((TAGS, TAGS.c.record), (RECORDS, RECORDS.c.name)):
        await connection.execute(delete(table).where(table.c.tenant == tenant, column.in_(names)))
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ERASING})
    told = {"created": now, "tenant": tenant, "records": ",".join(names)}
    await connection.execute(insert(ERASURES), told)


async def erased_since(database: Database, cursor: int | None) -> Erasures:
    """The names erased after the cursor; None = nothing yet, and a cursor to begin with.

    Cheap enough to ask every second: for whoever remembers records outside the database.
    """
    row = ERASURES.c
    async with database.reading() as connection:
        if cursor is None:
            newest = (await connection.execute(select(func.max(row.id)))).scalar()
            return Erasures(names=(), cursor=newest or 0)
        asking = select(row.id, row.records).where(row.id > cursor).order_by(row.id)
        found = (await connection.execute(asking)).all()
    names = tuple(name for at in found for name in at.records.split(","))
    return Erasures(names=names, cursor=found[-1].id if found else cursor)
