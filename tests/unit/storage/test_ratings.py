"""Ratings in a real SQLite and a real PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert

from moa_scorer.domain.rating import Appeal, AppealOutcome, Rating, RatingFilter, Receipt, Stream
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.domain.verdict import Decision
from moa_scorer.storage.database import Database
from moa_scorer.storage.ratings import SqlRatings
from moa_scorer.storage.records_table import RECORDS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERYTHING = RatingFilter(tenant=DEFAULT_TENANT)


def rating(number: int = 0, **over: object) -> Rating:
    said: dict[str, object] = {
        "id": f"r{number}",
        "tenant": DEFAULT_TENANT,
        "record": "A",
        "rater": "ada",
        "criterion": "depth",
        "value": 0.1 + number / 1000,
        "saw_score": False,
        "stream": Stream.REVIEW,
        "rated": NOON,
        "received": NOON + timedelta(seconds=number),
        "rubric": "essay@1",
        "panel": "trio@1",
        "kind": "essay",
        **over,
    }
    return Rating(**said)  # type: ignore[arg-type]


def appeal(**over: object) -> Appeal:
    said: dict[str, object] = {
        "id": "a1",
        "tenant": DEFAULT_TENANT,
        "record": "A",
        "outcome": AppealOutcome.OVERTURNED,
        "decision": Decision.ACCEPT,
        "decided_by": "bob",
        "decided": NOON,
        "received": NOON,
        **over,
    }
    return Appeal(**said)  # type: ignore[arg-type]


async def stored(database: Database, *names: str) -> SqlRatings:
    """The store over a database that has these records."""
    empty = {
        c.name: b"" for c in RECORDS.c if c.name in ("request", "plan", "facts", "ballots", "verdict", "way")
    }
    words = {
        c.name: ""
        for c in RECORDS.c
        if c.name not in empty and not c.name.endswith("version") and c.name not in ("created", "audited")
    }
    numbers = {"created": 0, "panel_version": 1, "rubric_version": 1, "policy_version": 0, "audited": False}
    async with database.writing() as connection:
        for name in names:
            row = {**words, **empty, **numbers, "tenant": DEFAULT_TENANT, "name": name}
            await connection.execute(insert(RECORDS).values(row))
    return SqlRatings(database)


async def all_of(store: SqlRatings, where: RatingFilter = EVERYTHING) -> list[Rating]:
    return [found async for found in store.scan(where)]


async def test_what_is_stored_comes_back_in_the_order_in_which_it_came(database: Database) -> None:
    store = await stored(database, "A", "B")
    given = [rating(2, propensity=0.02, plan="p"), rating(1, record="B", saw_score=True, stream=Stream.AUDIT)]

    assert await store.add(given) == [Receipt.STORED, Receipt.STORED]
    assert await all_of(store) == given
    assert await store.count(EVERYTHING) == 2


async def test_the_same_again_changes_nothing_and_another_under_its_id_is_told(database: Database) -> None:
    store = await stored(database, "A")
    first = rating(0)
    later = replace(first, received=NOON + timedelta(hours=1), rated=NOON + timedelta(hours=1))

    assert await store.add([first]) == [Receipt.STORED]
    assert await store.add([later, replace(first, value=0.9), rating(1)]) == [
        Receipt.KNOWN,
        Receipt.CONFLICT,
        Receipt.STORED,
    ]
    assert await all_of(store) == [first, rating(1)]


async def test_twice_in_one_call_is_once(database: Database) -> None:
    store = await stored(database, "A")

    receipts = await store.add([rating(0), rating(0), replace(rating(0), value=0.8)])

    assert receipts == [Receipt.STORED, Receipt.KNOWN, Receipt.CONFLICT]
    assert await all_of(store) == [rating(0)]


async def test_a_record_that_is_not_there_loses_its_own_ratings_only(database: Database) -> None:
    store = await stored(database, "A")

    receipts = await store.add([rating(0, record="gone"), rating(1)])

    assert receipts == [Receipt.GONE, Receipt.STORED]


async def test_ratings_and_appeals_go_with_their_record(database: Database) -> None:
    store = await stored(database, "A", "B")
    await store.add([rating(0), rating(1, record="B")])
    await store.add_appeal(appeal())

    async with database.writing() as connection:
        await connection.execute(delete(RECORDS).where(RECORDS.c.name == "A"))

    assert [found.record for found in await all_of(store)] == ["B"]
    assert await store.appeals(DEFAULT_TENANT, "A") == []


async def test_an_appeal_ends_once(database: Database) -> None:
    store = await stored(database, "A")

    receipts = [
        await store.add_appeal(appeal()),
        await store.add_appeal(appeal(received=NOON + timedelta(days=1))),
        await store.add_appeal(appeal(outcome=AppealOutcome.UPHELD)),
        await store.add_appeal(appeal(id="a2", record="gone")),
    ]

    assert receipts == [Receipt.STORED, Receipt.KNOWN, Receipt.CONFLICT, Receipt.GONE]
    assert await store.appeals(DEFAULT_TENANT, "A") == [appeal()]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"records": ("B",)}, ["r1"]),
        ({"rubric": "essay@2"}, []),
        ({"panel": "trio@1", "kind": "essay"}, ["r0", "r1", "r2"]),
        ({"received_after": NOON}, ["r1", "r2"]),
        ({"streams": (Stream.AUDIT, Stream.PLAN)}, ["r1"]),
        ({"unseen": True}, ["r0", "r1"]),
        ({"tenant": Tenant("other")}, []),
    ],
)
async def test_a_filter_means_what_it_says(
    database: Database,
    where: dict[str, object],
    found: list[str],
) -> None:
    store = await stored(database, "A", "B")
    await store.add([rating(0), rating(1, record="B", stream=Stream.AUDIT), rating(2, saw_score=True)])
    wanted = replace(EVERYTHING, **where)  # type: ignore[arg-type]

    ratings = await all_of(store, wanted)

    assert [each.id for each in ratings] == found
    assert await store.count(wanted) == len(found)
    assert await store.rated(wanted) == {each.record for each in ratings}


async def test_more_than_a_page_is_read_to_its_end(database: Database) -> None:
    store = await stored(database, "A")
    for start in range(0, 2_100, 700):
        await store.add([rating(n) for n in range(start, start + 700)])

    assert [found.id for found in await all_of(store)] == [f"r{n}" for n in range(2_100)]


async def test_two_that_hand_in_the_same_ratings_in_another_order_never_wait_for_each_other(
    database: Database,
) -> None:
    store = await stored(database, "A")
    for turn in range(2):
        batch = [rating(number, id=f"{turn}-{number}") for number in range(1_500)]
        receipts = await asyncio.gather(store.add(batch), store.add(batch[::-1]))
        assert sorted(receipt for each in receipts for receipt in each) == sorted(
            [Receipt.STORED, Receipt.KNOWN] * len(batch)
        )
