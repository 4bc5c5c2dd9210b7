"""Requests that a server has seen before, over real connections and real stores."""

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
import pytest

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.app.clock import SystemClock
from moa_scorer.contract.credentials import Authenticator, Credentials
from moa_scorer.domain.caller import Caller, Role
from moa_scorer.domain.stores import Cache, RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.rpc.server import build_server
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.cache_memory import MemoryCache
from moa_scorer.storage.cache_redis import RedisCache
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import SqlRequestIds
from moa_scorer.storage.records import SqlRecords
from tests.fakes.judges import ScriptedJudge, make_catalog, scoring
from tests.fakes.valkey import Valkey, running_valkey

TEXT = "Great post, thanks!"
STAMPEDE = 1_000


class ByKey:
    """Takes the API key for the name of the tenant."""

    wanted = "an API key"

    async def caller(self, credentials: Credentials) -> Caller | None:
        roles = frozenset({Role.ADMIN})
        return Caller(name="caller", tenant=Tenant(credentials.api_key), roles=roles)


def request(text: str = TEXT, **options: Any) -> pb.ScoreContentRequest:
    return pb.ScoreContentRequest(content=Content(text=text), **options)


def two_judges(delay: float = 0.0) -> list[ScriptedJudge]:
    return [ScriptedJudge(name, scoring(name, 0.5), delay, cost=5) for name in ("a", "b")]


@asynccontextmanager
async def serving(
    judges: list[ScriptedJudge], url: str, cache: Cache | None = None, *, tenants: bool = False
) -> AsyncIterator[ScoringServiceStub]:
    """A server with records and request ids in a database, and a connection to it."""
    database, clock = Database(url), SystemClock()
    await database.create_all()
    records, ids = SqlRecords(database, clock), SqlRequestIds(database, clock)
    pipeline = Pipeline(make_catalog(judges), clock, Memory(records=records, ids=ids, cache=cache))
    authenticator = Authenticator(ways=(ByKey(),)) if tenants else Authenticator()
    server, port, health = await build_server(pipeline, address="127.0.0.1:0", authenticator=authenticator)
    await server.start()
    await health.serving()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield ScoringServiceStub(channel)
    finally:
        await server.stop(None)
        await pipeline.aclose()
        await records.aclose()
        await database.aclose()


async def test_a_stampede_of_identical_items_is_one_call_of_the_panel(sqlite_url: str) -> None:
    judges = two_judges(delay=0.05)
    async with serving(judges, sqlite_url, MemoryCache(100, 60)) as scoring_service:
        calls = [scoring_service.ScoreContent(request(), timeout=60) for _ in range(STAMPEDE)]
        answers = await asyncio.gather(*calls)
    assert [judge.started for judge in judges] == [1, 1]
    uses = Counter(answer.cache for answer in answers)
    assert uses[pb.CACHE_USE_MISS] == 1
    assert uses[pb.CACHE_USE_SHARED] + uses[pb.CACHE_USE_HIT] == STAMPEDE - 1
    assert sum(answer.cost.micro_usd for answer in answers) == 10
    assert len({answer.scored.score for answer in answers}) == 1
    assert all(answer.record for answer in answers)


async def test_no_tenant_is_given_another_ones_answer_in_whatever_words_it_asks(sqlite_url: str) -> None:
    judges = two_judges()
    async with serving(judges, sqlite_url, MemoryCache(100, 60), tenants=True) as scoring_service:

        async def ask(tenant: str, **options: Any) -> pb.ScoreContentResponse:
            answer: pb.ScoreContentResponse = await scoring_service.ScoreContent(
                request(**options), timeout=10, metadata=(("x-api-key", tenant),)
            )
            return answer

        first = [await ask("one") for _ in range(3)]
        other = [await ask("two") for _ in range(3)]
        with_id = [await ask(tenant, request_id="r-1", seed=7) for tenant in ("one", "two")]
    uses = [answer.cache for answer in (*first, *other)]
    assert uses == [pb.CACHE_USE_MISS, pb.CACHE_USE_HIT, pb.CACHE_USE_HIT] * 2
    assert not {a.record for a in (*first, with_id[0])} & {a.record for a in (*other, with_id[1])}
    assert judges[0].started == 4


async def test_the_very_same_message_is_answered_in_the_same_words_until_its_record_is_forgotten(
    sqlite_url: str,
) -> None:
    judges, cache = two_judges(), MemoryCache(100, 60)
    async with serving(judges, sqlite_url, cache) as scoring_service:
        answers = [await scoring_service.ScoreContent(request(), timeout=10) for _ in range(4)]
        record = answers[0].record
        plain = [answer.SerializeToString(deterministic=True) for answer in answers[1:]]
        assert len(set(plain)) == 1
        assert answers[3].cache == pb.CACHE_USE_HIT
        other = await scoring_service.ScoreContent(request(tags={"a": "b"}), timeout=10)
        assert (other.record != record, other.cache) == (True, pb.CACHE_USE_HIT)
        assert await cache.forget([record.removeprefix("records/")]) == 1
        anew = await scoring_service.ScoreContent(request(), timeout=10)
    assert (anew.cache, anew.record != record, judges[0].started) == (pb.CACHE_USE_MISS, True, 2)


async def test_two_servers_share_what_redis_remembers_and_its_death_fails_no_request(
    sqlite_url: str, own_valkey: Valkey
) -> None:
    judges, others = two_judges(), two_judges()
    ours, theirs = RedisCache(own_valkey.url, 60), RedisCache(own_valkey.url, 60)
    async with serving(judges, sqlite_url, ours) as one, serving(others, sqlite_url, theirs) as two:
        first = await one.ScoreContent(request(), timeout=10)
        await ours.flush()
        shared = await two.ScoreContent(request(), timeout=10)
        assert (shared.cache, shared.record) == (pb.CACHE_USE_HIT, first.record)

        async def ask(number: int) -> pb.ScoreContentResponse:
            if number == 40:
                own_valkey.kill()
            service = one if number % 2 else two
            answer: pb.ScoreContentResponse = await service.ScoreContent(
                request(f"{TEXT} {number % 20}"), timeout=30
            )
            return answer

        answers = [a for n in range(0, 120, 8) for a in await asyncio.gather(*map(ask, range(n, n + 8)))]
    assert len(answers) == 120
    assert all(answer.HasField("scored") and answer.record for answer in answers)
    await ours.aclose()
    await theirs.aclose()


@pytest.fixture
def own_valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


def scored_in_a_process(url: str, ids: list[str]) -> tuple[dict[str, str], int]:
    """In a process of its own: id -> record of the answer, and how often the panel was asked."""

    async def run() -> tuple[dict[str, str], int]:
        judges = two_judges(delay=0.02)
        async with serving(judges, url) as service:
            calls = {i: service.ScoreContent(request(seed=int(i), request_id=i), timeout=60) for i in ids}
            answers = {i: (await call).record for i, call in calls.items()}
        return answers, judges[0].started

    return asyncio.run(run())


async def test_two_processes_with_the_same_ids_run_each_once(database_url: str) -> None:
    database = Database(database_url)
    await database.create_all()
    ids = [str(number) for number in range(20)]
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawning) as pool:
        done = [pool.submit(scored_in_a_process, database_url, ids) for _ in range(2)]
        (one, asked), (two, asked_too) = [await asyncio.wrap_future(each) for each in done]
    assert one == two
    assert asked + asked_too == len(ids)
    records = SqlRecords(database, SystemClock())
    assert await records.count(RecordFilter(tenant=DEFAULT_TENANT)) == len(ids)
    await records.aclose()
    await database.aclose()
