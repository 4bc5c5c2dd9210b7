"""Callers of one tenant at several servers, who want far more than its quota."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import grpc
import grpc.aio
from google.rpc import error_details_pb2, status_pb2

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from tests.chaos.quotas.setup import RUBRIC
from tests.chaos.truth import text_of_item

SECONDS: Final = 20.0
"""Deadline of a call."""
BUDGET: Final = 3
"""Seconds of an item."""
OK: Final = "answered"
REFUSED: Final = frozenset({"QUOTA_EXCEEDED", "OVERLOADED"})
"""Reasons of refusals: a machine that is busy with other things turns calls away at the door."""
TRIES: Final = 3
"""Refusals in a row after which a quota is taken to be empty."""


@dataclass(slots=True, kw_only=True)
class Race:
    """The calls of one tenant, and what came of them."""

    stubs: Sequence[ScoringServiceStub]
    metadata: tuple[tuple[str, str], ...]
    items: Iterator[int]
    """Numbers that nobody else asks about."""
    ended: Counter[str] = field(default_factory=Counter)
    """`answered`, the reason of a refusal, or a status -> calls."""
    told: int = 0
    """Micro-USD that the answers say they cost."""
    asked: set[int] = field(default_factory=set)
    """Items that any server was asked about."""
    flying: Counter[int] = field(default_factory=Counter)
    """Server -> calls at work there."""
    dead: set[int] = field(default_factory=set)
    """Servers that are asked no more."""
    goal: int = 1
    """Answers after which `reached` is set; at the end of the storm it is anyway."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def storm(self, calls: int, in_flight: int) -> None:
        """So many calls, so many at a time, to each server in turn."""
        room = asyncio.Semaphore(in_flight)

        async def one(number: int) -> None:
            async with room:
                await self.ask(self.alive[number % len(self.alive)])

        async with asyncio.TaskGroup() as group:
            for number in range(calls):
                group.create_task(one(number))
        self.reached.set()

    async def use_up(self) -> None:
        """One call after the other, until all that is left is refused."""
        refused = 0
        while refused < TRIES:
            for server in self.alive:
                refused = 0 if await self.ask(server) == OK else refused + 1

    async def ask(self, server: int) -> str:
        """How a call to a server ended."""
        item = next(self.items)
        self.asked.add(item)
        self.flying[server] += 1
        try:
            answer = await self.stubs[server].ScoreContent(
                _request(item), metadata=self.metadata, timeout=SECONDS
            )
            self.told += answer.cost.micro_usd
            how = OK
        except grpc.aio.AioRpcError as error:
            how = _why(error)
        finally:
            self.flying[server] -= 1
        self.ended[how] += 1
        if self.ended[OK] >= self.goal:
            self.reached.set()
        return how

    @property
    def alive(self) -> list[int]:
        """Servers that are asked."""
        return [server for server in range(len(self.stubs)) if server not in self.dead]

    def words(self) -> str:
        """How the calls ended."""
        return json.dumps(dict(self.ended.most_common()))


def _request(item: int) -> pb.ScoreContentRequest:
    request = pb.ScoreContentRequest(rubric=RUBRIC)
    request.latency_budget.seconds = BUDGET
    request.content.text = text_of_item(item)
    request.content.language = "en"
    return request


def _why(error: grpc.aio.AioRpcError) -> str:
    """The reason that the server gave, else the status."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            info = error_details_pb2.ErrorInfo()
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Unpack(info):
                    return info.reason
    return str(error.code().name)


async def most_of_an_item(stub: ScoringServiceStub, metadata: tuple[tuple[str, str], ...], item: int) -> int:
    """Micro-USD that asking about an item is estimated to cost at most."""
    request = _request(item)
    request.view = pb.VIEW_FULL
    answer = await stub.ScoreContent(request, metadata=metadata, timeout=SECONDS)
    return int(answer.plan.most_cost.micro_usd)
