"""Answers remembered in this process: bounded in number, bytes and time."""

from dataclasses import dataclass, replace

import pytest

from moa_scorer.domain.record import Record
from moa_scorer.storage.cache_memory import MemoryCache, bytes_of
from tests.fakes.records import many_records


@dataclass(slots=True)
class Watch:
    """A timer that stands still until it is moved."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def records() -> list[Record]:
    _, records = await many_records(4)
    return list(records)


async def test_an_answer_is_remembered_for_its_time(records: list[Record]) -> None:
    watch = Watch()
    cache = MemoryCache(10, 60, timer=watch)
    await cache.put("key", records[0])
    watch.seconds = 59
    assert await cache.get("key") is records[0]
    watch.seconds = 61
    assert await cache.get("key") is None


async def test_of_more_answers_than_there_is_room_for_the_longest_unused_gives_way(
    records: list[Record],
) -> None:
    cache = MemoryCache(2, 60)
    await cache.put("a", records[0])
    await cache.put("b", records[1])
    await cache.get("a")
    await cache.put("c", records[2])
    assert [await cache.get(key) is not None for key in "abc"] == [True, False, True]


async def test_bytes_are_bounded_too_and_an_answer_larger_than_all_is_not_remembered(
    records: list[Record],
) -> None:
    content = replace(records[0].request.content, text="x" * 100_000)
    large = replace(records[0], request=replace(records[0].request, content=content))
    cache = MemoryCache(1_000, 60, largest=round(2.5 * bytes_of(large)))
    for key in "abc":
        await cache.put(key, large)
    assert [await cache.get(key) is not None for key in "abc"] == [False, True, True]
    small = MemoryCache(1_000, 60, largest=bytes_of(large) - 1)
    await small.put("a", large)
    assert await small.get("a") is None


async def test_what_is_forgotten_is_found_by_the_names_of_records(records: list[Record]) -> None:
    cache = MemoryCache(10, 60)
    for key, record in zip("abc", records, strict=False):
        await cache.put(key, record)
    assert await cache.forget([records[0].name, records[2].name, "unknown"]) == 2
    assert [await cache.get(key) is not None for key in "abc"] == [False, True, False]
