"""The two servers that are compared, each in a process of its own, on the same settings."""

import asyncio
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import grpc.aio
import uvloop

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import (
    ScoringServiceServicer,
    add_ScoringServiceServicer_to_server,
)
from moa_scorer.app.caching import make_cache
from moa_scorer.app.clock import SystemClock
from moa_scorer.app.settings import Settings
from moa_scorer.rpc.server import DEFAULT_OPTIONS, build_server
from moa_scorer.scoring.keeping import NO_MEMORY, Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import SqlRequestIds
from moa_scorer.storage.migrate import migrate
from moa_scorer.storage.records import SqlRecords
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


async def _echo(response: bytes) -> tuple[grpc.aio.Server, int]:
    server = grpc.aio.server(options=DEFAULT_OPTIONS.channel_arguments())
    add_ScoringServiceServicer_to_server(Echo(response), server)
    return server, server.add_insecure_port(ADDRESS)


async def _product(served: Case | Remembering) -> tuple[grpc.aio.Server, int]:
    case, memory = (served, NO_MEMORY) if isinstance(served, Case) else (served.case, await _memory(served))
    pipeline = Pipeline(scripted_catalog(case), SystemClock(), memory)
    server, port, _ = await build_server(pipeline, address=ADDRESS)
    return server, port


async def _memory(served: Remembering) -> Memory:
    """What a server has by default: records and request ids in SQLite, answers in its own memory."""
    database, clock = Database(served.database), SystemClock()
    await migrate(database)
    return Memory(
        records=SqlRecords(database, clock),
        ids=SqlRequestIds(database, clock),
        cache=make_cache(Settings()),
    )


async def _serve(pipe: Connection, served: Served) -> None:
    server, port = await (_echo(served) if isinstance(served, bytes) else _product(served))
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
    logs.configure("json", "info")
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
