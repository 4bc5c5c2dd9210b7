"""What is backed up can be had again, in the same kind of database or in another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.record import Record
from moa_scorer.domain.stores import ClaimKey, ClaimState, RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.storage.backup import copy_database
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import SqlRequestIds
from moa_scorer.storage.migrate import migrate
from moa_scorer.storage.portable import export, load, rows_in
from moa_scorer.storage.records import SqlRecords
from tests.fakes.judges import SystemClock
from tests.fakes.records import many_records

ALL = RecordFilter(tenant=DEFAULT_TENANT)
KEY = ClaimKey(tenant=DEFAULT_TENANT, scope="ScoreContent", request_id="r1")


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[tuple[Database, SqlRecords]]:
    database = Database(url)
    await migrate(database)
    records = SqlRecords(database, SystemClock())
    yield database, records
    await records.aclose()
    await database.aclose()


async def _fill(database: Database, records: SqlRecords) -> list[Record]:
    """Twenty records, the first of them the answer to a request id."""
    _, made = await many_records(20)
    claim = await SqlRequestIds(database, SystemClock()).claim(KEY, "body", 60)
    await asyncio.gather(records.put(made[0], claim), *(records.put(record) for record in made[1:]))
    return sorted(made, key=lambda record: record.name)


async def _all(records: SqlRecords) -> list[Record]:
    return [record async for record in records.scan(ALL)]


async def test_a_copy_taken_while_the_database_is_open_has_every_record(tmp_path: Path) -> None:
    source, copy = tmp_path / "a.db", tmp_path / "copy.db"
    async with _opened(f"sqlite:///{source}") as (database, records):
        made = await _fill(database, records)
        left: list[int] = []
        copy_database(source, copy, lambda pages, _: left.append(pages))
        assert left[-1] == 0

    async with _opened(f"sqlite:///{copy}") as (_, records):
        assert await _all(records) == made


async def test_a_copy_put_back_replaces_what_was_there(tmp_path: Path) -> None:
    source, copy = tmp_path / "a.db", tmp_path / "copy.db"
    async with _opened(f"sqlite:///{source}") as (database, records):
        made = await _fill(database, records)
    copy_database(source, copy)
    async with _opened(f"sqlite:///{source}") as (_, records):
        await records.erase(ALL)
    copy_database(copy, source)

    async with _opened(f"sqlite:///{source}") as (_, records):
        assert await _all(records) == made


def test_what_is_no_database_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, whatever it is called")
    for name in ("text", "none"):
        with pytest.raises(ConfigurationError, match=name):
            copy_database(tmp_path / name, tmp_path / "copy.db")


@pytest.mark.parametrize("ways", ["sqlite postgresql", "postgresql sqlite"])
async def test_records_move_to_the_other_kind_of_database(
    ways: str, tmp_path: Path, postgres_url: str, sqlite_url: str
) -> None:
    urls = {"sqlite": sqlite_url, "postgresql": postgres_url}
    here, there = (urls[kind] for kind in ways.split())
    file, told = tmp_path / "all.jsonl.gz", []
    async with _opened(here) as (database, records):
        made = await _fill(database, records)
        assert await export(database, file, lambda: told.append(1)) == len(told) == await rows_in(database)

    async with _opened(there) as (database, records):
        assert await load(database, file, lambda: None) == len(told)
        assert await _all(records) == made
        ids = SqlRequestIds(database, SystemClock())
        assert (await ids.claim(KEY, "body", 60)).state is ClaimState.DONE
        await records.erase(ALL)
        with pytest.raises(ConfigurationError, match="has rows already"):
            await load(database, file, lambda: None)


async def test_a_file_that_is_cut_short_loads_nothing(tmp_path: Path, sqlite_url: str) -> None:
    file = tmp_path / "all.jsonl.gz"
    async with _opened(f"sqlite:///{tmp_path}/a.db") as (database, records):
        await _fill(database, records)
        await export(database, file, lambda: None)
    file.write_bytes(file.read_bytes()[:-2000])

    async with _opened(sqlite_url) as (database, _):
        with pytest.raises(ConfigurationError, match="cut short"):
            await load(database, file, lambda: None)
        assert await rows_in(database) == 0
