"""Slots adapt, keep their order and are never lost."""

import asyncio

from moa_scorer.providers.concurrency import ROUNDS_TO_THE_TOP, Slots


def rounds(slots: Slots, n: int, troubled: float) -> None:
    """So many rounds of answers, the same share of each in trouble."""
    for _ in range(n):
        size = slots.limit
        for i in range(size):
            slots.answered(trouble=i < troubled * size)


def test_trouble_only_brings_the_limit_down_to_one() -> None:
    slots = Slots(64)
    rounds(slots, 8, 1.0)
    assert slots.limit == 1


def test_without_trouble_the_limit_comes_back() -> None:
    slots = Slots(64)
    rounds(slots, 8, 1.0)
    rounds(slots, ROUNDS_TO_THE_TOP + 1, 0.0)
    assert slots.limit == 64


def test_some_trouble_leaves_a_fair_part_of_the_limit() -> None:
    slots = Slots(64)
    rounds(slots, 100, 0.2)
    assert 16 <= slots.limit < 64


async def test_who_came_first_goes_first() -> None:
    slots, order = Slots(1), []
    assert slots.take()

    async def turn(name: str) -> None:
        await slots.wait()
        order.append(name)
        slots.leave()

    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(turn(name))
        await asyncio.sleep(0)
        slots.leave()
    assert order == ["a", "b", "c"]
    assert slots.taken == 0


async def test_nobody_overtakes_those_who_wait() -> None:
    slots = Slots(2)
    assert slots.take()
    assert slots.take()
    waiting = asyncio.ensure_future(slots.wait())
    await asyncio.sleep(0)
    slots.leave()
    assert not slots.take()
    await waiting
    assert slots.taken == 2


async def test_a_slot_given_in_the_instant_of_cancellation_goes_to_the_next() -> None:
    slots = Slots(1)
    assert slots.take()
    first, second = asyncio.ensure_future(slots.wait()), asyncio.ensure_future(slots.wait())
    await asyncio.sleep(0)
    slots.leave()
    first.cancel()
    await asyncio.wait({first})
    await second
    assert first.cancelled()
    assert slots.taken == 1


async def test_a_cancelled_place_in_the_queue_is_given_up() -> None:
    slots = Slots(1)
    assert slots.take()
    waiting = asyncio.ensure_future(slots.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    slots.leave()
    assert slots.taken == 0
    assert slots.take()


async def test_a_spare_slot_is_taken_past_those_who_wait() -> None:
    slots = Slots(3, spare=1)
    assert (slots.limit, slots.take(), slots.take(), slots.take()) == (2, True, True, False)
    waiting = asyncio.ensure_future(slots.wait())
    await asyncio.sleep(0)
    assert slots.take_spare()
    assert not slots.take_spare()
    slots.leave()
    await asyncio.sleep(0)
    assert not waiting.done()
    slots.leave()
    await waiting
    assert slots.taken == 2
