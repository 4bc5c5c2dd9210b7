"""Request ids in the database: each worked on by one request at a time, in all processes together."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import (
    Column,
    Delete,
    Index,
    PrimaryKeyConstraint,
    Row,
    Table,
    Update,
    and_,
    case,
    delete,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.dml import ReturningInsert

from moa_scorer.domain.budget import Calendar
from moa_scorer.domain.errors import RequestIdReused
from moa_scorer.domain.stores import Claim, ClaimKey, ClaimState
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.database import Database
from moa_scorer.storage.schema import METADATA, Micros, Name, micros, micros_in
from moa_scorer.storage.upserts import insert_into

KEPT_SECONDS: Final = 24 * 3600.0
"""How long an answered id is known; a job's until the job deletes it."""
JOBS: Final = "jobs/"
"""How the scope of a job's items begins."""

REQUEST_IDS: Final = Table(
    "request_ids",
    METADATA,
    Column("tenant", Name, nullable=False),
    Column("scope", Name, nullable=False),
    Column("request_id", Name, nullable=False),
    Column("fingerprint", Name, nullable=False),
    Column("token", Name, nullable=False, comment="of the claim that is at work, or was"),
    Column("record", Name, nullable=False, comment="name of the answer; empty = somebody is at work on it"),
    Column("leased_until", Micros, nullable=False),
    Column("expires", Micros, nullable=True, comment="null = never"),
    PrimaryKeyConstraint("tenant", "scope", "request_id"),
    Index(None, "token"),
    Index(None, "tenant", "record"),
    Index(None, "expires"),
)
_ROW: Final = REQUEST_IDS.c


class SqlRequestIds:
    """The `IdempotencyStore` of a database."""

    def __init__(self, database: Database, clock: Calendar) -> None:
        self._database = database
        self._clock = clock

    async def claim(self, key: ClaimKey, fingerprint: str, lease: float) -> Claim:
        """As in the port. A row that goes away between two looks at it is claimed anew."""
        while True:
            now, token = micros(self._clock.now()), uuid4().hex
            claiming = _claiming(self._database.dialect, _row(key, fingerprint, token, now, lease), now)
            row = await self._database.write(partial(_claimed, claiming=claiming, key=key))
            if row is not None and row.token == token:
                return Claim(state=ClaimState.MINE, key=key, token=token)
            if row is not None:
                return _as_claim(key, fingerprint, row)

    async def look(self, key: ClaimKey, fingerprint: str) -> Claim | None:
        """As in the port."""
        asking = select(REQUEST_IDS).where(_is(key), not_(_is_free(micros(self._clock.now()))))
        async with self._database.reading() as connection:
            found = (await connection.execute(asking)).first()
        return None if found is None else _as_claim(key, fingerprint, found)

    async def renew(self, claim: Claim, lease: float) -> bool:
        """As in the port."""
        until = micros(self._clock.now()) + micros_in(lease)
        renewing = update(REQUEST_IDS).where(_is_mine(claim)).values(leased_until=until)
        return await self._changed(renewing) > 0

    async def answer(self, claim: Claim, record: str) -> bool:
        """As in the port."""
        completing = partial(complete, answers={claim.token: record}, now=micros(self._clock.now()))
        return claim.token in await self._database.write(completing)

    async def release(self, claim: Claim) -> None:
        """As in the port."""
        held = _is_mine(claim) if claim.state is ClaimState.MINE else _ROW.record == claim.record
        await self._changed(delete(REQUEST_IDS).where(_is(claim.key), held))

    async def _changed(self, statement: Update | Delete) -> int:
        """How many rows it changed."""

        async def work(connection: AsyncConnection) -> int:
            return (await connection.execute(statement)).rowcount

        return await self._database.write(work)


async def _claimed(
    connection: AsyncConnection, claiming: "ReturningInsert[tuple[Any, ...]]", key: ClaimKey
) -> "Row[Any] | None":
    """The key's row as the claim wrote it, or as it found it; None = it went away meanwhile."""
    mine = (await connection.execute(claiming)).first()
    return mine or (await connection.execute(select(REQUEST_IDS).where(_is(key)))).first()


async def complete(connection: AsyncConnection, answers: Mapping[str, str], now: int) -> frozenset[str]:
    """Settles claims in the transaction that writes their records; token -> name of the record.

    Gives the tokens that were still their owners'; of the others no record may be written. `now` in
    microseconds.
    """
    if not answers:
        return frozenset()
    until = case((_ROW.scope.startswith(JOBS), None), else_=now + micros_in(KEPT_SECONDS))
    settling = (
        update(REQUEST_IDS)
        .where(_ROW.token.in_(answers), _ROW.record == "")
        .values(record=case(dict(answers), value=_ROW.token), expires=until)
        .returning(_ROW.token)
    )
    return frozenset((await connection.execute(settling)).scalars())


async def forget_answers(connection: AsyncConnection, tenant: Tenant, records: Sequence[str]) -> int:
    """Frees the ids that these records answered; how many there were."""
    there = delete(REQUEST_IDS).where(_ROW.tenant == tenant, _ROW.record.in_(records))
    return (await connection.execute(there)).rowcount


async def forget_scope(connection: AsyncConnection, tenant: Tenant, scope: str) -> int:
    """Frees the ids of a job; how many there were."""
    there = delete(REQUEST_IDS).where(_ROW.tenant == tenant, _ROW.scope == scope)
    return (await connection.execute(there)).rowcount


async def forget_expired(connection: AsyncConnection, now: int) -> int:
    """Frees the ids whose time is over; how many there were. `now` in microseconds."""
    return (await connection.execute(delete(REQUEST_IDS).where(_ROW.expires <= now))).rowcount


def _row(key: ClaimKey, fingerprint: str, token: str, now: int, lease: float) -> dict[str, str | int | None]:
    return {
        "tenant": key.tenant,
        "scope": key.scope,
        "request_id": key.request_id,
        "fingerprint": fingerprint,
        "token": token,
        "record": "",
        "leased_until": now + micros_in(lease),
        "expires": None if key.scope.startswith(JOBS) else now + micros_in(KEPT_SECONDS),
    }


def _claiming(
    dialect: str, row: Mapping[str, str | int | None], now: int
) -> "ReturningInsert[tuple[Any, ...]]":
    """Writes the row where there is none, or one that nobody is at work on or knows any longer."""
    inserting = insert_into(dialect, REQUEST_IDS).values(**row)
    return inserting.on_conflict_do_update(
        index_elements=[_ROW.tenant, _ROW.scope, _ROW.request_id],
        set_={name: inserting.excluded[name] for name in row},
        where=_is_free(now),
    ).returning(*_ROW)


def _is_free(now: int) -> "ColumnElement[bool]":
    """Whether nobody is at work on it or knows it any longer."""
    lapsed = and_(_ROW.record == "", _ROW.leased_until <= now)
    return or_(lapsed, and_(_ROW.expires.is_not(None), _ROW.expires <= now))


def _as_claim(key: ClaimKey, fingerprint: str, found: "Row[Any]") -> Claim:
    if found.fingerprint != fingerprint:
        raise RequestIdReused
    state = ClaimState.DONE if found.record else ClaimState.RUNNING
    return Claim(state=state, key=key, record=found.record)


def _is(key: ClaimKey) -> "ColumnElement[bool]":
    return and_(_ROW.tenant == key.tenant, _ROW.scope == key.scope, _ROW.request_id == key.request_id)


def _is_mine(claim: Claim) -> "ColumnElement[bool]":
    """Whether the claim is unanswered and nobody took it over."""
    return and_(_is(claim.key), _ROW.token == claim.token, _ROW.record == "")
