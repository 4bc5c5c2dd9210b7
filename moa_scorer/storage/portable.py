"""A whole database as lines of JSON: out of any kind of database, into any kind."""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import LargeBinary, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.storage.database import Database
from moa_scorer.storage.leases import LEASES
from moa_scorer.storage.migrate import HEAD
from moa_scorer.storage.private import made_private
from moa_scorer.storage.schema import RowId, declared

FORMAT: Final = "moa-scorer-storage"
ROWS: Final = 200
"""Rows read or written at a time."""

Told = Callable[[], None]
Line = tuple[str, dict[str, Any]]
"""Name of a table, a row of it."""


def tables() -> list[Table]:
    """All that is worth keeping, whatever others refer to first."""
    return [table for table in declared().sorted_tables if table is not LEASES]


async def rows_in(database: Database) -> int:
    """Rows of all tables together."""
    async with database.reading() as connection:
        return sum([await _count(connection, table) for table in tables()])


async def export(database: Database, target: Path, told: Told) -> int:
    """Writes every row to a gzipped file of JSON lines, as of one instant; `told` after each. How many."""
    count = 0
    with gzip.open(made_private(target), "wt", encoding="utf-8", compresslevel=6) as file:
        file.write(json.dumps({"format": FORMAT, "tables": HEAD}) + "\n")
        async with database.reading() as connection:
            async for name, row in _rows(connection):
                file.write(json.dumps({"table": name, "row": row}) + "\n")
                count += 1
                told()
    return count


async def load(database: Database, source: Path, told: Told) -> int:
    """Writes the rows of such a file into an empty database, all or none of them; how many.

    Raises ConfigurationError for another file, and for a database that has rows.
    """
    by_name, count = {table.name: table for table in tables()}, 0
    async with database.writing() as connection:
        for table in by_name.values():
            if await _count(connection, table):
                raise ConfigurationError((f"database {database}: its table {table.name} has rows already",))
        for name, rows in _batches(source):
            if name not in by_name:
                raise ConfigurationError((f"{source}: unknown table '{name}'",))
            await connection.execute(insert(by_name[name]), [_unpacked(by_name[name], row) for row in rows])
            count += len(rows)
            for _ in rows:
                told()
        await _count_on(connection)
    return count


async def _count(connection: AsyncConnection, table: Table) -> int:
    return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def _rows(connection: AsyncConnection) -> AsyncIterator[Line]:
    for table in tables():
        asking = select(table).order_by(*table.primary_key).execution_options(yield_per=ROWS)
        async for row in (await connection.stream(asking)).mappings():
            yield table.name, {key: _packed(value) for key, value in row.items()}


def _packed(value: object) -> object:
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _unpacked(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    binary = {c.name for c in table.columns if isinstance(c.type, LargeBinary)}
    return {k: b64decode(v) if k in binary and v is not None else v for k, v in row.items()}


def _batches(source: Path) -> Iterator[tuple[str, Sequence[dict[str, Any]]]]:
    """Runs of rows of one table, as they stand in the file; raises ConfigurationError."""
    try:
        with gzip.open(source, "rt", encoding="utf-8") as file:
            first = json.loads(file.readline())
            if first != {"format": FORMAT, "tables": HEAD}:
                raise ConfigurationError((f"{source}: not an export of tables of version {HEAD}",))
            lines = map(json.loads, file)
            for name, run in groupby(lines, key=lambda line: str(line["table"])):
                while rows := [line["row"] for line in islice(run, ROWS)]:
                    yield name, rows
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        words = f"{source}: not an export, or cut short: {type(error).__name__}"
        raise ConfigurationError((words,)) from None


async def _count_on(connection: AsyncConnection) -> None:
    """PostgreSQL's own numbers go on after those that were loaded; SQLite's do by themselves."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        for column in table.primary_key:
            if column.type is RowId:
                newest = (await connection.execute(select(func.max(column)))).scalar()
                if newest is not None:
                    statement = text("SELECT setval(pg_get_serial_sequence(:table, :column), :newest)")
                    told = {"table": table.name, "column": column.name, "newest": newest}
                    await connection.execute(statement, told)
