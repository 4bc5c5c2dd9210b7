"""What the ledger grants is held by somebody who will settle it, or given back."""

import asyncio

import pytest

from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.quota import Hold, Meter, Quota
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.scoring.holding import Holds
from moa_scorer.scoring.remaining import remaining
from tests.fakes.quotas import HOUR, SetClock, TestLedger

ITEMS = Quota(meter=Meter.ITEMS, amount=10, seconds=HOUR)


async def left(ledger: TestLedger) -> int:
    [found] = await ledger.left(DEFAULT_TENANT, [ITEMS], SetClock().now().timestamp())
    return found.amount


async def test_a_late_answer_is_given_back() -> None:
    ledger = TestLedger()
    holds = Holds(ledger, SetClock())
    ledger.open.clear()
    with pytest.raises(StorageUnavailable):
        await holds.take(DEFAULT_TENANT, [ITEMS], {Meter.ITEMS: 3}, 0.01)
    assert await left(ledger) == 7
    ledger.open.set()
    await holds.aclose()
    assert await left(ledger) == 10


@pytest.mark.parametrize("steps", range(6))
async def test_a_caller_that_leaves_at_any_moment_leaves_nothing_held(steps: int) -> None:
    ledger = TestLedger()
    holds = Holds(ledger, SetClock())
    taking = asyncio.create_task(holds.take(DEFAULT_TENANT, [ITEMS], {Meter.ITEMS: 3}, 1.0))
    for _ in range(steps):
        await asyncio.sleep(0)
    taken = taking.done()
    taking.cancel()
    await asyncio.wait({taking})
    await holds.aclose()
    assert await left(ledger) == (7 if taken else 10)


async def test_what_is_left_is_told_with_what_was_used_in_the_place_of_what_was_held() -> None:
    holds = Holds(TestLedger(), SetClock())
    with remaining() as told:
        hold = await holds.take(DEFAULT_TENANT, [ITEMS], {Meter.ITEMS: 4}, 1.0)
        assert isinstance(hold, Hold)
        assert told[ITEMS].amount == 6
        await holds.settle(hold, {Meter.ITEMS: 1}, 1.0)
    assert (told[ITEMS].amount, told[ITEMS].resets_in) == (9, HOUR)


async def test_whoever_closes_waits_for_what_is_being_written() -> None:
    ledger = TestLedger()
    holds = Holds(ledger, SetClock())
    hold = await holds.take(DEFAULT_TENANT, [ITEMS], {Meter.ITEMS: 4}, 1.0)
    assert isinstance(hold, Hold)
    settling = asyncio.create_task(holds.settle(hold, {}, 1.0))
    await asyncio.sleep(0)
    settling.cancel()
    await asyncio.wait({settling})
    await holds.aclose()
    assert await left(ledger) == 10
