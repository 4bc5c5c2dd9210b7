"""A client process that keeps a gRPC server busy, and what a round of it cost the server."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import grpc.aio
import uvloop

from tests.bench.servers import METHOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a server is sent."""

    port: int
    request: bytes
    """Sent as it is, again and again."""
    seconds: float
    at_once: int = 16
    """Calls."""
    connections: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One server under load for a while."""

    rate: float
    """Answers per second."""
    cpu: float
    """The server's CPU seconds an answer."""
    busy: float
    """The server's CPU seconds per second; about 1 = its event loop was the bottleneck."""


def measured(client: Connection, load: Load, cpu: Callable[[], float]) -> Round:
    """One round; `cpu` tells the CPU seconds that the server has used so far."""
    before, started = cpu(), time.monotonic()
    client.send(load)
    answers = client.recv()
    elapsed, used = time.monotonic() - started, cpu() - before
    return Round(rate=answers / elapsed, cpu=used / answers, busy=used / elapsed)


@contextmanager
def client_process() -> Iterator[tuple[Connection, int]]:
    """A process that does one load after the other and tells the number of answers; and its id."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_client, args=(theirs,), daemon=True)
    process.start()
    assert process.pid is not None
    yield ours, process.pid
    ours.send(None)
    process.join(10)


def _client(pipe: Connection) -> None:
    while (load := pipe.recv()) is not None:
        pipe.send(uvloop.run(_answers(load)))


async def _answers(load: Load) -> int:
    """Answers within the time, from several connections with several calls each; raises on any error."""
    end = time.monotonic() + load.seconds
    channels = [
        grpc.aio.insecure_channel(f"127.0.0.1:{load.port}", options=[("grpc.use_local_subchannel_pool", 1)])
        for _ in range(load.connections)
    ]

    async def caller(channel: grpc.aio.Channel) -> int:
        call, answers = channel.unary_unary(METHOD), 0
        while time.monotonic() < end:
            await call(load.request, timeout=30)
            answers += 1
        return answers

    done = sum(await asyncio.gather(*(caller(channels[i % len(channels)]) for i in range(load.at_once))))
    await asyncio.gather(*(channel.close() for channel in channels))
    return done
