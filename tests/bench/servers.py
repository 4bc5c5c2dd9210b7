"""The two servers that are compared, each in a process of its own, on the same settings."""

import asyncio
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import grpc.aio
import uvloop

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import (
    ScoringServiceServicer,
    add_ScoringServiceServicer_to_server,
)
from moa_scorer.app.clock import SystemClock
from moa_scorer.app.serving.memory import opened
from moa_scorer.app.settings import Settings
from moa_scorer.rpc.options import DEFAULT_OPTIONS
from moa_scorer.rpc.server import build_server
from moa_scorer.scoring.keeping import NO_MEMORY, Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.telemetry import logs
from tests.bench.scripted import Case, scripted_catalog

METHOD = "/moa_scorer.api.v1.ScoringService/ScoreContent"
ADDRESS = "127.0.0.1:0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembering:
    """The product that keeps records, in a database, and remembers answers."""

    case: Case
    database: str
    """Its URL."""


Served = Case | Remembering | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server process."""

    port: int
    pipe: Connection

    def cpu(self) -> float:
        """CPU seconds that the process has used, all its threads."""
        self.pipe.send("cpu")
        return float(self.pipe.recv())


class Echo(ScoringServiceServicer):
    """Reads a request and answers with the same prepared response: what any gRPC service has to do."""

    def __init__(self, response: bytes) -> None:
        self._response = pb.ScoreContentResponse.FromString(response)

    async def ScoreContent(self, request: pb.ScoreContentRequest, context: object) -> pb.ScoreContentResponse:
        return self._response


@asynccontextmanager
async def _echo(response: bytes) -> AsyncIterator[tuple[grpc.aio.Server, int]]:
    server = grpc.aio.server(options=DEFAULT_OPTIONS.channel_arguments())
    add_ScoringServiceServicer_to_server(Echo(response), server)
    yield server, server.add_insecure_port(ADDRESS)


@asynccontextmanager
async def product(served: Case | Remembering) -> AsyncIterator[tuple[grpc.aio.Server, int]]:
    """The product's server, not started, and its port; with a memory it is that of the default settings."""
    if isinstance(served, Case):
        yield await _server(served, NO_MEMORY)
        return
    async with opened(Settings(database=served.database), SystemClock()) as found:
        yield await _server(served.case, found.memory())


async def _server(case: Case, memory: Memory) -> tuple[grpc.aio.Server, int]:
    pipeline = Pipeline(scripted_catalog(case), SystemClock(), memory)
    server, port, _ = await build_server(pipeline, address=ADDRESS)
    return server, port


async def _serve(pipe: Connection, served: Served) -> None:
    async with _echo(served) if isinstance(served, bytes) else product(served) as (server, port):
        await server.start()
        pipe.send(port)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        threading.Thread(target=_report, args=(pipe, loop, stopped), daemon=True).start()
        await stopped.wait()
        await server.stop(grace=0)


def _report(pipe: Connection, loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    while pipe.recv() == "cpu":
        pipe.send(time.process_time())
    loop.call_soon_threadsafe(stopped.set)


def _process(pipe: Connection, served: Served) -> None:
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - lives as long as the process
    logs.configure("json", "info", for_good=True)
    uvloop.run(_serve(pipe, served))


@contextmanager
def running(served: Served) -> Iterator[Running]:
    """The product on scripted judges for a case, with a memory or without; for bytes the bare echo that
    always answers with them."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_process, args=(theirs, served))
    process.start()
    theirs.close()
    try:
        yield Running(port=ours.recv(), pipe=ours)
    finally:
        if process.is_alive():
            ours.send("stop")
        process.join(10)
        process.kill()
