"""A request on its way: admitted, paid for, sent, perhaps overtaken, perhaps sent again."""

import asyncio
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, TypeAlias

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.money import Tab, Usage
from moa_scorer.providers.breaker import Pass
from moa_scorer.providers.endpoint import Endpoint
from moa_scorer.providers.failures import Failed, Retry, failed
from moa_scorer.providers.gate import QUEUE_FULL, TOO_LONG_A_WAIT, Health, Ticket
from moa_scorer.providers.model import ModelFailure, ModelReply, ModelRequest
from moa_scorer.providers.prices import Price
from moa_scorer.providers.waits import used_up
from moa_scorer.providers.wire import HttpCall
from moa_scorer.telemetry import events

OVERSPENT: Final = failed("asking would pass the cost ceiling", reason=AbstentionReason.BUDGET)
UNPRICED: Final = failed(
    "no price is known for the model, so no cost ceiling covers it: add it to prices.yaml",
    reason=AbstentionReason.BUDGET,
)
OUT_OF_TIME: Final = failed("the budget ended before the request was sent", reason=AbstentionReason.TIMEOUT)

UNBOUNDED: Final = 2**62
"""What a call of unknown price reserves: more than any ceiling, so that only a tab without one covers it."""

_Sent: TypeAlias = asyncio.Task[ModelReply | Failed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request as it goes out: encoded once, however often it is sent."""

    request: ModelRequest
    call: HttpCall
    budget: Budget
    tab: Tab
    tokens: int
    """Likely to be taken, input and output."""
    price: Price | None
    """None = not known."""
    most: int
    """Millionths of a US dollar that one send may cost; 0 without a price."""

    @property
    def reserved(self) -> int:
        """What is held of the ceiling while a send is on its way."""
        return UNBOUNDED if self.price is None else self.most


async def deliver(endpoint: Endpoint, job: Job) -> ModelReply | ModelFailure:
    """Sends until there is a reply, or until trying again is hopeless, too late or too much."""
    endpoint.first_sent()
    for sends in count(1):
        outcome = await _attempt(endpoint, job)
        if isinstance(outcome, ModelReply):
            return outcome
        pause = endpoint.pause_before_retry(outcome, sends, job.budget)
        if pause is None:
            return outcome.failure
        await asyncio.sleep(pause)
    raise AssertionError("counting does not end")


async def _attempt(endpoint: Endpoint, job: Job) -> ModelReply | Failed:
    """One send, and a second one where the first is slow."""
    ticket = await endpoint.gate.enter(job.tokens, job.budget)
    if isinstance(ticket, Failed):
        endpoint.counts.queue_refusals += ticket in (QUEUE_FULL, TOO_LONG_A_WAIT)
        return ticket
    delay = endpoint.hedging.delay() if endpoint.hedging.on else None
    if delay is None or ticket.passed is Pass.PROBE:
        return await _first(endpoint, job, ticket)
    return await _hedged(endpoint, job, ticket, delay)


async def _hedged(endpoint: Endpoint, job: Job, ticket: Ticket, delay: float) -> ModelReply | Failed:
    """The first reply of two sends, the second after `delay` seconds; who loses is cancelled and paid for."""
    async with asyncio.TaskGroup() as group:
        first = group.create_task(_first(endpoint, job, ticket))
        other = await _late(endpoint, job, first, delay)
        if other is None:
            return first.result()
        endpoint.counts.hedges += 1
        second = group.create_task(_send(endpoint, job, other))
        winner = await _sooner(first, second)
        endpoint.counts.hedges_won += winner is second
        for task in (first, second):
            task.cancel()
        return winner.result()


async def _late(endpoint: Endpoint, job: Job, first: _Sent, delay: float) -> Ticket | None:
    """A ticket for a second send once the first is late; None = the first ended by itself.

    Who is refused asks again when the first is twice as late: so few hedges go to those that need them most.
    """
    while True:
        await asyncio.wait({first}, timeout=delay)
        if first.done():
            return None
        ticket = _ticket_for_second(endpoint, job)
        if ticket is not None:
            return ticket
        delay *= 2


def _ticket_for_second(endpoint: Endpoint, job: Job) -> Ticket | None:
    """Leave to send a second time, if limits and allowance give it at once."""
    ticket = endpoint.gate.second(job.tokens)
    if ticket is None or endpoint.hedging.second():
        return ticket
    endpoint.gate.unused(ticket)
    return None


async def _sooner(first: _Sent, second: _Sent) -> _Sent:
    """The one that replied sooner; if both failed, the first."""
    pending = {first, second}
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in (first, second):
            if task in done and isinstance(task.result(), ModelReply):
                return task
    return first


async def _first(endpoint: Endpoint, job: Job, ticket: Ticket) -> ModelReply | Failed:
    """A send whose latency is remembered."""
    began = endpoint.clock.monotonic()
    outcome = None
    try:
        outcome = await _send(endpoint, job, ticket)
        return outcome
    finally:
        took = endpoint.clock.monotonic() - began
        if isinstance(outcome, ModelReply):
            endpoint.hedging.answered(took)
        else:
            endpoint.hedging.unanswered(took)


async def _send(endpoint: Endpoint, job: Job, ticket: Ticket) -> ModelReply | Failed:
    """One upstream request. Ticket and money are given back whatever happens, also when it is cancelled."""
    began = endpoint.clock.monotonic()
    seconds = min(endpoint.spec.traffic.timeout, job.budget.remaining(began))
    refused = OUT_OF_TIME if seconds <= 0 else None if job.tab.reserve(job.reserved) else _too_dear(job)
    if refused is not None:
        endpoint.gate.unused(ticket)
        return refused
    outcome: ModelReply | Failed | None = None
    try:
        outcome = _priced(await _exchange(endpoint, job, seconds), job)
        return outcome
    finally:
        took = endpoint.clock.monotonic() - began
        became = endpoint.gate.leave(ticket, _health(endpoint, outcome, took), _tokens(outcome))
        job.tab.settle(job.reserved, _usage(outcome, job))
        _listen(endpoint, outcome)
        if became is not None:
            events.circuit_changed(endpoint=endpoint.spec.name, circuit=became)


async def _exchange(endpoint: Endpoint, job: Job, seconds: float) -> ModelReply | Failed:
    answer = await endpoint.http.send(endpoint.spec, job.call, seconds)
    if isinstance(answer, Failed):
        return answer
    wait = used_up(answer.headers) if answer.status < 400 else None
    if wait is not None:
        endpoint.gate.pause(wait)
    return endpoint.wire.decode(answer, job.request, endpoint.spec)


def _priced(outcome: ModelReply | Failed, job: Job) -> ModelReply | Failed:
    if isinstance(outcome, Failed) or job.price is None:
        return outcome
    return replace(outcome, usage=replace(outcome.usage, micro_usd=job.price.cost(outcome.usage)))


def _too_dear(job: Job) -> Failed:
    return UNPRICED if job.price is None else OVERSPENT


def _usage(outcome: ModelReply | Failed | None, job: Job) -> Usage:
    """What a send took: where the vendor may bill it and does not say how much, all that was reserved."""
    if isinstance(outcome, ModelReply):
        return outcome.usage
    return Usage(calls=1, micro_usd=job.most if outcome is None or outcome.may_cost else 0)


def _tokens(outcome: ModelReply | Failed | None) -> int | None:
    """Tokens that the vendor has counted; None = not known."""
    if isinstance(outcome, ModelReply):
        return outcome.usage.input_tokens + outcome.usage.output_tokens
    return None if outcome is None or outcome.may_cost else 0


def _health(endpoint: Endpoint, outcome: ModelReply | Failed | None, took: float) -> Health:
    """What a send says of its endpoint; a budget that was too short says nothing."""
    if isinstance(outcome, ModelReply):
        return Health.GOOD
    patience = endpoint.hedging.delay() or endpoint.spec.traffic.timeout
    if outcome is None:
        return Health.LATE if took >= patience else Health.UNKNOWN
    if outcome.failure.reason is AbstentionReason.TIMEOUT:
        return Health.SLOW if took >= min(patience, endpoint.spec.traffic.timeout) else Health.UNKNOWN
    if outcome.retry is Retry.RATE_LIMITED:
        return Health.BUSY
    return Health.BROKEN if outcome.retry is Retry.TRANSIENT else Health.GOOD


def _listen(endpoint: Endpoint, outcome: ModelReply | Failed | None) -> None:
    """Heeds a vendor that asks for less."""
    if isinstance(outcome, Failed) and outcome.retry is Retry.RATE_LIMITED:
        endpoint.counts.rate_limited += 1
        if outcome.after is not None:
            endpoint.gate.asked_to_wait(outcome.after)
