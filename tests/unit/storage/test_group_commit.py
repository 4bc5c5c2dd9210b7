"""Many writers share a commit; none waits long for a database that is down, none spoils another's."""

import asyncio
from collections.abc import Sequence

import pytest

from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.storage import group_commit
from moa_scorer.storage.group_commit import GroupCommit


class Writer:
    """Notes the batches; `bad` items raise, `lost` ones are refused."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.bad: set[int] = set()
        self.lost: set[int] = set()
        self.down = False
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, items: Sequence[int]) -> list[bool]:
        await self.open.wait()
        if self.down:
            raise StorageUnavailable
        if self.bad & set(items):
            raise ValueError("not an item")
        self.batches.append(list(items))
        return [item not in self.lost for item in items]


async def test_what_arrives_during_a_commit_goes_into_the_next_one() -> None:
    writer = Writer()
    group = GroupCommit[int](writer)
    writer.open.clear()
    puts = [asyncio.create_task(group.put(n)) for n in range(50)]
    await asyncio.sleep(0)
    writer.open.set()

    assert all(await asyncio.gather(*puts))
    assert sorted(n for batch in writer.batches for n in batch) == list(range(50))
    assert group.commits == len(writer.batches) <= 2
    await group.aclose()


async def test_a_batch_has_a_longest_size() -> None:
    writer = Writer()
    group = GroupCommit[int](writer, batch=10)
    await asyncio.gather(*(group.put(n) for n in range(35)))

    assert [len(batch) for batch in writer.batches] == [10, 10, 10, 5]
    await group.aclose()


async def test_one_bad_item_fails_alone() -> None:
    writer = Writer()
    writer.bad = {3}
    group = GroupCommit[int](writer)
    outcomes = await asyncio.gather(*(group.put(n) for n in range(5)), return_exceptions=True)

    assert [type(o) for o in outcomes] == [bool, bool, bool, StorageUnavailable, bool]
    assert await group.put(6)
    await group.aclose()


async def test_an_item_that_its_writer_refuses_is_told_so() -> None:
    writer = Writer()
    writer.lost = {1}
    group = GroupCommit[int](writer)

    assert await asyncio.gather(group.put(0), group.put(1)) == [True, False]
    await group.aclose()


async def test_an_item_whose_caller_went_away_is_written() -> None:
    writer = Writer()
    group = GroupCommit[int](writer)
    writer.open.clear()
    put = asyncio.create_task(group.put(1))
    await asyncio.sleep(0)
    put.cancel()
    await asyncio.wait({put})
    writer.open.set()
    await group.aclose()

    assert writer.batches == [[1]]


async def test_a_full_queue_refuses_at_once() -> None:
    writer = Writer()
    group = GroupCommit[int](writer, waiting=2)
    writer.open.clear()
    puts = [asyncio.create_task(group.put(n)) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(StorageUnavailable):
        await group.put(9)

    writer.open.set()
    assert await asyncio.gather(*puts) == [True, True]
    await group.aclose()


async def test_a_database_that_is_down_is_tried_by_one_item_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(group_commit, "PAUSE", 0.0)
    writer = Writer()
    writer.down = True
    group = GroupCommit[int](writer)
    outcomes = await asyncio.gather(*(group.put(n) for n in range(20)), return_exceptions=True)
    assert all(isinstance(o, StorageUnavailable) for o in outcomes)

    writer.open.clear()
    trying = asyncio.create_task(group.put(21))
    await asyncio.sleep(0)
    with pytest.raises(StorageUnavailable):
        await group.put(22)
    writer.down = False
    writer.open.set()
    assert await trying
    assert await group.put(23)
    await group.aclose()


async def test_a_database_that_hangs_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "COMMIT_SECONDS", 0.01)
    writer = Writer()
    writer.open.clear()
    group = GroupCommit[int](writer)
    with pytest.raises(StorageUnavailable):
        await group.put(1)

    await group.aclose()


async def test_nothing_is_taken_after_the_end() -> None:
    group = GroupCommit[int](Writer())
    await group.aclose()

    with pytest.raises(StorageUnavailable):
        await group.put(1)
