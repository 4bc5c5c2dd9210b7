"""The caller: many items, bounded in flight, each with a deadline; every outcome is kept at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

import grpc
import grpc.aio
from google.protobuf.duration_pb2 import Duration

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from tests.chaos.answers import Answer, answer_of
from tests.chaos.truth import text_of_item


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """How items are asked about."""

    target: str
    """host:port of the server."""
    panel: str
    run: int
    latency_budget: float | Callable[[int], float]
    """Seconds; of each item its own, where it is a function."""
    deadline: float = 10.0
    """Seconds of a call."""
    in_flight: int = 32

    async def ask_all(self, items: Iterable[int]) -> AsyncIterator[Answer]:
        """The answers as they come, never more than `in_flight` calls at once."""
        waiting = iter(items)
        done: asyncio.Queue[Answer | None] = asyncio.Queue()
        async with grpc.aio.insecure_channel(self.target) as channel, asyncio.TaskGroup() as group:
            callers = [
                group.create_task(self._ask_some(ScoringServiceStub(channel), waiting, done))
                for _ in range(self.in_flight)
            ]
            asyncio.gather(*callers).add_done_callback(lambda _: done.put_nowait(None))
            while (answer := await done.get()) is not None:
                yield answer

    async def _ask_some(
        self, stub: ScoringServiceStub, waiting: Iterable[int], done: asyncio.Queue[Answer | None]
    ) -> None:
        for item in waiting:
            done.put_nowait(await self._ask(stub, item))

    async def _ask(self, stub: ScoringServiceStub, item: int) -> Answer:
        request, asked = self._request(item), time.monotonic()
        try:
            response = await stub.ScoreContent(request, timeout=self.deadline)
        except grpc.aio.AioRpcError as error:
            seconds = time.monotonic() - asked
            return Answer(run=self.run, item=item, status=error.code().name, asked=asked, seconds=seconds)
        return answer_of(self.run, item, asked, time.monotonic() - asked, response)

    def _request(self, item: int) -> pb.ScoreContentRequest:
        budget = Duration()
        seconds = self.latency_budget(item) if callable(self.latency_budget) else self.latency_budget
        budget.FromNanoseconds(round(seconds * 1e9))
        request = pb.ScoreContentRequest(
            panel=self.panel, rubric="fake", view=pb.VIEW_FULL, latency_budget=budget
        )
        request.content.text = text_of_item(item)
        request.content.id = f"item-{item}"
        request.content.language = "en"
        return request
