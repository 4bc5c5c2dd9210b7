"""A request on its way, in virtual time."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.money import Usage
from moa_scorer.providers.breaker import Circuit
from moa_scorer.providers.endpoint import Endpoint
from moa_scorer.providers.hedge import ENOUGH
from moa_scorer.providers.http import Http
from moa_scorer.providers.model import ModelFailure, ModelReply
from moa_scorer.providers.spec import EndpointSpec, SecretRef, Wire
from tests.fakes.endpoints import (
    BROKEN,
    HANG,
    Act,
    BookTab,
    ScriptedSender,
    acts,
    always,
    busy,
    endpoint,
    model,
    prompt,
)
from tests.fakes.virtual_time import LoopClock, in_virtual_time


async def ask(
    over: Endpoint, seconds: float = 10.0, tab: BookTab | None = None
) -> ModelReply | AbstentionReason:
    """One request from now: the reply, or the reason why there is none."""
    now = over.clock.monotonic()
    outcome = await model(over).ask(prompt(), Budget(now + seconds), tab or BookTab())
    return outcome.reason if isinstance(outcome, ModelFailure) else outcome


def warmed(http: ScriptedSender, seconds: float = 0.12, **traffic: Any) -> Endpoint:
    """An endpoint that is known to answer within so long, and that has earned two hedges."""
    over = endpoint(http, **traffic)
    for _ in range(max(40, ENOUGH)):
        over.first_sent()
        over.hedging.answered(seconds)
    return over


def at_rest(over: Endpoint) -> bool:
    """Nothing of it is in use."""
    return over.gate.in_flight == over.gate.waiting == 0


@in_virtual_time
async def test_a_reply_comes_back_priced_and_settled_once() -> None:
    tab = BookTab()
    outcome = await ask(endpoint(always(Act())), tab=tab)
    assert isinstance(outcome, ModelReply)
    assert outcome.usage.micro_usd == 110
    assert (tab.usage, tab.open, tab.reserved) == (outcome.usage, 0, 0)


@in_virtual_time
async def test_a_reply_without_counted_tokens_costs_what_was_reserved_for_it() -> None:
    silent = b'{"model":"m-1","choices":[{"index":0,"finish_reason":"stop","message":{"content":"4"}}]}'
    tab, over = BookTab(), endpoint(always(Act(body=silent)))
    assert isinstance(await ask(over, tab=tab), ModelReply)
    assert tab.usage.micro_usd == model(over).most(prompt()) > 50


@in_virtual_time
async def test_what_was_never_sent_is_no_call_and_says_nothing_of_the_endpoint() -> None:
    keyless = EndpointSpec(
        name="e", wire=Wire.OPENAI, base_url="http://e", key=SecretRef(env="NO_SUCH_KEY_ANYWHERE")
    )
    tab, over = BookTab(), Endpoint(keyless, Http(), 1, LoopClock())
    assert await ask(over, tab=tab) is AbstentionReason.PROVIDER_ERROR
    assert (tab.usage, tab.open, tab.reserved) == (Usage(), 0, 0)
    assert over.statistics().sends == 0
    assert at_rest(over)


@in_virtual_time
async def test_a_transient_failure_is_tried_again() -> None:
    http, tab = acts(BROKEN, Act()), BookTab()
    assert isinstance(await ask(endpoint(http), tab=tab), ModelReply)
    assert (http.sends, tab.usage.calls) == (2, 2)


@in_virtual_time
async def test_tries_end_after_the_configured_number() -> None:
    http = always(BROKEN)
    assert await ask(endpoint(http, attempts=3)) is AbstentionReason.PROVIDER_ERROR
    assert http.sends == 3


@in_virtual_time
async def test_what_would_fail_again_is_not_tried_again() -> None:
    http = acts(Act(status=401, body=b"{}"))
    assert await ask(endpoint(http)) is AbstentionReason.PROVIDER_ERROR


@in_virtual_time
async def test_the_vendors_wait_is_kept() -> None:
    http = acts(busy(retry_after="3"), Act())
    assert isinstance(await ask(endpoint(http)), ModelReply)
    assert http.times[1] - http.times[0] >= 3


@in_virtual_time
async def test_a_wait_past_the_budget_is_given_up_before_it_begins() -> None:
    over = endpoint(acts(busy(retry_after="30")))
    assert await ask(over, seconds=10) is AbstentionReason.RATE_LIMITED
    assert over.clock.monotonic() < 0.1


@in_virtual_time
async def test_retries_stay_a_tenth_of_first_sends() -> None:
    over = endpoint(always(busy()), breaker_failures=0, attempts=5)
    for _ in range(300):
        await ask(over, seconds=1000)
    statistics = over.statistics()
    assert statistics.first_sends == 300
    assert statistics.retries == 30


@in_virtual_time
async def test_a_full_queue_refuses_at_once() -> None:
    over = endpoint(always(Act(seconds=1)), concurrency=1, queue=2)
    outcomes = await asyncio.gather(*(ask(over) for _ in range(4)))
    assert outcomes[3] is AbstentionReason.RATE_LIMITED
    assert sum(isinstance(o, ModelReply) for o in outcomes) == 3
    assert over.statistics().queue_refusals == 1


@in_virtual_time
async def test_a_budget_that_ends_in_the_queue_is_a_time_out_and_sends_nothing() -> None:
    http = always(Act(seconds=5))
    over = endpoint(http, concurrency=1)
    outcomes = await asyncio.gather(ask(over), ask(over, seconds=1))
    assert outcomes[1] is AbstentionReason.TIMEOUT
    assert http.sends == 1
    assert at_rest(over)


@in_virtual_time
async def test_the_rate_of_requests_is_kept() -> None:
    http = always(Act(seconds=0))
    over = endpoint(http, requests_per_minute=60)
    await asyncio.gather(*(ask(over, seconds=100) for _ in range(15)))
    assert http.times == pytest.approx([0] * 10 + [1, 2, 3, 4, 5])


@in_virtual_time
async def test_a_rate_that_asks_to_wait_past_the_budget_refuses_at_once() -> None:
    http = always(Act(seconds=0))
    over = endpoint(http, requests_per_minute=6)
    outcomes = await asyncio.gather(*(ask(over, seconds=15) for _ in range(4)))
    assert outcomes[2:] == [AbstentionReason.RATE_LIMITED] * 2
    assert at_rest(over)


@in_virtual_time
async def test_a_limit_that_is_used_up_makes_everybody_wait() -> None:
    used_up = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"}
    http = acts(Act(headers=used_up), Act())
    over = endpoint(http)
    await ask(over)
    await ask(over)
    assert http.times[1] >= 2


@in_virtual_time
async def test_one_rate_limited_answer_holds_up_nobody_else() -> None:
    http = acts(busy(retry_after="5"), Act())
    over = endpoint(http, attempts=1)
    await ask(over)
    await ask(over)
    assert http.times[1] < 0.1


@in_virtual_time
async def test_several_rate_limited_answers_in_a_row_make_everybody_wait() -> None:
    http = always(busy(retry_after="5"))
    over = endpoint(http, attempts=1)
    for _ in range(5):
        await ask(over)
    assert http.times[3] < 0.1
    assert http.times[4] > 5


@in_virtual_time
async def test_an_endpoint_that_fails_in_a_row_is_left_alone_and_then_probed() -> None:
    http = acts(BROKEN, BROKEN, Act(), Act())
    over = endpoint(http, attempts=1, breaker_failures=2, breaker_pause=10)
    assert await ask(over) is await ask(over) is AbstentionReason.PROVIDER_ERROR
    assert await ask(over) is AbstentionReason.CIRCUIT_OPEN
    await asyncio.sleep(10)
    both = await asyncio.gather(ask(over), ask(over))
    assert isinstance(both[0], ModelReply)
    assert both[1] is AbstentionReason.CIRCUIT_OPEN
    assert isinstance(await ask(over), ModelReply)


@in_virtual_time
async def test_it_is_logged_when_a_circuit_opens_and_when_it_closes() -> None:
    over = endpoint(acts(BROKEN, BROKEN, BROKEN, Act()), attempts=1, breaker_failures=2, breaker_pause=10)
    with capture_logs() as logged:
        for pause in (0, 10, 10, 10):
            await ask(over)
            await asyncio.sleep(pause)
    changes = [(line["endpoint"], line["circuit"]) for line in logged if line["event"] == "circuit_changed"]
    assert changes == [("fake", "open"), ("fake", "closed")]


@in_virtual_time
async def test_those_who_queue_before_an_endpoint_that_died_do_not_ask_it() -> None:
    http = always(BROKEN)
    over = endpoint(http, concurrency=1, attempts=1, breaker_failures=2)
    outcomes = await asyncio.gather(*(ask(over) for _ in range(6)))
    assert outcomes[2:] == [AbstentionReason.CIRCUIT_OPEN] * 4
    assert http.sends == 2


@in_virtual_time
async def test_an_endpoint_that_hangs_is_left_alone_though_budgets_end_first() -> None:
    over = warmed(always(HANG), breaker_failures=3, attempts=1, hedge=False)
    for _ in range(3):
        assert await ask(over, seconds=1) is AbstentionReason.TIMEOUT
    assert over.gate.circuit is Circuit.OPEN


@in_virtual_time
async def test_a_budget_shorter_than_the_endpoint_needs_is_not_its_fault() -> None:
    over = warmed(always(Act(seconds=0.5)), seconds=0.5, breaker_failures=3, attempts=1)
    for _ in range(20):
        assert await ask(over, seconds=0.2) is AbstentionReason.TIMEOUT
    assert over.gate.circuit is Circuit.CLOSED


@in_virtual_time
async def test_a_hedge_overtakes_a_request_that_hangs_and_the_loser_is_paid_for() -> None:
    http = acts(HANG, Act())
    over, tab = warmed(http), BookTab()
    began = over.clock.monotonic()
    reply = await ask(over, tab=tab)
    assert isinstance(reply, ModelReply)
    assert over.clock.monotonic() - began == pytest.approx(0.22)
    assert tab.usage.calls == 2
    assert tab.usage.micro_usd > reply.usage.micro_usd
    assert (tab.open, http.cancelled, at_rest(over)) == (0, 1, True)
    assert over.statistics().hedges_won == 1


@in_virtual_time
async def test_a_slow_request_may_still_win_over_its_hedge() -> None:
    over = warmed(acts(Act(seconds=0.15), HANG))
    assert isinstance(await ask(over), ModelReply)
    statistics = over.statistics()
    assert (statistics.hedges, statistics.hedges_won) == (1, 0)


@in_virtual_time
async def test_a_hedge_that_is_refused_comes_later_when_the_request_still_hangs() -> None:
    over = warmed(acts(HANG, Act()))
    while over.hedging.second():
        pass
    asking = asyncio.ensure_future(ask(over))
    await asyncio.sleep(0.3)
    for _ in range(20):
        over.first_sent()
    assert isinstance(await asking, ModelReply)
    assert over.clock.monotonic() == pytest.approx(0.12 + 0.24 + 0.1)
    assert over.statistics().hedges == 1


@in_virtual_time
async def test_hedges_stay_a_twentieth_of_first_sends() -> None:
    http = ScriptedSender(script=lambda n: Act(seconds=0.1 if n % 3 else 1.0))
    over = warmed(http)
    for _ in range(500):
        await ask(over)
    statistics = over.statistics()
    assert 0 < statistics.hedges <= 0.05 * statistics.first_sends


@in_virtual_time
async def test_no_hedge_is_sent_that_the_ceiling_does_not_cover() -> None:
    http = acts(Act(seconds=1.0))
    over = warmed(http)
    tab = BookTab(ceiling=model(over).most(prompt()))
    assert isinstance(await ask(over, tab=tab), ModelReply)
    assert tab.usage.calls == 1


@in_virtual_time
async def test_nothing_is_sent_past_the_ceiling() -> None:
    http, tab = acts(), BookTab(ceiling=10)
    assert await ask(endpoint(http), tab=tab) is AbstentionReason.BUDGET
    assert tab.open == 0


@in_virtual_time
async def test_what_may_have_been_billed_counts_as_spent() -> None:
    over, tab = endpoint(acts(HANG)), BookTab()
    assert await ask(over, seconds=1, tab=tab) is AbstentionReason.TIMEOUT
    assert tab.usage.micro_usd == model(over).most(prompt())


@in_virtual_time
async def test_a_cancelled_request_counts_as_spent_and_leaves_nothing_behind() -> None:
    http, tab = acts(HANG), BookTab()
    over = endpoint(http)
    asking = asyncio.ensure_future(ask(over, tab=tab))
    await asyncio.sleep(1)
    asking.cancel()
    await asyncio.wait({asking})
    assert asking.cancelled()
    assert tab.usage.micro_usd == model(over).most(prompt())
    assert (tab.open, http.in_flight, at_rest(over)) == (0, 0, True)


@in_virtual_time
async def test_trouble_lowers_the_number_in_flight() -> None:
    over = endpoint(always(busy()), attempts=1, concurrency=16)
    for _ in range(10):
        await asyncio.gather(*(ask(over) for _ in range(16)))
    assert over.statistics().limit == 1
