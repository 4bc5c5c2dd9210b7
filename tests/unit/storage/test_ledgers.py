"""Quotas are exact: in one process, and among several that share a Redis."""

import asyncio
import multiprocessing
import signal
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from structlog.testing import capture_logs

from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.quota import Hold, Ledger, Left, Meter, Quota
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage import circuit, ledger_memory
from moa_scorer.storage.ledger_memory import MemoryLedger
from moa_scorer.storage.ledger_redis import RedisLedger, connected
from tests.fakes.valkey import Valkey, running_valkey, valkey

__all__ = ["valkey"]

ACME, GLOBEX = Tenant("acme"), Tenant("globex")
NOW = 1_000_000.0
ITEMS = Quota(meter=Meter.ITEMS, amount=10, seconds=60)
MONEY = Quota(meter=Meter.MICRO_USD, amount=1_000, seconds=3600)


@pytest.fixture(params=["memory", "redis"])
async def ledger(request: pytest.FixtureRequest) -> AsyncIterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    valkey: Valkey = request.getfixturevalue("valkey")
    redis: Redis = Redis.from_url(valkey.url)
    await redis.flushall()
    yield RedisLedger(redis)
    await redis.aclose()


async def held(
    ledger: Ledger, quotas: Sequence[Quota], now: float = NOW, tenant: Tenant = ACME, **amounts: int
) -> Hold | Left:
    wanted = {Meter(name): amount for name, amount in amounts.items()}
    return await ledger.reserve(tenant, quotas, wanted, now)


async def test_what_is_held_is_gone_until_it_is_settled_for_less(ledger: Ledger) -> None:
    hold = await held(ledger, [ITEMS, MONEY], items=1, micro_usd=900)
    assert isinstance(hold, Hold)
    full = await held(ledger, [ITEMS, MONEY], items=1, micro_usd=200)
    assert isinstance(full, Left)
    assert (full.quota, full.amount) == (MONEY, 100)
    await ledger.settle(hold, {Meter.ITEMS: 1, Meter.MICRO_USD: 250})
    assert [left.amount for left in await ledger.left(ACME, [ITEMS, MONEY], NOW)] == [9, 750]


async def test_nothing_is_held_where_one_of_several_quotas_has_no_room(ledger: Ledger) -> None:
    await held(ledger, [ITEMS, MONEY], items=1, micro_usd=1_001)
    assert [left.amount for left in await ledger.left(ACME, [ITEMS, MONEY], NOW)] == [10, 1_000]


async def test_a_new_window_is_empty_and_other_tenants_have_their_own(ledger: Ledger) -> None:
    assert isinstance(await held(ledger, [ITEMS], items=10), Hold)
    assert isinstance(await held(ledger, [ITEMS], items=1), Left)
    assert isinstance(await held(ledger, [ITEMS], tenant=GLOBEX, items=1), Hold)
    assert isinstance(await held(ledger, [ITEMS], now=NOW + 60, items=1), Hold)


async def test_a_full_quota_says_when_it_is_new(ledger: Ledger) -> None:
    await held(ledger, [ITEMS], items=10)
    full = await held(ledger, [ITEMS], items=1)
    assert isinstance(full, Left)
    assert full.resets_in == pytest.approx(60 - NOW % 60)


async def test_tokens_that_went_beyond_the_quota_close_it(ledger: Ledger) -> None:
    tokens = Quota(meter=Meter.TOKENS, amount=100, seconds=60)
    hold = await held(ledger, [tokens])
    assert isinstance(hold, Hold)
    await ledger.settle(hold, {Meter.TOKENS: 150})
    assert isinstance(await held(ledger, [tokens]), Left)
    assert (await ledger.left(ACME, [tokens], NOW))[0].amount == 0


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_what_was_used_never_passes_the_quota_while_nobody_uses_more_than_was_held(
    works: list[tuple[int, int]],
) -> None:
    async def run() -> None:
        ledger, used = MemoryLedger(), 0
        for wanted, share in works:
            hold = await held(ledger, [ITEMS], items=wanted)
            if isinstance(hold, Hold):
                used += min(wanted, share)
                await ledger.settle(hold, {Meter.ITEMS: min(wanted, share)})
        assert used <= ITEMS.amount
        assert (await ledger.left(ACME, [ITEMS], NOW))[0].amount == ITEMS.amount - used

    asyncio.run(run())


async def _grab(url: str, attempts: int) -> int:
    redis: Redis = Redis.from_url(url)
    ledger, room = RedisLedger(redis), asyncio.Semaphore(40)
    quota = Quota(meter=Meter.ITEMS, amount=500, seconds=3600)

    async def once() -> bool:
        async with room:
            return isinstance(await ledger.reserve(ACME, [quota], {Meter.ITEMS: 1}, NOW), Hold)

    got = await asyncio.gather(*(once() for _ in range(attempts)))
    await redis.aclose()
    return sum(got)


def _grabbing(url: str, attempts: int) -> int:
    return asyncio.run(_grab(url, attempts))


async def test_processes_that_race_for_a_quota_get_exactly_the_quota(valkey: Valkey) -> None:
    redis: Redis = Redis.from_url(valkey.url)
    await redis.flushall()
    await redis.aclose()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        got = await asyncio.to_thread(pool.starmap, _grabbing, [(valkey.url, 1_000)] * 2)
    assert sum(got) == 500


async def test_a_redis_that_is_gone_is_said_as_such() -> None:
    redis: Redis = Redis.from_url("redis://127.0.0.1:1/0")
    with pytest.raises(StorageUnavailable):
        await held(RedisLedger(redis), [ITEMS], items=1)
    await redis.aclose()


async def test_a_hold_says_what_each_quota_has_left_with_it(ledger: Ledger) -> None:
    hold = await held(ledger, [ITEMS, MONEY], items=3, micro_usd=400)
    assert isinstance(hold, Hold)
    assert hold.left == (7, 600)


async def test_a_quota_that_is_changed_goes_on_with_what_was_used(ledger: Ledger) -> None:
    await held(ledger, [ITEMS], items=10)
    more = Quota(meter=Meter.ITEMS, amount=12, seconds=60)
    assert isinstance(await held(ledger, [more], items=2), Hold)
    assert isinstance(await held(ledger, [more], items=1), Left)


async def test_what_is_settled_after_its_window_is_gone_leaves_nothing_behind(valkey: Valkey) -> None:
    redis: Redis = Redis.from_url(valkey.url)
    await redis.flushall()
    ledger = RedisLedger(redis)
    hold = await held(ledger, [ITEMS], items=3)
    assert isinstance(hold, Hold)
    await redis.flushall()
    await ledger.settle(hold, {})
    assert await redis.keys() == []
    await ledger.aclose()


async def test_windows_that_are_over_are_dropped_from_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_memory, "MOST_WINDOWS", 5)
    ledger = MemoryLedger()
    for window in range(20):
        await held(ledger, [ITEMS], now=NOW + 60 * window, items=1)
    assert ledger.windows <= 7


async def test_nothing_is_counted_twice_where_an_answer_is_lost() -> None:
    with running_valkey() as server:
        ledger = RedisLedger(connected(server.url))
        assert isinstance(await held(ledger, [ITEMS], items=1), Hold)
        server.process.send_signal(signal.SIGSTOP)
        with pytest.raises(StorageUnavailable):
            await held(ledger, [ITEMS], items=1)
        server.process.send_signal(signal.SIGCONT)
        [left] = await ledger.left(ACME, [ITEMS], NOW)
        assert left.amount in (8, 9)
        await ledger.aclose()


async def test_a_redis_that_does_not_answer_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(circuit, "PAUSE", 60.0)
    ledger = RedisLedger(connected("redis://127.0.0.1:1/0"))
    with capture_logs() as logs:
        for _ in range(circuit.FAILURES + 2):
            with pytest.raises(StorageUnavailable):
                await held(ledger, [ITEMS], items=1)
    assert [line["event"] for line in logs] == ["ledger_down"]
    await ledger.aclose()
