"""A server of the gRPC library and nothing else: what it keeps of an attack is not ours.

A batch of operations that fails, as when the peer resets the call, is never freed by the library's asyncio:
80 bytes for each operation (grpc/grpc issue 43360, open; seen in grpcio 1.85.1).
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import uvloop

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import (
    ScoringServiceServicer,
    add_ScoringServiceServicer_to_server,
)
from moa_scorer.app.heap import few_arenas
from moa_scorer.app.settings import load_settings
from moa_scorer.rpc.guarded import make_server

TAKES: Final = 0.03
"""Seconds of a call."""


class Bare(ScoringServiceServicer):
    """Waits a little and says nothing."""

    async def ScoreContent(self, request: pb.ScoreContentRequest, _: Any) -> pb.ScoreContentResponse:
        await asyncio.sleep(TAKES)
        return pb.ScoreContentResponse()

    async def StreamScoreContent(
        self, request: pb.StreamScoreContentRequest, _: Any
    ) -> AsyncIterator[pb.StreamScoreContentResponse]:
        await asyncio.sleep(TAKES)
        yield pb.StreamScoreContentResponse()


async def serve() -> None:
    """Serves with the connections of the settings, and writes the port to stdout."""
    options = load_settings().connections.options(share_port=False, reflection=False)
    server = make_server(options=options.channel_arguments())
    add_ScoringServiceServicer_to_server(Bare(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


@contextmanager
def bare_server(environment: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Its port and its process id, while the block runs."""
    command = (sys.executable, "-m", "tests.fuzz.control")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | environment
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


if __name__ == "__main__":
    few_arenas()
    uvloop.run(serve())
