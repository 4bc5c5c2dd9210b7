"""Request ids in SQLite and in PostgreSQL: claimed by one, answered once, forgotten in time."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from moa_scorer.domain.errors import RequestIdReused, StorageUnavailable
from moa_scorer.domain.stores import Claim, ClaimKey, ClaimState
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import SqlRequestIds, complete, forget_answers, forget_expired, forget_scope
from moa_scorer.storage.schema import micros

ONE = Tenant("one")
KEY = ClaimKey(tenant=ONE, scope="ScoreContent", request_id="r-1")


@dataclass(slots=True)
class SetClock:
    """A calendar that stands still until it is moved."""

    time: datetime = field(default_factory=lambda: datetime(2026, 5, 4, tzinfo=UTC))

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def pass_by(self, **duration: float) -> None:
        self.time += timedelta(**duration)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ids(database: Database, clock: SetClock) -> SqlRequestIds:
    return SqlRequestIds(database, clock)


async def settle(database: Database, clock: SetClock, *claims: Claim) -> frozenset[str]:
    """The claims answered by records named after their ids, as the records' transaction does it."""
    async with database.writing() as connection:
        answers = {claim.token: f"record of {claim.key.request_id}" for claim in claims}
        return await complete(connection, answers, micros(clock.now()))


async def test_the_first_has_an_id_and_the_others_wait_for_it(ids: SqlRequestIds) -> None:
    assert (await ids.claim(KEY, "body", 10)).state is ClaimState.MINE
    assert (await ids.claim(KEY, "body", 10)).state is ClaimState.RUNNING


async def test_of_many_at_once_one_has_it(ids: SqlRequestIds) -> None:
    claims = await asyncio.gather(*(ids.claim(KEY, "body", 10) for _ in range(20)))
    assert [claim.state for claim in claims].count(ClaimState.MINE) == 1


@pytest.mark.parametrize("other", [{"tenant": Tenant("two")}, {"scope": "jobs/1"}, {"request_id": "r-2"}])
async def test_tenant_method_and_id_make_a_key_together(ids: SqlRequestIds, other: dict[str, str]) -> None:
    await ids.claim(KEY, "body", 10)
    assert (await ids.claim(replace(KEY, **other), "other body", 10)).state is ClaimState.MINE


async def test_an_id_with_another_body_is_refused_while_it_runs_and_when_it_is_answered(
    ids: SqlRequestIds, database: Database, clock: SetClock
) -> None:
    mine = await ids.claim(KEY, "body", 10)
    with pytest.raises(RequestIdReused):
        await ids.claim(KEY, "other body", 10)
    await settle(database, clock, mine)
    with pytest.raises(RequestIdReused):
        await ids.claim(KEY, "other body", 10)


async def test_an_answer_is_known_for_a_day(ids: SqlRequestIds, database: Database, clock: SetClock) -> None:
    mine = await ids.claim(KEY, "body", 10)
    assert await settle(database, clock, mine) == {mine.token}
    clock.pass_by(hours=23.9)
    assert await ids.claim(KEY, "body", 10) == Claim(state=ClaimState.DONE, key=KEY, record="record of r-1")
    clock.pass_by(hours=0.2)
    assert (await ids.claim(KEY, "other body", 10)).state is ClaimState.MINE


async def test_a_jobs_answers_are_known_until_the_job_forgets_them(
    ids: SqlRequestIds, database: Database, clock: SetClock
) -> None:
    key = replace(KEY, scope="jobs/7")
    await settle(database, clock, await ids.claim(key, "body", 10))
    clock.pass_by(days=1000)
    async with database.writing() as connection:
        assert await forget_expired(connection, micros(clock.now())) == 0
    assert (await ids.claim(key, "body", 10)).state is ClaimState.DONE
    async with database.writing() as connection:
        assert await forget_scope(connection, ONE, "jobs/7") == 1
    assert (await ids.claim(key, "body", 10)).state is ClaimState.MINE


async def test_a_lease_that_ran_out_is_anothers_and_the_first_owner_can_do_nothing_with_it(
    ids: SqlRequestIds, database: Database, clock: SetClock
) -> None:
    dead = await ids.claim(KEY, "body", 10)
    clock.pass_by(seconds=9.9)
    assert (await ids.claim(KEY, "body", 10)).state is ClaimState.RUNNING
    clock.pass_by(seconds=0.2)
    mine = await ids.claim(KEY, "body", 10)
    assert mine.state is ClaimState.MINE
    assert not await ids.renew(dead, 10)
    assert not await ids.answer(dead, "late")
    await ids.release(dead)
    assert await settle(database, clock, dead, mine) == {mine.token}
    assert (await ids.claim(KEY, "body", 10)).record == "record of r-1"


async def test_a_renewed_lease_lasts(ids: SqlRequestIds, clock: SetClock) -> None:
    mine = await ids.claim(KEY, "body", 10)
    clock.pass_by(seconds=8)
    assert await ids.renew(mine, 10)
    clock.pass_by(seconds=8)
    assert (await ids.claim(KEY, "body", 10)).state is ClaimState.RUNNING


async def test_what_is_given_back_is_free_for_any_body_and_an_answer_is_not_given_back(
    ids: SqlRequestIds, database: Database, clock: SetClock
) -> None:
    await ids.release(await ids.claim(KEY, "body", 10))
    mine = await ids.claim(KEY, "other body", 10)
    assert mine.state is ClaimState.MINE
    await settle(database, clock, mine)
    await ids.release(mine)
    assert (await ids.claim(KEY, "other body", 10)).state is ClaimState.DONE


async def test_an_answer_whose_record_is_gone_is_free(
    ids: SqlRequestIds, database: Database, clock: SetClock
) -> None:
    await settle(database, clock, await ids.claim(KEY, "body", 10))
    await ids.release(await ids.claim(KEY, "body", 10))
    await settle(database, clock, await ids.claim(KEY, "body", 10))
    async with database.writing() as connection:
        assert await forget_answers(connection, Tenant("two"), ["record of r-1"]) == 0
        assert await forget_answers(connection, ONE, ["record of r-1"]) == 1
    assert (await ids.claim(KEY, "body", 10)).state is ClaimState.MINE


async def test_a_database_that_cannot_be_reached_is_unavailable(clock: SetClock) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailable):
        await SqlRequestIds(database, clock).claim(KEY, "body", 10)
    await database.aclose()
