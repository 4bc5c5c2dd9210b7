"""Callers who come at a rate, whether or not the server keeps up, in a process of their own."""

import asyncio
import multiprocessing
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

import grpc.aio
import uvloop

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from tests.bench.scripted import text_of

DEADLINE: Final = 4.0
"""Seconds of a call."""
INTERACTIVE_SHARE: Final = 0.3
"""Of the callers; the others ask for the class BATCH."""
CONNECTIONS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How a call went."""

    came: float
    """Seconds after the first one."""
    interactive: bool
    status: str
    """Name of the gRPC status; an OK answer that rests on fewer judges than planned is `PARTIAL`."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who comes."""

    port: int
    seconds: float
    rate: float
    """Calls a second; 0 = so many callers who come again as soon as they are answered as `at_once` says."""
    at_once: int = 0


def calls(crowd: Crowd) -> Sequence[Call]:
    """How all of them went."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(theirs, crowd), daemon=True)
    process.start()
    told: Sequence[Call] = ours.recv()
    process.join(10)
    return told


def _process(pipe: Connection, crowd: Crowd) -> None:
    pipe.send(uvloop.run(_crowd(crowd)))


async def _crowd(crowd: Crowd) -> list[Call]:
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [
        grpc.aio.insecure_channel(f"127.0.0.1:{crowd.port}", options=options) for _ in range(CONNECTIONS)
    ]
    caller = _Caller([ScoringServiceStub(channel) for channel in channels])
    async with asyncio.TaskGroup() as group:
        if crowd.rate:
            await _come(caller, crowd, group)
        else:
            for _ in range(crowd.at_once):
                group.create_task(_come_again(caller, crowd.seconds))
    for channel in channels:
        await channel.close()
    return caller.calls


async def _come(caller: "_Caller", crowd: Crowd, group: asyncio.TaskGroup) -> None:
    draw, at, start = random.Random(1), 0.0, time.monotonic()
    while at < crowd.seconds:
        at += draw.expovariate(crowd.rate)
        await asyncio.sleep(max(0.0, start + at - time.monotonic()))
        group.create_task(caller.call(interactive=draw.random() < INTERACTIVE_SHARE))


async def _come_again(caller: "_Caller", seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await caller.call(interactive=True)


class _Caller:
    def __init__(self, stubs: Sequence[ScoringServiceStub]) -> None:
        self._stubs = stubs
        self._first = time.monotonic()
        self.calls: list[Call] = []

    async def call(self, *, interactive: bool) -> None:
        number = len(self.calls) + random.randrange(1_000_000_000)
        priority = pb.PRIORITY_INTERACTIVE if interactive else pb.PRIORITY_BATCH
        request = pb.ScoreContentRequest(priority=priority, cache_control=pb.CACHE_CONTROL_NONE)
        request.content.text = f"{number} {text_of(20, number)}"
        request.content.kind, request.content.language = "comment", "en"
        before = time.monotonic()
        status = await self._status(self._stubs[number % len(self._stubs)], request)
        self.calls.append(
            Call(
                came=before - self._first,
                interactive=interactive,
                status=status,
                seconds=time.monotonic() - before,
            )
        )

    async def _status(self, stub: ScoringServiceStub, request: pb.ScoreContentRequest) -> str:
        try:
            answer = await stub.ScoreContent(request, timeout=DEADLINE)
        except grpc.aio.AioRpcError as error:
            return str(error.code().name)
        return "OK" if answer.answered == answer.planned else "PARTIAL"
