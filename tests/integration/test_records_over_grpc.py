"""Records as a caller meets them: a real server, a real database, request ids and a cache."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from moa_scorer.client import AsyncClient, Client, FailedPrecondition, Item, NotFound, RecordQuery
from moa_scorer.domain.tenant import Tenant
from moa_scorer.scoring.artefacts import keep_served
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.artefacts import SqlArtefacts
from moa_scorer.storage.cache_memory import MemoryCache
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import SqlRequestIds
from moa_scorer.storage.records import SqlRecords
from tests.fakes.databases import database, database_url, postgres
from tests.fakes.judges import ScriptedJudge, SystemClock
from tests.fakes.records import rated, recorded_catalog, snapshot_of
from tests.fakes.servers import serving, serving_in_thread

__all__ = ["database", "database_url", "postgres"]
"""Fixtures."""

TABLE = rated()
SNAPSHOT = snapshot_of(TABLE)


def item(number: int, **over: object) -> Item:
    text = f"The essay item{number} says a thing or two, and then it says them again in other words."
    arguments = {"text": text, "id": f"item{number}", "kind": "essay", "policy": "careful", **over}
    return Item(**arguments)  # type: ignore[arg-type]


@pytest.fixture
async def pipeline(database: Database) -> AsyncIterator[Pipeline]:
    """A pipeline that keeps everything in the database."""
    clock = SystemClock()
    records, artefacts = SqlRecords(database, clock), SqlArtefacts(database)
    memory = Memory(
        records=records,
        ids=SqlRequestIds(database, clock),
        cache=MemoryCache(items=100, seconds=600.0),
        artefacts=artefacts,
    )
    catalog = recorded_catalog(TABLE, snapshots=(SNAPSHOT,))
    await keep_served(catalog, artefacts)
    yield Pipeline(catalog, clock, memory)
    await records.aclose()


def asked(pipeline: Pipeline) -> int:
    """How often the first judge was asked."""
    judge = pipeline.catalog.judges["ann"]
    assert isinstance(judge, ScriptedJudge)
    return judge.started


async def test_a_score_is_read_replayed_explained_and_forgotten(pipeline: Pipeline) -> None:
    async with serving(pipeline) as served, AsyncClient(served.target) as client:
        scored = await client.score(item(1, request_id="r-1", subject="u-1", tags={"team": "a"}))
        assert scored.record.startswith("records/")
        stored = await client.records.get(scored.record, view="full")
        assert stored.result.score == scored.score
        assert stored.text.startswith("The essay item1")
        assert (stored.subject, stored.tags) == ("u-1", {"team": "a"})
        replayed = await client.records.replay(scored.record)
        assert (replayed.outcome, replayed.message.score) == ("same", scored.score)
        explained = await client.records.explain(scored.record)
        assert explained.rationale.startswith("Overall 0.")
        told = await client.records.delete([scored.record])
        assert (told.records, told.names) == (1, (scored.record,))
        done = await client.records.delete([scored.record], confirm=1)
        assert (done.records, done.request_ids, done.cached_answers) == (1, 1, 1)
        with pytest.raises(NotFound):
            await client.records.get(scored.record)
        with pytest.raises(NotFound):
            await client.records.replay(scored.record)


async def test_neither_the_cache_nor_the_request_id_answers_with_what_was_deleted(
    pipeline: Pipeline,
) -> None:
    async with serving(pipeline) as served, AsyncClient(served.target) as client:
        first = await client.score(item(1, request_id="r-1"))
        again = await client.score(item(1, request_id="r-1"))
        hit = await client.score(item(1))
        assert (first.record, asked(pipeline)) == (again.record, 1)
        assert hit.cache == "hit"
        ours = [record.name async for record in client.records.list()]
        await client.records.delete(ours, confirm=len(ours))
        anew = await client.score(item(1, request_id="r-1", tags={"another": "body"}))
        assert anew.cache == "miss"
        assert asked(pipeline) == 2
        assert anew.record not in ours


async def test_an_erasure_by_subject_or_content_finds_all_of_it(pipeline: Pipeline) -> None:
    async with serving(pipeline) as served, AsyncClient(served.target) as client:
        for number in range(3):
            await client.score(item(number, subject="u-1"))
        kept = await client.score(item(7, subject="u-2", cache="none"))
        with pytest.raises(FailedPrecondition, match="3 records are meant"):
            await client.records.delete(subject="u-1", confirm=2)
        assert (await client.records.delete(subject="u-1", confirm=3)).records == 3
        left = [record async for record in client.records.list()]
        assert [record.name for record in left] == [kept.record]
        assert (await client.records.delete(content_digest=left[0].content_digest, confirm=1)).records == 1


async def test_lists_go_over_pages_and_by_filters(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moa_scorer.client.record_calls.PAGE", 4)
    async with serving(pipeline) as served, AsyncClient(served.target) as client:
        named = [(await client.score(item(k, tags={"half": str(k % 2)}))).record for k in range(10)]
        assert [record.name async for record in client.records.list()] == named[::-1]
        query = RecordQuery(tags={"half": "1"}, oldest_first=True)
        assert [record.name async for record in client.records.list(query)] == named[1::2]
        rejected = [r async for r in client.records.list(RecordQuery(decision="reject"))]
        assert all(record.result.decision == "reject" for record in rejected)


async def test_what_is_kept_as_numbers_holds_no_text_and_replays_all_the_same(pipeline: Pipeline) -> None:
    async with serving(pipeline) as served, AsyncClient(served.target) as client:
        scored = await client.score(item(1, retention="numbers", cache="none"))
        stored = await client.records.get(scored.record, view="full")
        assert stored.text == ""
        assert "essay item1" not in str(stored.message)
        assert (await client.records.replay(scored.record)).same


async def test_a_record_replays_after_its_snapshot_is_no_longer_served(pipeline: Pipeline) -> None:
    async with serving(pipeline) as served, AsyncClient(served.target) as client:
        scored = await client.score(item(1))
        pipeline.catalog = replace(pipeline.catalog, snapshots=())
        assert (await client.records.replay(scored.record)).same


async def test_a_record_of_another_tenant_does_not_exist(pipeline: Pipeline) -> None:
    async with serving(pipeline) as served, AsyncClient(served.target) as client:
        scored = await client.score(item(1))
        store = pipeline.memory.records
        assert store is not None
        record = await store.get(Tenant("default"), scored.record.removeprefix("records/"))
        others = replace(
            record, name="0" * 26, request=replace(record.request, tenant=Tenant("other"), subject="u-9")
        )
        await store.put(others)
        for call in (client.records.get, client.records.replay, client.records.explain):
            with pytest.raises(NotFound):
                await call(others.name)
        assert [each.name async for each in client.records.list()] == [scored.record]
        assert (await client.records.delete(subject="u-9")).records == 0


def test_a_server_that_keeps_no_records_says_so_to_the_client_without_asyncio() -> None:
    pipeline = Pipeline(recorded_catalog(TABLE, snapshots=(SNAPSHOT,)), SystemClock())
    with serving_in_thread(pipeline) as target, Client(target) as client:
        scored = client.score(item(1))
        assert (scored.record, scored.unrecorded) == ("", "storage_off")
        for call in (client.records.get, client.records.replay, client.records.explain):
            with pytest.raises(FailedPrecondition, match="keeps no records"):
                call("X")
        with pytest.raises(FailedPrecondition):
            list(client.records.list())
        with pytest.raises(FailedPrecondition):
            client.records.delete(subject="u-1")
