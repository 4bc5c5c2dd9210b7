"""A request id is worked on once, in all processes together, and answered once; on real databases."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from moa_scorer.app.clock import SystemClock
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import NotFound, RequestIdReused, RequestInProgress, StorageUnavailable
from moa_scorer.domain.record import CacheUse, Record, Unrecorded
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.stores import ClaimKey, ClaimState, RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.domain.verdict import Unscored
from moa_scorer.scoring import once as module
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.once import fingerprint
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.cache_memory import MemoryCache
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import SqlRequestIds
from moa_scorer.storage.records import SqlRecords
from tests.fakes.judges import ScriptedJudge, abstaining, make_catalog, scoring

REQUEST = ScoreRequest(
    content=Content(text="a text to judge", language="en", kind="comment"),
    request_id="r-1",
    scope="ScoreContent",
)
KEY = ClaimKey(tenant=DEFAULT_TENANT, scope="ScoreContent", request_id="r-1")
ALL = RecordFilter(tenant=DEFAULT_TENANT)


def soon(seconds: float = 5.0) -> Budget:
    return Budget.starting(time.monotonic(), seconds)


class Process:
    """A pipeline with connections of its own to the database, as each server process has."""

    def __init__(self, url: str, *judges: ScriptedJudge, cache: bool = False) -> None:
        self.judges = judges or (ScriptedJudge("a", scoring("a", 0.25), 0.05, cost=7),)
        self.database = Database(url)
        self.records = SqlRecords(self.database, SystemClock())
        self.ids = SqlRequestIds(self.database, SystemClock())
        memory = Memory(records=self.records, ids=self.ids, cache=MemoryCache(10, 60) if cache else None)
        self.pipeline = Pipeline(make_catalog(self.judges), SystemClock(), memory)

    async def score(self, request: ScoreRequest = REQUEST, seconds: float = 5.0) -> Record:
        return await self.pipeline.score(request, soon(seconds))

    async def aclose(self) -> None:
        await self.pipeline.aclose()
        await self.records.aclose()
        await self.database.aclose()


@pytest.fixture
async def url(database_url: str) -> str:
    database = Database(database_url)
    await database.create_all()
    await database.aclose()
    return database_url


@pytest.fixture
async def process(url: str) -> AsyncIterator[Process]:
    process = Process(url)
    yield process
    await process.aclose()


async def test_a_repeat_is_told_the_same_answer_and_nobody_is_asked(process: Process) -> None:
    first, again = await process.score(), await process.score()
    assert again == first
    assert process.judges[0].started == 1
    assert await process.records.count(ALL) == 1


async def test_two_at_once_in_two_processes_run_once(url: str, process: Process) -> None:
    other = Process(url)
    answers = await asyncio.gather(*(p.score() for p in (process, other, process, other)))
    assert len({answer.name for answer in answers}) == 1
    assert process.judges[0].started + other.judges[0].started == 1
    assert await process.records.count(ALL) == 1
    await other.aclose()


async def test_another_body_under_the_same_id_is_refused(process: Process) -> None:
    await process.score()
    with pytest.raises(RequestIdReused):
        await process.score(replace(REQUEST, policy="strict"))
    other = await process.score(replace(REQUEST, policy="strict", tenant=Tenant("other")))
    assert other.name
    assert process.judges[0].started == 2


def test_a_body_is_all_that_is_said_but_the_id() -> None:
    assert fingerprint(replace(REQUEST, request_id="r-2")) == fingerprint(REQUEST)
    for other in ({"seed": 1}, {"tags": {"a": "b"}}, {"subject": "s"}, {"cost_ceiling": 0}):
        assert fingerprint(replace(REQUEST, **other)) != fingerprint(REQUEST)


async def test_an_unscored_answer_is_kept_as_a_record_and_a_retry_tries_again(url: str) -> None:
    judge = ScriptedJudge("a", abstaining())
    process = Process(url, judge)
    first = await process.score()
    assert isinstance(first.verdict.outcome, Unscored)
    judge.script = scoring("a", 0.5)
    second = await process.score()
    assert first.name != second.name != ""
    assert (judge.started, await process.records.count(ALL)) == (2, 2)
    await process.aclose()


async def test_a_failure_and_a_cancellation_give_the_id_back(process: Process) -> None:
    with pytest.raises(NotFound):
        await process.score(replace(REQUEST, panel="nonesuch"))
    call = asyncio.create_task(process.score())
    await process.judges[0].asked.wait()
    call.cancel()
    await asyncio.wait({call})
    assert (await process.score()).name


async def test_whoever_waits_in_vain_is_told_that_it_is_being_worked_on(process: Process) -> None:
    process.judges[0].delay = 60
    call = asyncio.create_task(process.score(seconds=60))
    await process.judges[0].asked.wait()
    with pytest.raises(RequestInProgress):
        await process.score(seconds=0.5)
    call.cancel()
    await asyncio.wait({call})


async def test_the_id_of_a_process_that_was_killed_is_taken_over(process: Process) -> None:
    dead = await process.ids.claim(KEY, fingerprint(REQUEST), 0.1)
    assert dead.state is ClaimState.MINE
    answer = await process.score()
    assert (answer.name != "", process.judges[0].started) == (True, 1)


async def test_an_owner_that_lost_its_id_writes_nothing_and_tells_the_winners_answer(
    url: str, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEASE", 0.02)  # never renewed in time: as if the process had stood still
    process.judges[0].delay = 0.4
    stalled = asyncio.create_task(process.score())
    await process.judges[0].asked.wait()
    await asyncio.sleep(0.05)
    monkeypatch.undo()
    other = Process(url)
    winner = await other.score()
    assert (await stalled).name == winner.name
    assert await process.records.count(ALL) == 1
    await other.aclose()


async def test_a_lease_is_renewed_while_its_owner_is_at_work(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEASE", 0.3)
    monkeypatch.setattr(module, "RENEWED", 0.05)
    process.judges[0].delay = 0.7
    first, second = await asyncio.gather(process.score(), process.score())
    assert first.name == second.name
    assert process.judges[0].started == 1


async def test_an_erased_answer_is_as_if_it_had_never_been(process: Process) -> None:
    first = await process.score()
    await process.records.erase(replace(ALL, names=(first.name,)))
    second = await process.score()
    assert second.name not in ("", first.name)
    assert process.judges[0].started == 2


async def test_a_cache_hit_answers_an_id_with_the_record_it_names(url: str) -> None:
    process = Process(url, cache=True)
    first = await process.score(replace(REQUEST, request_id="", scope=""))
    hit = await process.score()
    repeat = await process.score()
    assert (hit.cache, hit.name) == (CacheUse.HIT, first.name)
    assert repeat == first
    assert (process.judges[0].started, await process.records.count(ALL)) == (1, 1)
    await process.aclose()


async def test_ids_of_methods_are_their_own(process: Process) -> None:
    await process.score()
    batched = await process.score(replace(REQUEST, scope="BatchScoreContents", policy="strict"))
    assert batched.name


async def test_a_hit_is_told_in_time_though_the_database_does_not_hear_that_it_answers_an_id(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(url, cache=True)
    first = await process.score(replace(REQUEST, request_id=""))
    monkeypatch.setattr(process.ids, "answer", _never)
    again = await process.score(seconds=0.5)
    assert (again.name, again.cache) == (first.name, CacheUse.HIT)
    await process.aclose()


async def test_an_answer_that_the_database_does_not_give_again_in_time_is_not_waited_for(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    await process.score()
    monkeypatch.setattr(process.records, "get", _never)
    with pytest.raises(StorageUnavailable):
        await process.score(seconds=0.5)


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


async def test_without_storage_a_request_with_an_id_is_refused_and_one_without_is_served() -> None:
    pipeline = Pipeline(make_catalog([ScriptedJudge("a", scoring("a", 0.5))]), SystemClock())
    with pytest.raises(StorageUnavailable, match="keeps no records: give it a database"):
        await pipeline.score(REQUEST, soon())
    plain = await pipeline.score(replace(REQUEST, request_id=""), soon())
    assert plain.unrecorded is Unrecorded.STORAGE_OFF


async def test_with_storage_down_a_request_with_an_id_is_refused_and_one_without_is_served() -> None:
    process = Process("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailable):
        await process.score()
    plain = await process.score(replace(REQUEST, request_id=""))
    assert plain.unrecorded is Unrecorded.STORAGE_DOWN
    assert process.judges[0].started == 1
    await process.aclose()
