"""A job is held by one process at a time, and each of its items is settled once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from moa_scorer.domain.errors import NotFound, Precondition
from moa_scorer.domain.job import (
    Begun,
    ItemState,
    Job,
    JobState,
    Place,
    Position,
    Problem,
    RetryClass,
    Settled,
)
from moa_scorer.domain.job_order import Backfill, Calibration, Columns, FileFormat, Order, Source, WhatIf
from moa_scorer.domain.job_store import Advance, Lease, LeaseLost
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.domain.verdict import Decision
from moa_scorer.storage.database import Database
from moa_scorer.storage.jobs import SqlJobs
from moa_scorer.storage.jobs_table import JOBS

LEASE = 10.0
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
BACKFILL = Backfill(
    source=Source(
        path="/items.csv.gz",
        format=FileFormat.CSV,
        gzipped=True,
        columns=Columns(text="body"),
        fingerprint="1:a",
    ),
    output="/out.jsonl",
    tags={"a": "b"},
    max_cost=5,
)
WHAT_IF = WhatIf(
    records=RecordFilter(tenant=DEFAULT_TENANT, decision=Decision.REVIEW, since=NOW, tags={"x": "y"}),
    weights={"quality": 0.5},
    without=("a", "b"),
)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOW

    def monotonic(self) -> float:
        return self.time.timestamp()

    def now(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database: Database, clock: Clock) -> SqlJobs:
    return SqlJobs(database, clock)


def job_of(name: str = "A", order: Order = BACKFILL, **more: Any) -> Job:
    said: dict[str, Any] = {"tenant": DEFAULT_TENANT, "created": NOW, "updated": NOW} | more
    return Job(name=name, order=order, **said)


async def taken(store: SqlJobs, name: str = "A") -> Lease:
    lease = await store.take(Place.SERVER, LEASE, name)
    assert lease is not None
    return lease


def settled(index: int, state: ItemState = ItemState.SCORED, **more: Any) -> Settled:
    return Settled(index=index, line=index + 1, state=state, **more)


@pytest.mark.parametrize("order", [BACKFILL, WHAT_IF, Calibration(panel="p", rubric="", kind="comment")])
async def test_a_job_comes_back_as_it_was_made(store: SqlJobs, order: Order) -> None:
    job = await store.create(job_of(order=order))

    assert await store.get(DEFAULT_TENANT, "A") == job


async def test_orders_with_one_request_id_at_the_same_time_are_one_job(store: SqlJobs) -> None:
    made = await asyncio.gather(*(store.create(job_of(f"J{number}"), "once") for number in range(8)))

    assert len({job.name for job in made}) == 1
    assert await store.page(DEFAULT_TENANT, 10) == made[:1]


async def test_of_many_processes_one_takes_a_job(store: SqlJobs) -> None:
    await store.create(job_of())
    leases = await asyncio.gather(*(store.take(Place.SERVER, LEASE) for _ in range(8)))

    assert sum(lease is not None for lease in leases) == 1


@pytest.mark.parametrize("damage", [{"kind": "of-tomorrow"}, {"order": "{"}])
async def test_a_job_that_cannot_be_read_does_not_stop_those_after_it(
    store: SqlJobs, database: Database, damage: dict[str, str]
) -> None:
    for name in ("A", "B"):
        await store.create(job_of(name))
    async with database.writing() as connection:
        await connection.execute(update(JOBS).where(JOBS.c.name == "A").values(**damage))
    lease = await store.take(Place.SERVER, LEASE)

    assert lease is not None
    assert lease.job.name == "B"
    assert await store.take(Place.SERVER, LEASE) is None


async def test_a_job_whose_holder_is_silent_is_given_to_another(store: SqlJobs, clock: Clock) -> None:
    await store.create(job_of())
    first = await taken(store)
    clock.move(LEASE / 2)
    await store.renew(first, LEASE)
    clock.move(LEASE / 2)
    assert await store.take(Place.SERVER, LEASE) is None
    clock.move(LEASE)
    second = await taken(store)

    with pytest.raises(LeaseLost):
        await store.advance(first, Advance(settled=[settled(0)]))
    with pytest.raises(LeaseLost):
        await store.renew(first, LEASE)
    assert (await store.advance(second, Advance(settled=[settled(0)]))).scored == 1


async def test_tenants_take_turns_however_many_jobs_each_has(store: SqlJobs, clock: Clock) -> None:
    for name in ("A1", "A2", "A3"):
        await store.create(job_of(name))
    await store.create(job_of("B1", tenant=Tenant("other")))
    taken_in_order = []
    for _ in range(5):
        lease = await taken(store, "")
        taken_in_order.append(lease.job.name)
        assert await store.others_wait(lease)
        await store.release(lease)
        clock.move(1)

    assert taken_in_order == ["A1", "B1", "A1", "B1", "A1"]


async def test_jobs_of_a_command_are_left_to_commands(store: SqlJobs) -> None:
    await store.create(job_of(place=Place.COMMAND))

    assert await store.take(Place.SERVER, LEASE) is None
    assert await store.take(Place.COMMAND, LEASE, "A") is not None


async def test_an_item_is_counted_once_however_often_it_is_settled(store: SqlJobs) -> None:
    await store.create(job_of())
    lease = await taken(store)
    await store.advance(lease, Advance(begun=[Begun(index=0, line=1), Begun(index=1, line=2)], total=2))
    first = settled(0, calls=2, micro_usd=30, answer="{}")
    await store.advance(lease, Advance(settled=[first]))
    again = settled(0, ItemState.FAILED, retry=RetryClass.PERMANENT, micro_usd=99)
    progress = await store.advance(lease, Advance(settled=[again], at=Position(index=1, line=2, offset=9)))

    assert (progress.total, progress.done, progress.scored, progress.calls, progress.micro_usd) == (
        2,
        1,
        1,
        2,
        30,
    )
    assert await store.results("A", 10) == [first]
    assert await store.settled_from("A", 0) == {0}
    assert (await store.get(DEFAULT_TENANT, "A")).at == Position(index=1, line=2, offset=9)


async def test_what_a_holder_left_is_told_to_the_next_with_one_more_crash(
    store: SqlJobs, clock: Clock
) -> None:
    await store.create(job_of())
    item, lease = Begun(index=3, line=4, id="x"), await taken(store)
    for crashes in (1, 2):
        await store.advance(lease, Advance(begun=[item]))
        clock.move(LEASE + 1)
        lease = await taken(store)
        assert await store.left_running(lease) == [replace(item, crashes=crashes)]


async def test_an_item_is_not_blamed_for_the_end_of_a_process_that_was_at_work_on_another(
    store: SqlJobs, clock: Clock
) -> None:
    await store.create(job_of())
    first, second = (Begun(index=index, line=index + 1) for index in (0, 1))
    await store.advance(await taken(store), Advance(begun=[first, second]))
    clock.move(LEASE + 1)
    await store.advance(await taken(store), Advance(begun=[first]))
    clock.move(LEASE + 1)

    assert await store.left_running(await taken(store)) == [
        replace(first, crashes=2),
        replace(second, crashes=1),
    ]


async def test_what_is_handed_back_is_no_crash(store: SqlJobs) -> None:
    await store.create(job_of())
    lease = await taken(store)
    await store.advance(lease, Advance(begun=[Begun(index=3, line=4)]))
    await store.release(lease)

    assert await store.left_running(await taken(store)) == []


async def test_results_and_failures_come_in_pages_in_order(store: SqlJobs) -> None:
    await store.create(job_of())
    lease = await taken(store)
    bad = [settled(n, ItemState.FAILED, retry=RetryClass.PERMANENT, reason="no\0") for n in (1, 4)]
    await store.advance(lease, Advance(settled=[settled(5), *bad, settled(0), settled(2)]))

    assert [each.index for each in await store.results("A", 3)] == [0, 1, 2]
    assert [each.index for each in await store.results("A", 3, 2)] == [4, 5]
    assert [each.index for each in await store.failures(DEFAULT_TENANT, "A", 9, 1)] == [4]


async def test_a_job_that_nobody_holds_is_cancelled_at_once_and_one_at_work_is_told(store: SqlJobs) -> None:
    await store.create(job_of("A"))
    await store.create(job_of("B"))
    lease = await taken(store, "B")

    assert (await store.cancel(DEFAULT_TENANT, "A")).state is JobState.CANCELLED
    assert (await store.cancel(DEFAULT_TENANT, "B")).state is JobState.RUNNING
    assert await store.renew(lease, LEASE)


async def test_resuming_forgets_what_is_worth_another_try_and_reads_on_from_there(store: SqlJobs) -> None:
    await store.create(job_of())
    lease = await taken(store)
    outcomes = [
        settled(0),
        settled(1, ItemState.SET_ASIDE, retry=RetryClass.TRANSIENT),
        settled(2, ItemState.FAILED, retry=RetryClass.PERMANENT),
    ]
    await store.advance(lease, Advance(settled=outcomes, at=Position(index=3, line=4, offset=30)))
    await store.finish(lease, JobState.FAILED, problem=Problem.COST_CEILING, detail="spent")
    job = await store.resume(DEFAULT_TENANT, "A", max_cost=70)

    assert isinstance(job.order, Backfill)
    assert (job.state, job.problem, job.order.max_cost, job.at.index) == (JobState.QUEUED, None, 70, 0)
    assert (job.progress.scored, job.progress.failed, job.progress.set_aside) == (1, 1, 0)
    assert await store.settled_from("A", 0) == {0, 2}


async def test_what_is_at_work_is_neither_resumed_nor_deleted(store: SqlJobs) -> None:
    await store.create(job_of())
    await taken(store)

    for forbidden in (store.resume, store.delete):
        with pytest.raises(Precondition):
            await forbidden(DEFAULT_TENANT, "A")


async def test_jobs_are_listed_newest_first_and_only_to_their_tenant(store: SqlJobs) -> None:
    for name in ("A", "B", "C"):
        await store.create(job_of(name))
    await store.create(job_of("D", tenant=Tenant("acme")))

    assert [job.name for job in await store.page(DEFAULT_TENANT, 2)] == ["C", "B"]
    assert [job.name for job in await store.page(DEFAULT_TENANT, 2, "B")] == ["A"]
    with pytest.raises(NotFound):
        await store.get(DEFAULT_TENANT, "D")
    with pytest.raises(NotFound):
        await store.failures(DEFAULT_TENANT, "D", 5)


async def test_the_end_is_expected_at_the_pace_of_the_last_turn(store: SqlJobs, clock: Clock) -> None:
    await store.create(job_of())
    lease = await taken(store)
    await store.advance(lease, Advance(total=10))
    clock.move(8)
    await store.advance(lease, Advance(settled=[settled(n) for n in range(4)]))
    job = await store.get(DEFAULT_TENANT, "A")

    assert job.expected_end == NOW + timedelta(seconds=20)
