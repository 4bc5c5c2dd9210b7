"""What a person would write without us: `grpc.aio` and `aiohttp`, one gather, the mean of the scores."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

import aiohttp
import grpc.aio
import uvloop

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import (
    ScoringServiceServicer,
    add_ScoringServiceServicer_to_server,
)
from moa_scorer.rpc.options import DEFAULT_OPTIONS

_TEXTS: Final[dict[str, Callable[[Any], str]]] = {
    "openai": lambda body: body["choices"][0]["message"]["content"],
    "anthropic": lambda body: body["content"][0]["text"],
    "gemini": lambda body: body["candidates"][0]["content"]["parts"][0]["text"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What one judge is sent, again and again."""

    kind: str
    """`openai`, `anthropic` or `gemini`."""
    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...]


class Bare(ScoringServiceServicer):
    """Asks every judge and means what they say; any failure fails the call."""

    def __init__(self, session: aiohttp.ClientSession, prompts: Sequence[Prompt]) -> None:
        self._session, self._prompts = session, prompts

    async def ScoreContent(self, request: pb.ScoreContentRequest, context: object) -> pb.ScoreContentResponse:
        scores = await asyncio.gather(*(self._ask(prompt) for prompt in self._prompts))
        response = pb.ScoreContentResponse(content_id=request.content.id)
        response.scored.score = sum(scores) / len(scores)
        return response

    async def _ask(self, prompt: Prompt) -> float:
        async with self._session.post(prompt.url, data=prompt.body, headers=prompt.headers) as answer:
            said = json.loads(_TEXTS[prompt.kind](json.loads(await answer.read())))
        graded = said["scores"].values()
        return sum((grade - 1) / 4 for grade in graded) / len(graded)


@dataclass(frozen=True, slots=True, kw_only=True)
class BareServer:
    """A running one."""

    port: int
    pid: int


@contextmanager
def bare_fanout(prompts: Sequence[Prompt]) -> Iterator[BareServer]:
    """The program in a process of its own."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(theirs, tuple(prompts)), daemon=True)
    process.start()
    assert process.pid is not None
    yield BareServer(port=ours.recv(), pid=process.pid)
    process.terminate()
    process.join(10)


def _process(pipe: Connection, prompts: Sequence[Prompt]) -> None:
    uvloop.run(_serve(pipe, prompts))


async def _serve(pipe: Connection, prompts: Sequence[Prompt]) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        server = grpc.aio.server(options=DEFAULT_OPTIONS.channel_arguments())
        add_ScoringServiceServicer_to_server(Bare(session, prompts), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        pipe.send(port)
        await server.wait_for_termination()
