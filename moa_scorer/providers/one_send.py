"""One upstream request: paid for, sent, read, and what it says of its endpoint."""

from dataclasses import replace
from typing import Final

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.providers.endpoint import Endpoint
from moa_scorer.providers.failures import Failed, Retry, failed
from moa_scorer.providers.job import Job
from moa_scorer.providers.model import ModelReply
from moa_scorer.providers.ticket import Health, Ticket
from moa_scorer.providers.tracing import sending, sent, with_trace
from moa_scorer.providers.waits import used_up
from moa_scorer.telemetry import events, metrics

OUT_OF_TIME: Final = failed("the budget ended before the request was sent", reason=AbstentionReason.TIMEOUT)


async def send_once(endpoint: Endpoint, job: Job, ticket: Ticket) -> ModelReply | Failed:
    """One upstream request. Ticket and money are given back whatever happens, also when it is cancelled."""
    began = endpoint.clock.monotonic()
    seconds = min(endpoint.spec.traffic.timeout, job.budget.remaining(began))
    refused = OUT_OF_TIME if seconds <= 0 else job.reserve()
    if refused is not None:
        endpoint.gate.unused(ticket)
        return refused
    outcome: ModelReply | Failed | None = None
    try:
        with sending(endpoint.spec, job) as span:
            outcome = _priced(await _exchange(endpoint, job, seconds), job)
            sent(span, outcome)
        return outcome
    finally:
        took = endpoint.clock.monotonic() - began
        endpoint.counts.sends += not (isinstance(outcome, Failed) and outcome.unsent)
        became = endpoint.gate.leave(ticket, _health(endpoint, outcome, took), _tokens(outcome))
        job.settle(outcome)
        _listen(endpoint, outcome)
        metrics.endpoint_sent(endpoint.spec.name, _named(outcome))
        if became is not None:
            events.circuit_changed(endpoint=endpoint.spec.name, circuit=became)


async def _exchange(endpoint: Endpoint, job: Job, seconds: float) -> ModelReply | Failed:
    answer = await endpoint.http.send(endpoint.spec, with_trace(job.call, endpoint.spec), seconds)
    if isinstance(answer, Failed):
        return answer
    wait = used_up(answer.headers) if answer.status < 400 else None
    if wait is not None:
        endpoint.gate.pause(wait)
    return endpoint.wire.decode(answer, job.request, endpoint.spec)


def _named(outcome: ModelReply | Failed | None) -> str:
    """What a send came to, for counting; None = it was cut off."""
    if isinstance(outcome, ModelReply):
        return "answered"
    return "cancelled" if outcome is None else outcome.failure.reason


def _priced(outcome: ModelReply | Failed, job: Job) -> ModelReply | Failed:
    if isinstance(outcome, Failed):
        return outcome
    return replace(outcome, usage=job.priced(outcome.usage))


def _tokens(outcome: ModelReply | Failed | None) -> int | None:
    """Tokens that the vendor has counted; None = not known."""
    if isinstance(outcome, ModelReply):
        return outcome.usage.input_tokens + outcome.usage.output_tokens or None
    return None if outcome is None or outcome.may_cost else 0


def _health(endpoint: Endpoint, outcome: ModelReply | Failed | None, took: float) -> Health:
    """What a send says of its endpoint; a budget that was too short says nothing."""
    if isinstance(outcome, ModelReply):
        return Health.GOOD
    patience = endpoint.hedging.delay() or endpoint.spec.traffic.timeout
    if outcome is None:
        return Health.LATE if took >= patience else Health.UNKNOWN
    if outcome.unsent:
        return Health.UNKNOWN
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
