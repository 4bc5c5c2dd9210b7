"""Callers that ask under a request id until they are answered, and sometimes once more."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from random import Random
from typing import Final

import grpc.aio

from moa_scorer.api.v1 import record_service_pb2 as records_pb
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.record_service_pb2_grpc import RecordServiceStub
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from tests.chaos.storage.journal import Asked, Cut, Journal, Looked, Told
from tests.chaos.storage.setup import RUBRIC
from tests.chaos.truth import text_of_item

SECONDS: Final = 30.0
"""Deadline of a call."""
PAUSE: Final = 0.1
"""Seconds before an unanswered call is made again."""
AGAIN: Final = 0.10
"""Share of answered items that are asked about once more."""
TWICE: Final = 0.05
"""Share of items that two calls ask about at the same time."""
LOOK: Final = 0.10
"""Share of answers after which an earlier record is replayed."""


def request_for(item: int) -> pb.ScoreContentRequest:
    """The same one every time."""
    request = pb.ScoreContentRequest(rubric=RUBRIC, request_id=f"request-{item}")
    request.content.text = text_of_item(item)
    request.content.id = f"item-{item}"
    request.content.language = "en"
    return request


@dataclass(slots=True, kw_only=True)
class Callers:
    """The calls of one round."""

    journal: Journal
    round: int
    channel: grpc.aio.Channel
    random: Random
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Nobody asks any more."""

    async def ask_many(self, in_flight: int, items: Iterator[int]) -> None:
        """Until the round is over or there are no more items."""
        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(self._ask_some(items))

    async def _ask_some(self, items: Iterator[int]) -> None:
        for item in items:
            await self._until_told(item)
            if self.over.is_set():
                return
            if self.random.random() < AGAIN:
                await self.ask(item, again=True)
            if self.random.random() < LOOK:
                told = self.journal.of(Told)
                await self.look(self.random.choice(told).record)

    async def _until_told(self, item: int) -> None:
        calls = 2 if self.random.random() < TWICE else 1
        while not self.over.is_set():
            if any(await asyncio.gather(*(self.ask(item) for _ in range(calls)))):
                return
            await asyncio.sleep(PAUSE)

    async def ask(self, item: int, *, again: bool = False) -> bool:
        """Whether an answer came that names its record."""
        try:
            stub = ScoringServiceStub(self.channel)
            response = await stub.ScoreContent(request_for(item), timeout=SECONDS)
        except grpc.aio.AioRpcError as error:
            return self._cut(item, error.code().name)
        if response.WhichOneof("result") != "scored":
            return self._cut(item, "UNSCORED")
        if not response.record:
            return self._cut(item, pb.Unrecorded.Name(response.unrecorded))
        score = response.scored.score
        self.journal.write(
            Told(round=self.round, item=item, record=response.record, score=score, again=again)
        )
        return True

    def _cut(self, item: int, why: str) -> bool:
        self.journal.write(Cut(round=self.round, item=item, why=why))
        return False

    async def look(self, record: str) -> None:
        """Replays a record; what the kill cuts off says nothing."""
        try:
            stub = RecordServiceStub(self.channel)
            answer = await stub.ReplayRecord(records_pb.ReplayRecordRequest(name=record), timeout=SECONDS)
            outcome = records_pb.ReplayOutcome.Name(answer.outcome).removeprefix("REPLAY_OUTCOME_")
        except grpc.aio.AioRpcError as error:
            if self.over.is_set():
                return
            outcome = error.code().name
        self.journal.write(Looked(round=self.round, record=record, outcome=outcome))


def items_of(journal: Journal, in_round: int) -> Iterator[int]:
    """What has no answer yet, then new items without end."""
    left = journal.unanswered()
    first = 1 + max((event.item for event in journal.of(Asked)), default=0)
    return chain(left, _new(journal, in_round, first))


def _new(journal: Journal, in_round: int, first: int) -> Iterator[int]:
    for item in count(first):
        journal.write(Asked(round=in_round, item=item))
        yield item
