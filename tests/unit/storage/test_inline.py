"""Work on a connection is done in one go in another thread, whole or not at all."""

import asyncio

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from moa_scorer.storage.database import Database
from moa_scorer.storage.inline import finished
from moa_scorer.storage.records_table import ARTEFACTS


async def _count(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.count()).select_from(ARTEFACTS))).scalar_one()


async def test_work_is_written_whole_or_not_at_all(database: Database) -> None:
    async def write(connection: AsyncConnection, *digests: str) -> int:
        for digest in digests:
            await connection.execute(insert(ARTEFACTS), [{"digest": digest, "kind": "k", "bytes": b""}])
        return await _count(connection)

    assert await database.write(lambda connection: write(connection, "a", "b")) == 2
    with pytest.raises(IntegrityError):
        await database.write(lambda connection: write(connection, "c", "a"))
    assert await database.write(_count) == 2
    async with database.reading() as connection:
        assert await _count(connection) == 2


def test_work_that_waits_for_something_else_is_a_mistake() -> None:
    async def wait() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="may await the connection only"):
        finished(wait())
