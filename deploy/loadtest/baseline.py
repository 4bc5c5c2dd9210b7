"""The least that a server of this kind must do: bare grpc.aio that waits for the same judges."""

import asyncio
import random
from typing import Any

import grpc.aio
import uvloop

from deploy.loadtest.scripted import CRITERION, NAMES, Latency, opinion
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.api.v1.scoring_service_pb2_grpc import (
    ScoringServiceServicer,
    add_ScoringServiceServicer_to_server,
)

ENOUGH = 4
"""Judges after which the rest is left."""


class Bare(ScoringServiceServicer):
    """Five waits side by side, the mean of the first four opinions; no plan, no calibration, no record."""

    def __init__(self, latency: Latency) -> None:
        self._latency = latency
        self._draw = random.Random()

    async def ScoreContent(self, request: pb.ScoreContentRequest, _: Any) -> pb.ScoreContentResponse:
        waits = [asyncio.create_task(self._ask(name, request.content.text)) for name in NAMES]
        said = []
        for wait in asyncio.as_completed(waits):
            said.append(await wait)
            if len(said) == ENOUGH:
                break
        for task in waits:
            task.cancel()
        mean = sum(said) / len(said)
        scored = verdict_pb2.Scored(
            score=mean, criteria=[verdict_pb2.CriterionResult(name=CRITERION, score=mean)]
        )
        return pb.ScoreContentResponse(content_id=request.content.id, scored=scored)

    async def _ask(self, name: str, text: str) -> float:
        seconds = self._latency.drawn(self._draw)
        await (asyncio.Event().wait() if seconds is None else asyncio.sleep(seconds))
        return opinion(name, text)


async def _serve() -> None:
    server = grpc.aio.server()
    add_ScoringServiceServicer_to_server(Bare(Latency.from_environment()), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(_serve())
