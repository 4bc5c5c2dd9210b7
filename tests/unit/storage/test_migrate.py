"""A database comes to the tables of this version once, whoever opens it first."""

import asyncio
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from moa_scorer.domain.errors import ConfigurationError, StorageUnavailable
from moa_scorer.storage.database import Database
from moa_scorer.storage.migrate import FOLDER, HEAD, REVISIONS, migrate, revision_of
from moa_scorer.storage.schema import METADATA

OPEN = """
import asyncio, sys
from moa_scorer.storage.database import Database
from moa_scorer.storage.migrate import migrate, revision_of

async def main():
    database = Database(sys.argv[1])
    sys.stdin.read()
    done = await migrate(database)
    print(await revision_of(database), "did" if done else "found")
    await database.aclose()

asyncio.run(main())
"""


def test_the_newest_version_is_that_of_the_last_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    steps = ScriptDirectory.from_config(config)

    assert steps.get_current_head() == HEAD
    assert {step.revision for step in steps.walk_revisions()} == set(REVISIONS)


async def test_the_steps_make_the_tables_that_the_program_declares(database_url: str) -> None:
    database = Database(database_url)
    assert await revision_of(database) == ""
    assert await migrate(database)
    assert not await migrate(database)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection)
        return list(compare_metadata(context, METADATA))

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []
        tables = await connection.run_sync(lambda c: inspect(c).get_table_names())
    assert set(tables) == {*METADATA.tables, "alembic_version"}
    await database.aclose()


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    database = Database(database_url)
    await migrate(database)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigurationError, match="newer MoA Scorer"):
        await migrate(database)
    await database.aclose()


async def test_a_database_that_cannot_be_reached_is_unavailable() -> None:
    database = Database("postgresql://me:secret@127.0.0.1:9/none")

    with pytest.raises(StorageUnavailable):
        await migrate(database)
    await database.aclose()


async def test_six_processes_that_open_a_fresh_database_at_once_end_well(database_url: str) -> None:
    command = (sys.executable, "-c", OPEN, database_url)
    processes = [
        await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(6)
    ]
    said = [(await process.communicate())[0].decode().split() for process in await _let_go(processes)]

    assert [words[0] for words in said] == [HEAD] * 6


async def _let_go(processes: list[asyncio.subprocess.Process]) -> list[asyncio.subprocess.Process]:
    """All of them at once."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    return processes
