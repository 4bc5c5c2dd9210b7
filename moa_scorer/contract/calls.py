"""What each scoring method does, message in and message out, whatever the edge."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final

from google.rpc import status_pb2

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.contract.ballots import ballot_message, layer_numbers
from moa_scorer.contract.brought import brought
from moa_scorer.contract.deadline import allowance, batch_allowance, item_allowance
from moa_scorer.contract.errors import known, status_of
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.contract.plans import plan_message
from moa_scorer.contract.repeats import Repeats
from moa_scorer.contract.translate import DETAILED, Asked, asked, response, verdict_message
from moa_scorer.contract.validate import batch_violations, check
from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.errors import MoaError
from moa_scorer.domain.priority import Priority
from moa_scorer.domain.record import Record
from moa_scorer.scoring.pipeline import Event, Pipeline
from moa_scorer.scoring.plan import Plan
from moa_scorer.telemetry import events

BATCH_CONCURRENCY: Final = 8
"""Items of one batch that are worked on at a time."""


async def score_content(
    pipeline: Pipeline,
    message: pb.ScoreContentRequest,
    time_remaining: float | None,
    limits: Limits = LIMITS,
    repeats: Repeats | None = None,
) -> pb.ScoreContentResponse:
    """Scores one item; raises the errors of the contract's table.

    `time_remaining` is the call's, in seconds; None = it has no deadline. What `repeats` has is told again.
    """
    if repeats is not None and (said := await repeats.told(message)) is not None:
        return said
    wanted = asked(message, limits)
    now = pipeline.clock.monotonic()
    budget = allowance(now, time_remaining, wanted.latency_budget, limits.default_budget_seconds)
    record = await scored(pipeline, wanted, budget)
    said = response(record, wanted.view)
    if repeats is not None:
        await repeats.learn(message, record, said)
    return said


async def batch_score_contents(
    pipeline: Pipeline,
    message: pb.BatchScoreContentsRequest,
    time_remaining: float | None,
    limits: Limits = LIMITS,
) -> pb.BatchScoreContentsResponse:
    """Scores many items side by side, each with its own outcome; raises what concerns the whole batch.

    An item that the call leaves no time for comes back unscored.
    """
    check(batch_violations(message, limits))
    now = pipeline.clock.monotonic()
    budget = batch_allowance(now, time_remaining, len(message.requests), limits.default_budget_seconds)
    room = asyncio.Semaphore(BATCH_CONCURRENCY)

    async def item(index: int, request: pb.ScoreContentRequest) -> pb.BatchOutcome:
        async with room:
            return await _outcome(pipeline, request, f"requests[{index}].", budget, limits)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(item(*each)) for each in enumerate(message.requests)]
    return pb.BatchScoreContentsResponse(outcomes=[task.result() for task in tasks])


async def stream_score_content(
    pipeline: Pipeline,
    message: pb.StreamScoreContentRequest,
    time_remaining: float | None,
    limits: Limits = LIMITS,
) -> AsyncGenerator[pb.StreamScoreContentResponse, None]:
    """Scores one item and tells what happens meanwhile; closing the iterator stops the judges."""
    wanted = asked(message.request, limits, prefix="request.", streamed=True, default_view=pb.VIEW_BALLOTS)
    now = pipeline.clock.monotonic()
    budget = allowance(now, time_remaining, wanted.latency_budget, limits.default_budget_seconds)
    layers: Mapping[str, int] = {}
    place = await pipeline.door.place(wanted.request.tenant, wanted.priority, budget)
    try:
        async with aclosing(pipeline.stream(wanted.request, budget, place.leave)) as told:
            async for event in told:
                if isinstance(event, Plan):
                    layers = layer_numbers(event.panel)
                if (said := _event(event, wanted.view, budget.remaining(now), layers)) is not None:
                    yield said
    finally:
        place.leave()


async def reconcile_ballots(
    pipeline: Pipeline,
    message: pb.ReconcileBallotsRequest,
    time_remaining: float | None,
    limits: Limits = LIMITS,
) -> pb.ReconcileBallotsResponse:
    """The verdict on the caller's own ballots; raises the errors of the contract's table."""
    request = brought(message, pipeline.catalog, limits)
    now = pipeline.clock.monotonic()
    budget = allowance(now, time_remaining, default=limits.default_budget_seconds)
    async with pipeline.door.entered(request.tenant, Priority.INTERACTIVE, budget):
        reconciled = await pipeline.reconcile(request, budget)
    return pb.ReconcileBallotsResponse(verdict=verdict_message(reconciled, message.view or pb.VIEW_SCORE))


async def answer(pipeline: Pipeline, wanted: Asked, budget: Budget) -> pb.ScoreContentResponse:
    """One item's answer in the view that was asked for."""
    return response(await scored(pipeline, wanted, budget), wanted.view)


async def scored(pipeline: Pipeline, wanted: Asked, budget: Budget) -> Record:
    """One item's record; raises Overloaded where the server has no place for it in time."""
    async with pipeline.door.entered(wanted.request.tenant, wanted.priority, budget):
        return await pipeline.score(wanted.request, budget)


async def _outcome(
    pipeline: Pipeline, message: pb.ScoreContentRequest, prefix: str, batch: Budget, limits: Limits
) -> pb.BatchOutcome:
    try:
        wanted = asked(
            message,
            limits,
            prefix=prefix,
            batched=True,
            scope="BatchScoreContents",
            default_priority=Priority.BATCH,
        )
        now = pipeline.clock.monotonic()
        budget = item_allowance(now, batch, wanted.latency_budget)
        return pb.BatchOutcome(response=await answer(pipeline, wanted, budget))
    except MoaError as error:
        return pb.BatchOutcome(error=status_of(error))
    except Exception as error:
        return pb.BatchOutcome(error=status_of_failure(error))


def status_of_failure(error: Exception) -> status_pb2.Status:
    """The status of an item that failed by a bug, which is logged."""
    events.rpc_crashed(error=whereabouts(error))
    return status_of(known(error))


def whereabouts(error: BaseException) -> str:
    """The type of an exception and the line that raised it; never its text, which may hold content."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return type(error).__name__
    return f"{type(error).__name__} in {last.tb_frame.f_code.co_qualname}, line {last.tb_lineno}"


def _event(
    event: Event, view: "pb.View.ValueType", budget: float, layers: Mapping[str, int]
) -> pb.StreamScoreContentResponse | None:
    if isinstance(event, Plan):
        return pb.StreamScoreContentResponse(plan=plan_message(event.record(), budget))
    if isinstance(event, Ballot):
        if view not in DETAILED:
            return None
        ballot = ballot_message(event, layer=layers[event.judge], full=view == pb.VIEW_FULL)
        return pb.StreamScoreContentResponse(ballot=ballot)
    if event.provisional:
        return pb.StreamScoreContentResponse(provisional=response(event, min(view, pb.VIEW_SCORE)))
    return pb.StreamScoreContentResponse(verdict=response(event, view))
