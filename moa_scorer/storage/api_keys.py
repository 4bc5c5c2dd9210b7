"""API keys in the database, as digests."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Row, Table, insert, select, update

from moa_scorer.domain.audit_log import AuditEntry
from moa_scorer.domain.caller import ApiKey, Caller, Role
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.audit_log import append
from moa_scorer.storage.database import Database
from moa_scorer.storage.schema import METADATA, Micros, Name, Words, micros, moment

API_KEYS: Final = Table(
    "api_keys",
    METADATA,
    Column("id", Name, primary_key=True),
    Column("digest", Name, nullable=False, comment="SHA-256 of the secret part"),
    Column("name", Words, nullable=False),
    Column("tenant", Name, nullable=False),
    Column("roles", Words, nullable=False, comment="with spaces between them"),
    Column("created", Micros, nullable=False),
    Column("expires", Micros, nullable=True),
    Column("revoked", Micros, nullable=True),
)


class SqlApiKeys:
    """The `KeyStore` of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key_id: str) -> ApiKey | None:
        """As in the port."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(API_KEYS).where(API_KEYS.c.id == key_id))).first()
        return _key(row) if row is not None else None

    async def all(self) -> tuple[ApiKey, ...]:
        """As in the port."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(API_KEYS).order_by(API_KEYS.c.created))).all()
        return tuple(map(_key, rows))

    async def add(self, key: ApiKey, entry: AuditEntry) -> None:
        """As in the port."""
        row = {
            "id": key.id,
            "digest": key.digest,
            "name": key.caller.name,
            "tenant": key.caller.tenant,
            "roles": " ".join(sorted(key.caller.roles)),
            "created": micros(key.created),
            "expires": None if key.expires is None else micros(key.expires),
            "revoked": None,
        }
        async with self._database.writing() as connection:
            await append(connection, entry)
            await connection.execute(insert(API_KEYS).values(**row))

    async def revoke(self, key_id: str, now: datetime, entry: AuditEntry) -> bool:
        """As in the port."""
        ending = update(API_KEYS).where(API_KEYS.c.id == key_id, API_KEYS.c.revoked.is_(None))
        async with self._database.writing() as connection:
            revoked = (await connection.execute(ending.values(revoked=micros(now)))).rowcount > 0
            if revoked:
                await append(connection, entry)
            return revoked


def _key(row: "Row[Any]") -> ApiKey:
    return ApiKey(
        id=row.id,
        digest=row.digest,
        caller=Caller(
            name=row.name, tenant=Tenant(row.tenant), roles=frozenset(map(Role, row.roles.split()))
        ),
        created=moment(row.created),
        expires=None if row.expires is None else moment(row.expires),
        revoked=None if row.revoked is None else moment(row.revoked),
    )
