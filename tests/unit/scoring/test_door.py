"""The door: who is let in, who waits, who is turned away, and that every place is given back."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.errors import Overloaded
from moa_scorer.domain.priority import Priority
from moa_scorer.domain.tenant import ANY_TENANT, DEFAULT_TENANT, Tenant
from moa_scorer.scoring.door import Door, Load
from moa_scorer.scoring.lateness import watched
from moa_scorer.scoring.work_limit import START
from tests.fakes.judges import SystemClock

CLOCK = SystemClock()
INTERACTIVE, BATCH, BACKFILL = Priority


class Visitor:
    """An item at the door: comes at once, leaves when told."""

    def __init__(self, door: Door, priority: Priority = INTERACTIVE, seconds: float = 30.0) -> None:
        self._leave = asyncio.Event()
        self.is_inside = False
        budget = Budget.starting(CLOCK.monotonic(), seconds)
        self.task = asyncio.create_task(self._visit(door, priority, budget))

    async def _visit(self, door: Door, priority: Priority, budget: Budget) -> None:
        async with door.entered(DEFAULT_TENANT, priority, budget):
            self.is_inside = True
            await self._leave.wait()

    async def leaves(self) -> None:
        self._leave.set()
        await self.task

    async def is_turned_away(self) -> bool:
        return isinstance((await asyncio.gather(self.task, return_exceptions=True))[0], Overloaded)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_door_without_a_limit_lets_everybody_in() -> None:
    door = Door(CLOCK)
    visitors = [Visitor(door) for _ in range(100)]
    await settled()
    assert all(visitor.is_inside for visitor in visitors)
    for visitor in visitors:
        await visitor.leaves()
    assert door.inside == 0


async def test_whoever_finds_no_place_waits_for_one_in_turn() -> None:
    door = Door(CLOCK, Load(most=1, queue=2))
    first, second, third = (Visitor(door) for _ in range(3))
    await settled()
    assert [first.is_inside, second.is_inside, third.is_inside] == [True, False, False]
    await first.leaves()
    await settled()
    assert [second.is_inside, third.is_inside] == [True, False]
    await second.leaves()
    await third.leaves()
    assert door.inside == 0


async def test_a_full_queue_turns_away_at_once_and_says_when_to_come_again() -> None:
    door = Door(CLOCK, Load(most=1, queue=1))
    inside, waiting = Visitor(door), Visitor(door)
    await settled()
    with pytest.raises(Overloaded) as refused:
        async with door.entered(DEFAULT_TENANT, INTERACTIVE, Budget.starting(CLOCK.monotonic(), 30)):
            pass
    assert 0 < refused.value.retry_after < 10
    assert door.shed == 1
    await inside.leaves()
    await waiting.leaves()


async def test_somebody_who_is_waited_for_goes_first_and_takes_the_place_of_a_batch_in_a_full_queue() -> None:
    door = Door(CLOCK, Load(most=1, queue=2))
    inside = Visitor(door)
    await settled()
    early, late = Visitor(door, BATCH), Visitor(door, BACKFILL)
    await settled()
    hurried = Visitor(door, INTERACTIVE)
    assert await late.is_turned_away()
    await inside.leaves()
    await settled()
    assert hurried.is_inside
    assert not early.is_inside
    await hurried.leaves()
    await early.leaves()


async def test_a_batch_leaves_places_free_for_those_who_are_waited_for() -> None:
    door = Door(CLOCK, Load(most=10, queue=100))
    visitors = [Visitor(door, BACKFILL) for _ in range(20)] + [Visitor(door, BATCH) for _ in range(20)]
    await settled()
    assert door.inside == 8
    hurried = Visitor(door, INTERACTIVE)
    await settled()
    assert hurried.is_inside
    for visitor in (*visitors, hurried):
        visitor.task.cancel()
    await asyncio.gather(*(visitor.task for visitor in visitors), return_exceptions=True)
    await settled()
    assert door.inside == 0


async def test_nobody_waits_beyond_a_share_of_the_budget() -> None:
    door = Door(CLOCK, Load(most=1, queue=10))
    inside = Visitor(door)
    await settled()
    brief = Visitor(door, INTERACTIVE, seconds=0.02)
    assert await brief.is_turned_away()
    await inside.leaves()
    assert door.inside == 0


async def test_nobody_queues_up_behind_one_who_has_waited_too_long_already() -> None:
    door = Door(CLOCK, Load(most=1, queue=10))
    inside, patient = Visitor(door), Visitor(door, seconds=30.0)
    await asyncio.sleep(0.02)
    assert await Visitor(door, INTERACTIVE, seconds=0.04).is_turned_away()
    assert door.waiting(INTERACTIVE) == 1
    await inside.leaves()
    await patient.leaves()


async def test_a_cancelled_wait_leaves_no_trace() -> None:
    door = Door(CLOCK, Load(most=1, queue=10))
    inside, waiting = Visitor(door), Visitor(door)
    await settled()
    waiting.task.cancel()
    await settled()
    assert door.waiting(INTERACTIVE) == 0
    await inside.leaves()
    assert door.inside == 0


async def test_a_place_that_was_given_in_the_instant_of_a_cancellation_is_passed_on() -> None:
    door = Door(CLOCK, Load(most=1, queue=10))
    inside, cancelled, next_one = (Visitor(door) for _ in range(3))
    await settled()
    await inside.leaves()
    cancelled.task.cancel()
    await settled()
    assert next_one.is_inside
    await next_one.leaves()
    assert door.inside == 0


async def test_a_tenant_is_not_taken_for_better_than_the_settings_say() -> None:
    load = Load(classes={Tenant("bulk"): BACKFILL, ANY_TENANT: BATCH})
    assert load.capped(Tenant("bulk"), INTERACTIVE) is BACKFILL
    assert load.capped(Tenant("other"), INTERACTIVE) is BATCH
    assert load.capped(Tenant("other"), BACKFILL) is BACKFILL
    assert Load().capped(Tenant("other"), INTERACTIVE) is INTERACTIVE


async def test_late_work_narrows_the_door_and_punctual_work_opens_it_again() -> None:
    door = Door(CLOCK, Load(most=100, queue=100))
    visitors = [Visitor(door) for _ in range(40)]
    await settled()
    door.look(0.1)
    assert door.limit == 20
    late = Visitor(door)
    await settled()
    assert not late.is_inside
    for _ in range(100):
        door.look(0.0)
    await settled()
    assert late.is_inside
    for visitor in (*visitors, late):
        await visitor.leaves()


async def test_what_waits_for_threads_narrows_the_door_while_it_is_watched() -> None:
    door = Door(CLOCK, Load(most=100, queue=100))
    looked = asyncio.Event()

    def waits() -> float:
        if door.limit < START:
            looked.set()
        return 0.2

    async with watched(door, waits):
        await asyncio.wait_for(looked.wait(), 10)


comings = st.lists(
    st.tuples(st.sampled_from(Priority), st.sampled_from(["come", "leave", "cancel", "late", "early"])),
    max_size=60,
)


@given(comings=comings, most=st.integers(1, 6), queue=st.integers(0, 6))
def test_whatever_happens_bounds_hold_and_every_place_is_given_back(
    comings: list[tuple[Priority, str]], most: int, queue: int
) -> None:
    asyncio.run(_whatever_happens(comings, most, queue))


async def _whatever_happens(comings: list[tuple[Priority, str]], most: int, queue: int) -> None:
    door, visitors = Door(CLOCK, Load(most=most, queue=queue)), list[Visitor]()
    for priority, event in comings:
        if event == "come":
            visitors.append(Visitor(door, priority))
        elif event in ("late", "early"):
            door.look(1.0 if event == "late" else 0.0)
        elif visitors:
            visitor = visitors.pop(0)
            if event == "cancel" or not visitor.is_inside:
                visitor.task.cancel()
            else:
                await visitor.leaves()
        await settled()
        assert door.inside <= most
        assert sum(door.waiting(each) for each in Priority) <= queue
        assert door.inside == sum(visitor.is_inside and not visitor.task.done() for visitor in visitors)
    for visitor in visitors:
        visitor.task.cancel()
    await asyncio.gather(*(visitor.task for visitor in visitors), return_exceptions=True)
    await settled()
    assert door.inside == 0
    assert not any(door.waiting(each) for each in Priority)
