"""The audit log in the database: rows that are added, and by its own triggers never changed or deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Index, Row, Table, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from moa_scorer.domain.audit_log import AuditAction, AuditEntry
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.database import Database
from moa_scorer.storage.schema import METADATA, Micros, Name, RowId, Words, micros, moment, plain

AUDIT_LOG: Final = Table(
    "audit_log",
    METADATA,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("at", Micros, nullable=False),
    Column("tenant", Name, nullable=False),
    Column("who", Words, nullable=False),
    Column("action", Name, nullable=False),
    Column("subject", Words, nullable=False),
    Column("before", Words, nullable=False),
    Column("after", Words, nullable=False),
    Column("why", Words, nullable=False),
    Index(None, "at"),
)
_NUMBERING: Final = 0x6D6F62
"""Key of the lock under which PostgreSQL numbers entries in the order in which they are committed."""


class SqlAuditLog:
    """The `AuditLog` of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entry: AuditEntry) -> None:
        """As in the port."""
        async with self._database.writing() as connection:
            await append(connection, entry)

    async def page(self, size: int, *, since: datetime | None = None, after: int = 0) -> Sequence[AuditEntry]:
        """As in the port."""
        row = AUDIT_LOG.c
        asking = select(AUDIT_LOG).where(row.number > after).order_by(row.number).limit(size)
        if since is not None:
            asking = asking.where(row.at >= micros(since))
        async with self._database.reading() as connection:
            return [_entry(each) for each in (await connection.execute(asking)).all()]


async def append(connection: AsyncConnection, entry: AuditEntry) -> None:
    """Adds the entry in the caller's transaction."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _NUMBERING})
    row = {
        "at": micros(entry.at),
        "tenant": entry.tenant,
        "who": plain(entry.who),
        "action": entry.action.value,
        "subject": plain(entry.subject),
        "before": plain(entry.before),
        "after": plain(entry.after),
        "why": plain(entry.why),
    }
    await connection.execute(insert(AUDIT_LOG).values(**row))


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        at=moment(row.at),
        tenant=Tenant(row.tenant),
        who=row.who,
        action=AuditAction(row.action),
        subject=row.subject,
        before=row.before,
        after=row.after,
        why=row.why,
        number=row.number,
    )
