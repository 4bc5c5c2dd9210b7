"""Records in SQLite and in PostgreSQL: what the port promises, on real databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from google.protobuf.json_format import MessageToJson, Parse
from sqlalchemy import func, select, update

from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.domain.content_digest import content_digest
from moa_scorer.domain.errors import DamagedRecord, NotFound, StorageUnavailable
from moa_scorer.domain.job import Job, JobState, Place
from moa_scorer.domain.job_order import WhatIf
from moa_scorer.domain.record import Record
from moa_scorer.domain.stores import Claim, ClaimKey, ClaimState, RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.domain.verdict import Completion, Decision
from moa_scorer.storage import records as module
from moa_scorer.storage.database import Database
from moa_scorer.storage.erasing import erased_since
from moa_scorer.storage.ids import SqlRequestIds
from moa_scorer.storage.jobs import SqlJobs
from moa_scorer.storage.records import SqlRecords
from moa_scorer.storage.records_table import ARTEFACTS, RECORDS, TAGS
from tests.fakes.judges import SystemClock
from tests.fakes.memory_stores import matches
from tests.fakes.records import many_records

ALL = RecordFilter(tenant=DEFAULT_TENANT)
OTHER = Tenant("other")


@pytest.fixture
async def records(database: Database) -> AsyncIterator[SqlRecords]:
    records = SqlRecords(database, SystemClock())
    yield records
    await records.aclose()


async def _made(count: int = 30) -> list[Record]:
    """Records whose names rise, of many decisions, marks and moments."""
    _, made = await many_records(count)
    return sorted(
        (
            replace(
                record,
                created=made[0].created + timedelta(seconds=k),
                audited=k % 5 == 0,
                request=replace(
                    record.request, subject=f"user{k % 3}", tags={"team": f"t{k % 2}", "n": str(k)}
                ),
            )
            for k, record in enumerate(made)
        ),
        key=lambda record: record.name,
    )


async def _put(records: SqlRecords, made: list[Record]) -> None:
    assert all(await asyncio.gather(*(records.put(record) for record in made)))


async def _count(database: Database, table: object) -> int:
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[arg-type]


async def test_a_record_is_read_as_it_was_put(records: SqlRecords, database: Database) -> None:
    made = await _made()
    await _put(records, made)

    assert [await records.get(DEFAULT_TENANT, record.name) for record in made] == made
    fresh = SqlRecords(database, SystemClock())
    assert [record async for record in fresh.scan(ALL)] == made
    assert records.commits < len(made)
    assert await _count(database, ARTEFACTS) == len({_frame_key(record) for record in made})


def _frame_key(record: Record) -> str:
    policy = record.plan.policy
    return f"{record.plan.ruler} {policy.revision if policy else ''} {record.plan.quorum}"


async def test_what_is_not_there_is_not_found_and_a_tenant_sees_its_own_only(records: SqlRecords) -> None:
    [record] = await _made(1)
    await _put(records, [record])

    with pytest.raises(NotFound):
        await records.get(DEFAULT_TENANT, "01JNONE")
    with pytest.raises(NotFound):
        await records.get(OTHER, record.name)
    assert await records.count(RecordFilter(tenant=OTHER)) == 0
    assert (await records.erase(RecordFilter(tenant=OTHER))).records == 0
    assert await records.count(ALL) == 1


async def test_the_tenants_that_have_records_are_named_in_order(records: SqlRecords) -> None:
    made = await _made(3)
    for record, tenant in zip(made, ("news", "acme", "news"), strict=True):
        await records.put(replace(record, request=replace(record.request, tenant=Tenant(tenant))))
    assert await records.tenants(9) == ["acme", "news"]
    assert await records.tenants(1) == ["acme"]


async def test_pages_follow_each_other_in_both_directions(records: SqlRecords) -> None:
    made = await _made(10)
    await _put(records, made)

    first = await records.page(ALL, 4)
    assert first == made[:-5:-1]
    assert await records.page(ALL, 100, first[-1].name) == made[5::-1]
    assert await records.page(ALL, 3, made[2].name, newest_first=False) == made[3:6]


async def test_every_filter_finds_what_it_says(records: SqlRecords) -> None:
    made = await _made()
    await _put(records, made)
    plan = made[0].plan
    wanted = [
        *(
            replace(ALL, panel=name)
            for name in (plan.panel.name, plan.panel.revision, "trio@9", "trio@x", "no")
        ),
        *(replace(ALL, rubric=name) for name in (plan.rubric.name, plan.rubric.revision, "no@1")),
        *(replace(ALL, policy=name) for name in ("careful", "strict@1", "careful@2")),
        *(replace(ALL, snapshot=name) for name in (plan.snapshot, plan.snapshot.partition("@")[0], "%")),
        *(replace(ALL, decision=decision) for decision in Decision),
        *(replace(ALL, completion=completion) for completion in Completion),
        replace(ALL, content_id=made[4].request.content.id),
        replace(ALL, content_digest=content_digest(made[5].request.content)),
        replace(ALL, subject="user1"),
        replace(ALL, subject="user1\x00"),
        replace(ALL, tags={"team": "t1"}),
        replace(ALL, tags={"team": "t1", "n": "3"}),
        replace(ALL, tags={"n": "t1"}),
        replace(ALL, since=made[7].created),
        replace(ALL, until=made[7].created),
        replace(ALL, since=made[3].created, until=made[9].created, subject="user0"),
        *(replace(ALL, audited=audited) for audited in (True, False)),
        replace(ALL, names=(made[0].name, made[9].name, "none")),
    ]
    for where in wanted:
        expected = [record for record in made if matches(record, where)]
        assert [record async for record in records.scan(where)] == expected, where
        assert await records.count(where) == len(expected)


async def test_marks_that_a_database_dislikes_are_kept_as_they_are(records: SqlRecords) -> None:
    [record] = await _made(1)
    content = replace(record.request.content, id="a\x00b", text="\x00 \U0001f600")
    strange = replace(record, request=replace(record.request, content=content, tags={"k": "v\x00"}))
    await _put(records, [strange])

    assert await records.get(DEFAULT_TENANT, record.name) == strange
    assert await records.count(replace(ALL, content_id="a\x00b", tags={"k": "v\x00"})) == 1


async def test_a_name_that_is_taken_spoils_no_other_record(records: SqlRecords, database: Database) -> None:
    made = await _made(6)
    await _put(records, made[:1])
    broken = replace(made[1], request=replace(made[1].request, subject="\ud800"))
    outcomes = await asyncio.gather(
        records.put(made[0]), records.put(broken), *(records.put(r) for r in made[2:]), return_exceptions=True
    )

    assert [type(o) for o in outcomes] == [StorageUnavailable] * 2 + [bool] * 4
    assert await records.count(ALL) == 5


async def test_a_record_and_the_answer_to_its_claim_are_one_transaction(
    records: SqlRecords, database: Database
) -> None:
    [record, second] = await _made(2)
    ids = SqlRequestIds(database, SystemClock())
    key = ClaimKey(tenant=DEFAULT_TENANT, scope="ScoreContent", request_id="r1")
    claim = await ids.claim(key, "body", 60)

    assert await records.put(record, claim)
    assert await ids.claim(key, "body", 60) == Claim(state=ClaimState.DONE, key=key, record=record.name)
    lost = replace(claim, token="of another")
    assert not await records.put(second, lost)
    assert await records.count(ALL) == 1


async def test_an_erasure_reaches_request_ids_and_tells_other_processes(
    records: SqlRecords, database: Database
) -> None:
    made = await _made(9)
    await _put(records, made[1:])
    key = ClaimKey(tenant=DEFAULT_TENANT, scope="ScoreContent", request_id="r1")
    ids = SqlRequestIds(database, SystemClock())
    await records.put(made[0], await ids.claim(key, "body", 60))
    before = await erased_since(database, None)
    gone = await records.erase(replace(ALL, subject=made[0].request.subject))

    names = tuple(r.name for r in made if r.request.subject == made[0].request.subject)
    assert (gone.records, gone.names, gone.request_ids) == (len(names), names, 1)
    assert [r.name async for r in records.scan(ALL)] == [r.name for r in made if r.name not in names]
    assert await _count(database, TAGS) == 2 * (len(made) - len(names))
    assert (await ids.claim(key, "another body", 60)).state is ClaimState.MINE
    after = await erased_since(database, before.cursor)
    assert after.names == names
    assert (await erased_since(database, after.cursor)).names == ()


async def test_an_erasure_reaches_the_examples_of_what_ifs_and_leaves_their_figures(
    records: SqlRecords, database: Database
) -> None:
    made = await _made(3)
    await _put(records, made)
    examples = [pb.WhatIfExample(record=f"records/{r.name}", content_id=f"c{n}") for n, r in enumerate(made)]
    result = MessageToJson(pb.WhatIfResponse(records=3, changed=3, examples=examples), indent=None)
    store, now = SqlJobs(database, SystemClock()), made[0].created
    for name, tenant in (("A", DEFAULT_TENANT), ("B", OTHER)):
        order = WhatIf(records=RecordFilter(tenant=tenant))
        await store.create(Job(name=name, tenant=tenant, order=order, created=now, updated=now))
        lease = await store.take(Place.SERVER, 10, name)
        assert lease is not None
        await store.finish(lease, JobState.SUCCEEDED, result=result)
    await records.erase(replace(ALL, names=(made[1].name,)))

    found = Parse((await store.get(DEFAULT_TENANT, "A")).result, pb.WhatIfResponse())
    assert (found.records, found.changed) == (3, 3)
    assert [each.content_id for each in found.examples] == ["c0", "c2"]
    assert (await store.get(OTHER, "B")).result == result


async def test_a_damaged_record_is_named_and_the_others_are_read(
    records: SqlRecords, database: Database
) -> None:
    made = await _made(5)
    await _put(records, made)
    async with database.writing() as connection:
        row = (await connection.execute(select(RECORDS).where(RECORDS.c.name == made[2].name))).one()
        flipped = row.verdict[:50] + bytes([row.verdict[50] ^ 4]) + row.verdict[51:]
        await connection.execute(
            update(RECORDS).where(RECORDS.c.name == made[2].name).values(verdict=flipped)
        )

    with pytest.raises(DamagedRecord, match="verdict"):
        await records.get(DEFAULT_TENANT, made[2].name)
    told: list[DamagedRecord] = []
    found = [record async for record in records.scan(ALL, told.append)]
    assert found == [*made[:2], *made[3:]]
    assert [error.name for error in told] == [made[2].name]


async def test_a_damaged_plan_is_named(records: SqlRecords, database: Database) -> None:
    [record] = await _made(1)
    await _put(records, [record])
    async with database.writing() as connection:
        await connection.execute(update(ARTEFACTS).values(bytes=b"\x00" * 100))

    with pytest.raises(DamagedRecord, match="plan"):
        await SqlRecords(database, SystemClock()).get(DEFAULT_TENANT, record.name)


async def test_a_page_with_more_plans_than_are_remembered_is_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRAMES", 2)
    records = SqlRecords(database, SystemClock())
    made = [replace(r, plan=replace(r.plan, ruler=f"ruler {k}")) for k, r in enumerate(await _made(6))]
    await _put(records, made)

    assert await records.page(ALL, 10, newest_first=False) == made
    assert await records.page(ALL, 3) == made[:2:-1]
    await records.aclose()


async def test_what_waits_is_written_before_the_end(database: Database) -> None:
    records = SqlRecords(database, SystemClock())
    made = await _made(5)
    puts = [asyncio.create_task(records.put(record)) for record in made]
    await asyncio.sleep(0)
    await records.aclose()

    assert all(await asyncio.gather(*puts))
    assert await _count(database, RECORDS) == 5
