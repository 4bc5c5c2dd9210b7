"""What was used is summed up rightly, and known after the records are gone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from moa_scorer.domain.money import Usage
from moa_scorer.domain.record import Record
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.usage import By, Used
from moa_scorer.storage import usage as module
from moa_scorer.storage.database import Database
from moa_scorer.storage.records import SqlRecords
from moa_scorer.storage.retention import purge
from moa_scorer.storage.schema import micros
from moa_scorer.storage.usage import USAGE, fold, usage
from tests.fakes.judges import SystemClock
from tests.fakes.records import many_records

NOON = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
ACME, GLOBEX = Tenant("acme"), Tenant("globex")


@pytest.fixture
async def records(database: Database) -> AsyncIterator[SqlRecords]:
    records = SqlRecords(database, SystemClock())
    yield records
    await records.aclose()


async def made(count: int) -> list[Record]:
    """Records of acme at noon, each of whose first judge took 100 tokens and 7 micro-USD."""
    _, found = await many_records(count)
    return [paid(record, ACME, NOON) for record in found]


def paid(record: Record, tenant: Tenant, at: datetime, shadow: str | None = None) -> Record:
    first, *others = record.verdict.ballots
    took = Usage(calls=1, input_tokens=90, output_tokens=10, micro_usd=7)
    ballots = (replace(first, usage=took), *others)
    return replace(
        record,
        created=at,
        request=replace(record.request, tenant=tenant, shadow_of=shadow),
        verdict=replace(record.verdict, ballots=ballots),
    )


async def rows(database: Database) -> int:
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(USAGE))).scalar_one()


async def test_usage_is_told_by_tenant(database: Database, records: SqlRecords) -> None:
    mine = await made(5)
    theirs = [paid(each, GLOBEX, NOON) for each in mine[:2]]
    await asyncio.gather(*(records.put(each) for each in (*mine, *theirs)))
    assert await usage(database, [By.TENANT]) == [
        Used(
            by={By.TENANT: tenant},
            items=count,
            calls=count,
            input_tokens=90 * count,
            output_tokens=10 * count,
            micro_usd=7 * count,
            shadow_micro_usd=0,
        )
        for tenant, count in (("acme", 5), ("globex", 2))
    ]
    assert [each.items for each in await usage(database, [By.TENANT], tenant="globex")] == [2]


async def test_usage_is_told_by_panel_judge_and_day_together(database: Database, records: SqlRecords) -> None:
    first, second, third = await made(3)
    await records.put(first)
    await records.put(paid(second, ACME, NOON + timedelta(days=1)))
    await records.put(paid(third, ACME, NOON + timedelta(days=1, hours=3)))
    judge = first.verdict.ballots[0].judge
    midnight = micros(NOON.replace(hour=0, minute=0))
    found = await usage(database, [By.DAY, By.PANEL, By.JUDGE])
    panel = first.plan.panel.name
    assert [(dict(each.by), each.micro_usd) for each in found] == [
        ({By.DAY: str(midnight), By.PANEL: panel, By.JUDGE: judge}, 7),
        ({By.DAY: str(midnight + module.DAY), By.PANEL: panel, By.JUDGE: judge}, 14),
    ]


async def test_usage_is_told_from_an_hour_on(database: Database, records: SqlRecords) -> None:
    early, late = await made(2)
    await records.put(early)
    await records.put(paid(late, ACME, NOON + timedelta(hours=2)))
    for hours, items in ((0, 2), (1, 1), (2, 1), (3, 0)):
        found = await usage(database, [By.TENANT], since=micros(NOON + timedelta(hours=hours)))
        assert sum(each.items for each in found) == items


async def test_what_a_panel_in_the_shadow_takes_is_no_item_and_told_apart(
    database: Database, records: SqlRecords
) -> None:
    record, beside = await made(2)
    await records.put(record)
    await records.put(paid(beside, ACME, NOON, shadow=record.name))
    [found] = await usage(database, [By.TENANT])
    assert (found.items, found.micro_usd, found.shadow_micro_usd) == (1, 14, 7)


async def test_usage_outlives_erased_and_expired_records(database: Database, records: SqlRecords) -> None:
    await asyncio.gather(*(records.put(each) for each in await made(4)))
    await records.erase(RecordFilter(tenant=ACME, names=("nope",)))
    await purge(database, 1.0, micros(NOON + timedelta(days=9)))
    assert await records.count(RecordFilter(tenant=ACME)) == 0
    [found] = await usage(database, [By.TENANT])
    assert (found.items, found.micro_usd) == (4, 28)


async def test_hours_that_are_over_become_one_row_a_kind_and_the_sums_stay(
    database: Database, records: SqlRecords
) -> None:
    for each in await made(4):
        await records.put(each)
    await records.put(paid((await made(1))[0], ACME, NOON + timedelta(hours=2)))
    before = await usage(database, [By.TENANT, By.PANEL])
    assert await rows(database) == 10
    assert await fold(database, micros(NOON + timedelta(hours=1))) == 0
    assert await fold(database, micros(NOON + timedelta(hours=2))) == 6
    assert await fold(database, micros(NOON + timedelta(hours=2))) == 0
    assert await rows(database) == 4
    assert await usage(database, [By.TENANT, By.PANEL]) == before


async def test_an_empty_database_has_used_nothing(database: Database) -> None:
    assert await usage(database, [By.TENANT]) == []
