"""Many items over one call: read while there is room, each with its own budget, told as they finish."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.contract.calls import answer, status_of_failure
from moa_scorer.contract.deadline import allowance
from moa_scorer.contract.errors import status_of
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.contract.translate import asked
from moa_scorer.contract.validate import check
from moa_scorer.contract.validate_memory import MARK, MARK_WORDS
from moa_scorer.domain.errors import Draining, MoaError, Violation
from moa_scorer.domain.priority import Priority
from moa_scorer.scoring.pipeline import Pipeline

SCOPE: Final = "ScorePipeline"

Request = pb.ScorePipelineRequest
Response = pb.ScorePipelineResponse


async def score_pipeline(
    pipeline: Pipeline,
    messages: AsyncIterator[Request],
    time_remaining: Callable[[], float | None],
    draining: Awaitable[object],
    limits: Limits = LIMITS,
) -> AsyncGenerator[Response, None]:
    """One response for each request that was read, in the order in which they finish.

    An item counts as in flight until its response was taken, so a caller that does not read is not read from.
    When `draining` is done, or the call is `limits.pipeline_seconds` old, nothing more is read; Draining is
    raised once everything that was read is answered. A caller's bytes that are no message end the reading in
    the same way. `time_remaining` is the call's, in seconds; None = it has no deadline.
    """
    line = _Line(pipeline=pipeline, time_remaining=time_remaining, limits=limits)
    work = asyncio.create_task(line.work(messages, draining))
    work.add_done_callback(lambda _: line.told.put_nowait(None))
    try:
        while (response := await line.told.get()) is not None:
            yield response
            line.room.release()
        work.result()
    finally:
        work.cancel()
        await asyncio.wait({work})


@dataclass(slots=True, kw_only=True)
class _Line:
    """One call at work."""

    pipeline: Pipeline
    time_remaining: Callable[[], float | None]
    limits: Limits
    told: asyncio.Queue[Response | None] = field(default_factory=asyncio.Queue)
    room: asyncio.Semaphore = field(init=False)
    flying: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.room = asyncio.Semaphore(self.limits.pipeline_items)

    async def work(self, messages: AsyncIterator[Request], draining: Awaitable[object]) -> None:
        """Until the caller sends no more and all is answered; raises what ended the reading early."""
        stop = asyncio.ensure_future(_either(draining, self.limits.pipeline_seconds))
        ended: MoaError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                try:
                    async for message in self._read(messages, stop):
                        group.create_task(self._item(message))
                except MoaError as error:
                    ended = error
        finally:
            stop.cancel()
        if ended is not None:
            raise ended

    async def _read(
        self, messages: AsyncIterator[Request], stop: asyncio.Future[None]
    ) -> AsyncIterator[Request]:
        """The messages, each when there is room for it; raises Draining at the stop."""
        while True:
            await self.room.acquire()
            reading = asyncio.ensure_future(anext(messages, None))
            either: set[asyncio.Future[Any]] = {reading, stop}
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    raise Draining
                if (message := reading.result()) is None:
                    return
            finally:
                reading.cancel()
            yield message

    async def _item(self, message: Request) -> None:
        response = Response(item_id=message.item_id)
        try:
            response.response.CopyFrom(await self._answer(message))
        except MoaError as error:
            response.error.CopyFrom(status_of(error))
        except Exception as error:
            response.error.CopyFrom(status_of_failure(error))
        self.told.put_nowait(response)

    async def _answer(self, message: Request) -> pb.ScoreContentResponse:
        check(self._violations(message))
        self.flying.add(message.item_id)
        try:
            wanted = asked(
                message.request,
                self.limits,
                prefix="request.",
                scope=SCOPE,
                default_priority=Priority.BATCH,
            )
            now, limits = self.pipeline.clock.monotonic(), self.limits
            budget = allowance(
                now, self.time_remaining(), wanted.latency_budget, limits.default_budget_seconds
            )
            return await answer(self.pipeline, wanted, budget)
        finally:
            self.flying.discard(message.item_id)

    def _violations(self, message: Request) -> Iterator[Violation]:
        if not MARK.fullmatch(message.item_id):
            yield Violation("item_id", f"must be {MARK_WORDS}")
        elif message.item_id in self.flying:
            yield Violation("item_id", "must not be that of an item that is still in flight")


async def _either(draining: Awaitable[object], seconds: float) -> None:
    """Until it is done, at most so long."""
    waiting = asyncio.ensure_future(draining)
    try:
        await asyncio.wait({waiting}, timeout=seconds)
    finally:
        waiting.cancel()
