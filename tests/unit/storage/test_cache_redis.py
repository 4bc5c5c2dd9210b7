"""Answers remembered in a real Valkey: the same for all processes, and a miss whatever is wrong."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import count

import pytest
from redis.asyncio import Redis

from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.record import Record
from moa_scorer.storage.cache_redis import PREFIX, RedisCache
from tests.fakes.records import many_records
from tests.fakes.valkey import Valkey, running_valkey, valkey

__all__ = ["valkey"]

KEYS = (f"sha256:{number:064x}" for number in count())


@pytest.fixture
def key() -> str:
    """One that no other test uses."""
    return next(KEYS)


@pytest.fixture
async def records() -> list[Record]:
    _, records = await many_records(3)
    return [replace(record, name=f"{next(KEYS)[-26:]}") for record in records]


@pytest.fixture
async def cache(valkey: Valkey) -> AsyncIterator[RedisCache]:
    cache = RedisCache(valkey.url, 60)
    yield cache
    await cache.aclose()


@pytest.fixture
def own_valkey() -> Iterator[Valkey]:
    """A server that a test may kill."""
    with running_valkey() as server:
        yield server


async def test_what_one_process_remembers_another_one_finds(
    cache: RedisCache, valkey: Valkey, records: list[Record], key: str
) -> None:
    await cache.put(key, records[0])
    assert await cache.get(key) == records[0], "also before it is written"
    await cache.flush()
    other = RedisCache(valkey.url, 60)
    assert await other.get(key) == records[0]
    await other.aclose()


async def test_an_answer_is_remembered_for_its_time(valkey: Valkey, records: list[Record], key: str) -> None:
    short = RedisCache(valkey.url, 0.05)
    await short.put(key, records[0])
    await short.flush()
    await asyncio.sleep(0.1)
    assert await short.get(key) is None
    await short.aclose()


async def test_what_one_process_forgets_is_gone_for_all(
    cache: RedisCache, valkey: Valkey, records: list[Record], key: str
) -> None:
    await cache.put(key, records[0])
    await cache.flush()
    other = RedisCache(valkey.url, 60)
    assert await other.forget([records[0].name, "unknown"]) == 1
    assert await cache.get(key) is None
    await other.aclose()


async def test_a_value_of_another_key_or_with_other_bytes_is_a_miss(
    cache: RedisCache, valkey: Valkey, records: list[Record], key: str
) -> None:
    await cache.put(key, records[0])
    await cache.flush()
    async with Redis.from_url(valkey.url) as raw:
        stored = await raw.get(f"{PREFIX}answer:{key}")
        assert isinstance(stored, bytes)
        moved = next(KEYS)
        await raw.set(f"{PREFIX}answer:{moved}", stored)
        await raw.set(f"{PREFIX}answer:{key}", stored[:-1] + b"!")
    assert await cache.get(moved) is None
    assert await cache.get(key) is None


async def test_a_server_that_dies_is_a_miss_and_one_that_comes_back_is_used_again(
    own_valkey: Valkey, records: list[Record], key: str
) -> None:
    cache = RedisCache(own_valkey.url, 60)
    await cache.put(key, records[0])
    await cache.flush()
    own_valkey.kill()
    with warnings.catch_warnings(record=True) as warned:
        for _ in range(5):
            assert await cache.get(key) is None
            await cache.put(key, records[0])
            await cache.flush()
        assert await cache.forget([records[1].name]) == 0
        gc.collect()
    assert not [str(w.message) for w in warned if "never awaited" in str(w.message)]
    with running_valkey(own_valkey.port):
        await asyncio.sleep(1.1)
        await cache.put(key, records[0])
        await cache.flush()
        assert await cache.get(key) == records[0]
        await cache.aclose()


async def test_an_erased_record_stays_a_miss_even_where_redis_could_not_be_told(
    own_valkey: Valkey, records: list[Record], key: str
) -> None:
    dead = RedisCache("redis://127.0.0.1:1/0", 60)
    assert await dead.forget([records[0].name]) == 0
    await dead.put(key, records[0])
    assert await dead.get(key) is None
    await dead.aclose()


def test_an_address_that_is_none_is_told_without_being_repeated() -> None:
    with pytest.raises(ConfigurationError) as raised:
        RedisCache("http://user:secret@host", 60)
    assert "secret" not in str(raised.value)
