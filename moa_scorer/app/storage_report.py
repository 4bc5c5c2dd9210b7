"""What `moa-scorer storage` does in a database, and says of it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from sqlalchemy import func, select

from moa_scorer.app.clock import SystemClock
from moa_scorer.app.operator import operator
from moa_scorer.app.serving.memory import opened_database
from moa_scorer.domain.audit_log import AuditAction, AuditEntry
from moa_scorer.domain.errors import ConfigurationError, StorageUnavailable
from moa_scorer.storage.audit_log import SqlAuditLog
from moa_scorer.storage.database import Database
from moa_scorer.storage.migrate import HEAD, revision_of
from moa_scorer.storage.portable import tables
from moa_scorer.storage.records_table import RECORDS
from moa_scorer.storage.retention import purge
from moa_scorer.storage.schema import micros, moment


async def report(url: str) -> list[str]:
    """Lines for people. Changes nothing; raises ConfigurationError where the database cannot be reached."""
    database = Database(url)
    if is_to_be_made(database):
        return [
            f"database {database}",
            "not there yet: a server makes it, or `moa-scorer storage migrate`",
        ]
    try:
        return [line async for line in _lines(database)]
    except StorageUnavailable:
        raise ConfigurationError((f"database {database}: cannot be reached",)) from None
    finally:
        await database.aclose()


def is_to_be_made(database: Database) -> bool:
    """Whether it is a SQLite file that does not exist yet."""
    file = database.url.database if database.dialect == "sqlite" else None
    return file is not None and not Path(file).exists()


async def _lines(database: Database) -> AsyncIterator[str]:
    version = await revision_of(database)
    yield f"database {database}"
    if version != HEAD:
        yield f"tables   {version or 'none yet'}; `moa-scorer storage migrate` brings them to {HEAD}"
        return
    yield f"tables   {version}, up to date"
    async with database.reading() as connection:
        for table in tables():
            count = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            if count:
                yield f"{count:>8} {table.name}"
        row = RECORDS.c.created
        first, last = (await connection.execute(select(func.min(row), func.max(row)))).one()
    for line in _between(first, last):
        yield line


def _between(first: int | None, last: int | None) -> Iterator[str]:
    if first is not None and last is not None:
        oldest, newest = (f"{moment(at):%Y-%m-%d %H:%M} UTC" for at in (first, last))
        yield f"records  from {oldest} to {newest}"


async def migrated(url: str) -> str:
    """What the migration did, in words."""
    async with opened_database(url) as database:
        return f"{database}: the tables are of version {await revision_of(database)}"


async def purged(url: str, days: float) -> int:
    """How many records older than so many days were deleted; the audit log says so before they are."""
    now, who = SystemClock().now(), operator()
    async with opened_database(url) as database:
        entry = AuditEntry(
            at=now,
            tenant=who.tenant,
            who=who.name,
            action=AuditAction.RECORDS_DELETED,
            subject="records",
            before=f"older than {days:g} days",
        )
        await SqlAuditLog(database).add(entry)
        return await purge(database, days, micros(now))
