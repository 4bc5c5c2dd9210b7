"""What is taken on the way in comes back when the way ends in the queue."""

import asyncio
from typing import Any

import pytest

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.providers.breaker import Pass
from moa_scorer.providers.buckets import LONGEST_PAUSE
from moa_scorer.providers.failures import Failed
from moa_scorer.providers.gate import Gate
from moa_scorer.providers.spec import Traffic
from moa_scorer.providers.ticket import Health, Ticket
from tests.fakes.virtual_time import LoopClock, in_virtual_time

LATER = Budget(1e6)


def make_gate(workers: int = 1, **traffic: Any) -> Gate:
    return Gate(Traffic(**traffic), workers, LoopClock())


async def let_in(gate: Gate, tokens: int = 1, budget: Budget = LATER) -> Ticket:
    ticket = await gate.enter(tokens, budget)
    assert isinstance(ticket, Ticket), ticket
    return ticket


async def gives_up(gate: Gate, tokens: int = 1) -> None:
    """A request that is cancelled while it waits."""
    waiting = asyncio.ensure_future(gate.enter(tokens, LATER))
    await asyncio.sleep(0)
    assert gate.waiting == 1
    waiting.cancel()
    await asyncio.wait({waiting})


def now() -> float:
    return asyncio.get_running_loop().time()


@in_virtual_time
async def test_who_gives_up_waiting_for_a_rate_lengthens_nobodys_wait() -> None:
    gate = make_gate(requests_per_minute=6)
    await let_in(gate)
    await gives_up(gate)
    await let_in(gate)
    assert now() == pytest.approx(10)


@in_virtual_time
async def test_who_gives_up_waiting_for_tokens_lengthens_nobodys_wait() -> None:
    gate = make_gate(tokens_per_minute=60)
    await let_in(gate, tokens=10)
    await gives_up(gate, tokens=30)
    await let_in(gate, tokens=5)
    assert now() == pytest.approx(5)


@in_virtual_time
async def test_a_probe_that_gives_up_in_the_queue_makes_room_for_the_next() -> None:
    gate = make_gate(requests_per_minute=6, breaker_failures=1, breaker_pause=1.0)
    gate.leave(await let_in(gate), Health.BROKEN, 0)
    await asyncio.sleep(1)
    await gives_up(gate)
    assert (await let_in(gate)).passed is Pass.PROBE


@in_virtual_time
async def test_a_slot_that_comes_as_the_budget_ends_is_not_lost() -> None:
    gate = make_gate(concurrency=1)
    holder = await let_in(gate)
    asyncio.get_running_loop().call_at(1.0, gate.unused, holder)
    outcome = await gate.enter(1, Budget(1.0))
    if isinstance(outcome, Ticket):
        gate.unused(outcome)
    assert gate.in_flight == 0


@in_virtual_time
async def test_rates_and_slots_are_shared_out_among_the_workers() -> None:
    gate = make_gate(workers=4, requests_per_minute=240, concurrency=8)
    assert gate.limit == 2
    for _ in range(10):
        gate.unused(await let_in(gate))
    for _ in range(11):
        gate.leave(await let_in(gate), Health.GOOD, 0)
    assert now() == pytest.approx(1)


@in_virtual_time
async def test_a_worker_always_has_a_slot() -> None:
    assert make_gate(workers=9, concurrency=2).limit == 1


@in_virtual_time
async def test_a_hedge_waits_for_nothing() -> None:
    gate = make_gate(requests_per_minute=60, concurrency=11, hedge=False)
    for _ in range(10):
        await let_in(gate)
    assert gate.second(1) is None
    await let_in(gate)
    assert now() == pytest.approx(1)
    assert gate.second(1) is None


@in_virtual_time
async def test_a_vendors_word_is_taken_for_a_minute_at_most() -> None:
    gate = make_gate()
    gate.pause(1e9)
    await let_in(gate)
    assert now() == LONGEST_PAUSE


@in_virtual_time
async def test_the_queue_holds_those_who_wait_for_rates_too() -> None:
    gate = make_gate(requests_per_minute=6, queue=1)
    await let_in(gate)
    waiting = asyncio.ensure_future(gate.enter(1, LATER))
    await asyncio.sleep(0)
    refused = await gate.enter(1, LATER)
    assert isinstance(refused, Failed)
    assert refused.failure.reason is AbstentionReason.RATE_LIMITED
    await waiting
    assert now() == pytest.approx(10)


@in_virtual_time
async def test_hedges_have_slots_of_their_own_within_the_limit() -> None:
    gate = make_gate(concurrency=20)
    for _ in range(18):
        await let_in(gate)
    assert gate.limit == 18
    assert [gate.second(1) is not None for _ in range(3)] == [True, True, False]
    assert gate.in_flight == 20
