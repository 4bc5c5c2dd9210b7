"""A request on its way: admitted, sent, perhaps overtaken, perhaps sent again."""

import asyncio
from typing import TypeAlias

from moa_scorer.providers.breaker import Pass
from moa_scorer.providers.endpoint import Endpoint
from moa_scorer.providers.failures import Failed
from moa_scorer.providers.job import Job
from moa_scorer.providers.model import ModelFailure, ModelReply
from moa_scorer.providers.one_send import send_once
from moa_scorer.providers.ticket import QUEUE_FULL, TOO_LONG_A_WAIT, Ticket

_Sent: TypeAlias = asyncio.Task[ModelReply | Failed]


async def deliver(endpoint: Endpoint, job: Job) -> ModelReply | ModelFailure:
    """Sends until there is a reply, or until trying again is hopeless, too late or too much."""
    sends = 0
    while True:
        outcome = await _attempt(endpoint, job, first=sends == 0)
        if isinstance(outcome, ModelReply):
            return outcome
        sends += 1
        pause = endpoint.pause_before_retry(outcome, sends, job.budget)
        if pause is None:
            return outcome.failure
        await asyncio.sleep(pause)


async def _attempt(endpoint: Endpoint, job: Job, *, first: bool) -> ModelReply | Failed:
    """One send, and a second one where the first is slow."""
    ticket = await endpoint.gate.enter(job.tokens, job.budget)
    if isinstance(ticket, Failed):
        endpoint.counts.queue_refusals += ticket in (QUEUE_FULL, TOO_LONG_A_WAIT)
        return ticket
    if first:
        endpoint.first_sent()
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
        second = group.create_task(send_once(endpoint, job, other))
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
        outcome = await send_once(endpoint, job, ticket)
        return outcome
    finally:
        took = endpoint.clock.monotonic() - began
        if isinstance(outcome, ModelReply):
            endpoint.hedging.answered(took)
        else:
            endpoint.hedging.unanswered(took)
