"""Two callers at a steady rate: one with the shipped service config, one that tries everything once."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import grpc.aio

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.client import AsyncClient, ScorerError

DEADLINE: Final = 10.0
"""Seconds of a call."""
BARE: Final = (
    ("grpc.enable_retries", 0),
    ("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'),
)


@dataclass(slots=True)
class Outcomes:
    """How the calls of a caller ended."""

    answered: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    """By status."""
    slowest: float = 0.0
    """Seconds."""

    async def count(self, call: Awaitable[Any]) -> None:
        """Waits for a call."""
        before = time.monotonic()
        try:
            await call
            self.answered += 1
        except ScorerError as error:
            self.failed[error.code.name] += 1
        except grpc.aio.AioRpcError as error:
            self.failed[error.code().name] += 1
        self.slowest = max(self.slowest, time.monotonic() - before)


@dataclass(frozen=True, slots=True)
class Load:
    """What both callers saw."""

    shipped: Outcomes = field(default_factory=Outcomes)
    bare: Outcomes = field(default_factory=Outcomes)

    async def go_on(self, target: str, rate: float, ended: asyncio.Event) -> None:
        """Each makes so many calls a second until the end, then waits for those under way."""
        async with (
            AsyncClient(target, deadline=DEADLINE) as client,
            grpc.aio.insecure_channel(target, options=BARE) as channel,
            asyncio.TaskGroup() as group,
        ):
            stub: Any = ScoringServiceStub(channel)
            group.create_task(self._calls(self.shipped, client.score, rate, ended))
            group.create_task(self._calls(self.bare, lambda text: _score(stub, text), rate, ended))

    async def _calls(
        self, outcomes: Outcomes, score: Callable[[str], Awaitable[Any]], rate: float, ended: asyncio.Event
    ) -> None:
        start, number = time.monotonic(), 0
        async with asyncio.TaskGroup() as group:
            while not ended.is_set():
                number += 1
                group.create_task(outcomes.count(score(f"Text number {number} of many.")))
                await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))


async def _score(stub: Any, text: str) -> Any:
    request = pb.ScoreContentRequest()
    request.content.text = text
    return await stub.ScoreContent(request, timeout=DEADLINE)
