"""A server of known capacity: five judges that hold threads for a fixed time, in a process of its own."""

import asyncio
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Final

import uvloop

from moa_scorer.app.clock import SystemClock
from moa_scorer.domain.ballot import Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.judges.local.detector import Detect, DetectorSpec, LocalJudge
from moa_scorer.judges.local.pool import Pool, Stop
from moa_scorer.rpc.server import build_server
from moa_scorer.scoring.door import UNLIMITED, Door, Load
from moa_scorer.scoring.lateness import watched
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.telemetry import logs
from tests.bench.scripted import COMMENT, JUDGES, scripted_catalog

THREADS: Final = 4
JUDGE_SECONDS: Final = 0.006
"""Seconds that a judge holds a thread: a panel of five on four threads does one item in 7.5 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server."""

    port: int
    pipe: Connection


@contextmanager
def running(*, narrowed: bool) -> Iterator[Server]:
    """The server while the block runs; not `narrowed` = it takes on whatever comes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(theirs, narrowed), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Server(port=ours.recv(), pipe=ours)
    finally:
        ours.close()
        process.join(10)
        process.kill()


def _process(pipe: Connection, narrowed: bool) -> None:
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - lives as long as the process
    logs.configure("json", "info")
    uvloop.run(_serve(pipe, narrowed))


async def _serve(pipe: Connection, narrowed: bool) -> None:
    pool, clock = Pool(THREADS, queue=256 if narrowed else 1_000_000), SystemClock()
    catalog = replace(
        scripted_catalog(COMMENT), judges={name: LocalJudge(_spec(name), pool) for name in JUDGES}
    )
    pipeline = Pipeline(catalog, clock)
    pipeline.door = Door(clock, Load() if narrowed else UNLIMITED)
    server, port, health = await build_server(pipeline, address="127.0.0.1:0")
    async with AsyncExitStack() as stack:
        if narrowed:
            await stack.enter_async_context(watched(pipeline.door, pool.longest_wait))
        await server.start()
        await health.serving()
        pipe.send(port)
        await _until_closed(pipe)
        await server.stop(0)
    pool.close()


async def _until_closed(pipe: Connection) -> None:
    closed, loop = asyncio.Event(), asyncio.get_running_loop()

    def wait() -> None:
        try:
            pipe.recv()
        except EOFError:
            loop.call_soon_threadsafe(closed.set)

    threading.Thread(target=wait, daemon=True).start()
    await closed.wait()


def _spec(name: str) -> DetectorSpec:
    def load() -> Detect:
        return _judge

    profile = JudgeProfile(name=name, title=name, revision="1", criteria=COMMENT.criteria)
    return DetectorSpec(profile=profile, load=load, seconds_per_character=0.0)


def _judge(content: Content, stop: Stop) -> Judgment:
    time.sleep(JUDGE_SECONDS)
    return Judgment(answers={criterion: Score(value=0.5) for criterion in COMMENT.criteria})
