"""What tenants have used, written with their records and kept when those are gone: sums, and no content."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Table,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from moa_scorer.domain.money import NOTHING_USED
from moa_scorer.domain.record import Record
from moa_scorer.domain.usage import By, Used
from moa_scorer.storage.database import Database
from moa_scorer.storage.schema import METADATA, Micros, Name, RowId, micros

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
"""Microseconds."""
FOLDED: Final = 500
"""Sums that are made in one transaction."""

USAGE: Final = Table(
    "usage",
    METADATA,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("hour", Micros, nullable=False, comment="its beginning"),
    Column("tenant", Name, nullable=False),
    Column("panel", Name, nullable=False, comment="without its version"),
    Column("judge", Name, nullable=False, comment="empty = the row counts items"),
    Column("shadow", Boolean, nullable=False, comment="whether nobody but the operator asked"),
    Column("items", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False, comment="of models"),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("micro_usd", BigInteger, nullable=False),
    Index(None, "hour"),
)
_ROW: Final = USAGE.c
_DAYS: Final = _ROW.hour - _ROW.hour % literal_column(str(DAY), BigInteger)
"""Written out: PostgreSQL takes two parameters of the same value for two things."""
_KEYS: Final = ("hour", "tenant", "panel", "judge", "shadow")
_SUMS: Final = ("items", "calls", "input_tokens", "output_tokens", "micro_usd")

UsageRow = Mapping[str, Any]


def usage_of(record: Record) -> Iterator[UsageRow]:
    """The rows of a record: one for the item, and one for each judge that took something."""
    shadow = record.request.shadow_of is not None
    own = {
        "hour": micros(record.created) // HOUR * HOUR,
        "tenant": record.request.tenant,
        "panel": record.plan.panel.name,
        "shadow": shadow,
    }
    nothing = dict.fromkeys(_SUMS, 0)
    yield own | nothing | {"judge": "", "items": int(not shadow)}
    for ballot in record.verdict.ballots:
        if (used := ballot.usage) != NOTHING_USED:
            sums = {name: getattr(used, name) for name in _SUMS if name != "items"}
            yield own | nothing | sums | {"judge": ballot.judge}


async def write_usage(connection: AsyncConnection, rows: Iterable[UsageRow]) -> None:
    """Adds the rows, those of one kind as one."""
    added: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        same = added.setdefault(tuple(row[name] for name in _KEYS), {**row, **dict.fromkeys(_SUMS, 0)})
        for name in _SUMS:
            same[name] += row[name]
    if added:
        await connection.execute(insert(USAGE), list(added.values()))


async def usage(
    database: Database, by: Sequence[By], *, since: int | None = None, tenant: str = ""
) -> list[Used]:
    """Sums by all of these, in their order; of one tenant, or of all. Raises StorageUnavailable.

    `since` in microseconds: from the hour on that it lies in.
    """
    keys = [_DAYS if each is By.DAY else _ROW[each] for each in by]
    shadows = func.coalesce(func.sum(case((_ROW.shadow, _ROW.micro_usd), else_=0)), 0)
    asking = select(*keys, *_sums(), shadows).group_by(*keys).order_by(*keys)
    if since is not None:
        asking = asking.where(_ROW.hour >= since // HOUR * HOUR)
    if tenant:
        asking = asking.where(_ROW.tenant == tenant)
    if By.JUDGE in by:
        asking = asking.where(_ROW.judge != "")
    async with database.reading() as connection:
        return [_used(by, tuple(row)) for row in await connection.execute(asking)]


async def fold(database: Database, now: int) -> int:
    """Makes one row of many, for hours that are over for long enough that nobody writes to them; how many
    went. `now` in microseconds. One process at a time; raises StorageUnavailable."""
    over, gone = _ROW.hour < now // HOUR * HOUR - HOUR, 0
    keys = [_ROW[name] for name in _KEYS]
    asking = (
        select(*keys, *_sums(), func.min(_ROW.id), func.count())
        .where(over)
        .group_by(*keys)
        .having(func.count() > 1)
        .limit(FOLDED)
    )
    async with database.writing() as connection:
        for row in (await connection.execute(asking)).all():
            gone += await _folded(connection, tuple(row))
    return gone


async def _folded(connection: AsyncConnection, values: tuple[Any, ...]) -> int:
    keys, sums, (first, count) = values[: len(_KEYS)], values[len(_KEYS) : -2], values[-2:]
    of_kind = [_ROW[name] == value for name, value in zip(_KEYS, keys, strict=True)]
    await connection.execute(delete(USAGE).where(*of_kind, _ROW.id != first))
    whole = dict(zip(_SUMS, map(int, sums), strict=True))
    await connection.execute(update(USAGE).where(_ROW.id == first).values(**whole))
    return int(count) - 1


def _sums() -> list[Any]:
    return [func.coalesce(func.sum(_ROW[name]), 0) for name in _SUMS]


def _used(by: Sequence[By], values: tuple[Any, ...]) -> Used:
    keys = {each: str(value) for each, value in zip(by, values, strict=False)}
    sums = dict(zip((*_SUMS, "shadow_micro_usd"), map(int, values[len(by) :]), strict=True))
    return Used(by=keys, **sums)
