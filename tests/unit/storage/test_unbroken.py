"""Callers that leave in the middle of a transaction leave neither a lock nor an open file."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from moa_scorer.storage.database import POOL, Database

LEAVERS = 300
LONGEST = 0.003
"""Seconds after which they leave: a transaction takes about one thousandth."""


async def _made(file: Path) -> Database:
    made = Database(f"sqlite:///{file}")
    async with made.writing() as connection:
        await connection.execute(text("create table things (name text primary key)"))
    return made


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = await _made(tmp_path / "records.db")
    yield made
    await made.aclose()


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    """What only the garbage collector would mend is not mended."""
    gc.disable()
    yield
    gc.enable()


async def _write(database: Database, name: str) -> None:
    async with database.writing() as connection:
        await connection.execute(text("insert into things values (:name)"), {"name": name})
        await connection.scalar(text("select count(*) from things"))


def _opened() -> list[Path]:
    return [file.resolve() for file in Path("/proc/self/fd").iterdir() if file.exists()]


async def _names(database: Database) -> set[str]:
    async with database.reading() as connection:
        return set((await connection.execute(text("select name from things"))).scalars())


async def _left(work: Callable[[int], Awaitable[object]]) -> set[int]:
    """Whose work was over before they left."""
    draw, over = Random(4), set()
    for number in range(LEAVERS):
        task = asyncio.ensure_future(work(number))
        await asyncio.sleep(draw.random() * LONGEST)
        if not task.cancel():
            over.add(number)
        await asyncio.wait({task})
    return over


async def test_writers_that_leave_hold_nobody_up_and_what_was_written_is_there(database: Database) -> None:
    over = await _left(lambda number: _write(database, f"thing {number}"))

    await _write(database, "the last")

    assert {f"thing {number}" for number in over} | {"the last"} <= await _names(database)


async def test_readers_that_leave_give_their_connections_back(database: Database, tmp_path: Path) -> None:
    await _left(lambda _: _names(database))

    await asyncio.gather(*(_names(database) for _ in range(POOL)))

    assert _opened().count(tmp_path / "records.db") <= POOL + 1


async def test_a_mistake_in_the_middle_undoes_the_whole(database: Database) -> None:
    await _write(database, "one")

    async def two() -> None:
        async with database.writing() as connection:
            await connection.execute(text("insert into things values ('two')"))
            await connection.execute(text("insert into things values ('one')"))

    with pytest.raises(IntegrityError):
        await two()
    assert await _names(database) == {"one"}


async def test_closing_waits_for_what_callers_left(tmp_path: Path) -> None:
    database = await _made(tmp_path / "records.db")
    tasks = [asyncio.ensure_future(_write(database, f"thing {number}")) for number in range(20)]
    await asyncio.sleep(LONGEST / 10)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)

    await database.aclose()

    assert tmp_path / "records.db" not in _opened()
