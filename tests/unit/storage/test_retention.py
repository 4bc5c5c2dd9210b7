"""What has been kept long enough goes, by one process at a time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.storage import retention
from moa_scorer.storage.database import Database
from moa_scorer.storage.leases import held
from moa_scorer.storage.records import SqlRecords
from moa_scorer.storage.records_table import ERASURES
from moa_scorer.storage.retention import purge
from moa_scorer.storage.schema import micros
from tests.fakes.judges import SystemClock
from tests.fakes.records import many_records

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
async def records(database: Database) -> AsyncIterator[SqlRecords]:
    records = SqlRecords(database, SystemClock())
    yield records
    await records.aclose()


async def test_records_older_than_so_many_days_go_whoever_they_belong_to(
    database: Database, records: SqlRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    _, made = await many_records(20)
    aged = [
        replace(
            record,
            created=NOW - timedelta(days=k),
            request=replace(record.request, tenant=Tenant("other") if k % 2 else DEFAULT_TENANT),
        )
        for k, record in enumerate(made)
    ]
    await asyncio.gather(*(records.put(record) for record in aged))

    assert await purge(database, 9.5, micros(NOW)) == 10
    for tenant in (DEFAULT_TENANT, Tenant("other")):
        assert await records.count(RecordFilter(tenant=tenant)) == 5
    assert await purge(database, 9.5, micros(NOW)) == 0


async def test_erasures_are_told_for_a_day(database: Database, records: SqlRecords) -> None:
    _, [record] = await many_records(1)
    await records.put(replace(record, created=NOW - timedelta(days=2)))

    async def told() -> int:
        async with database.reading() as connection:
            return (await connection.execute(select(func.count()).select_from(ERASURES))).scalar_one()

    await purge(database, 1, micros(NOW))
    assert await told() == 1
    await purge(database, 1, micros(NOW + timedelta(days=2)))
    assert await told() == 0


async def test_a_lease_is_one_holders_until_its_time_is_over(database: Database) -> None:
    now = micros(NOW)

    assert await held(database, "work", "a", now, 60)
    assert not await held(database, "work", "b", now + 1, 60)
    assert await held(database, "other work", "b", now, 60)
    assert await held(database, "work", "a", now + 30_000_000, 60)
    assert not await held(database, "work", "b", now + 60_000_000, 60)
    assert await held(database, "work", "b", now + 90_000_000, 60)


async def test_of_many_that_want_a_lease_at_once_one_gets_it(database: Database) -> None:
    found = await asyncio.gather(*(held(database, "work", f"h{k}", micros(NOW), 60) for k in range(8)))

    assert sum(found) == 1
