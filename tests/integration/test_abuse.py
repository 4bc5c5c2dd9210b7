"""Peers that abuse the protocol get the status that is documented, and nothing of theirs stays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.app.clock import SystemClock
from moa_scorer.rpc.options import ServerOptions
from moa_scorer.rpc.server import build_server
from moa_scorer.scoring.door import Door, Load
from moa_scorer.scoring.pipeline import Pipeline
from tests.bench.scripted import COMMENT, scripted_catalog
from tests.fuzz.attacks import CONTENT, SCORE, STREAM, message_of
from tests.fuzz.frames import INITIAL_WINDOW_SIZE, call, opened, setting

SCORED = pb.ScoreContentRequest.FromString(CONTENT)


@asynccontextmanager
async def serving(options: ServerOptions) -> AsyncIterator[tuple[int, Pipeline]]:
    pipeline = Pipeline(scripted_catalog(COMMENT), SystemClock())
    pipeline.door = Door(pipeline.clock, Load(most=4, queue=4))
    server, port, health = await build_server(pipeline, address="127.0.0.1:0", options=options)
    await server.start()
    await health.serving()
    yield port, pipeline
    await server.stop(None)


async def code_of(port: int, method: str, request: bytes, **metadata: str) -> grpc.StatusCode:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        done = channel.unary_unary(method)(request, metadata=tuple(metadata.items()), timeout=10)
        code: grpc.StatusCode = await done.code()
        return code


async def test_oversized_metadata_is_resource_exhausted_and_the_server_goes_on() -> None:
    async with serving(ServerOptions(metadata_bytes=4_096)) as (port, _):
        assert await code_of(port, SCORE, CONTENT, big="x" * 8_000) is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert await code_of(port, SCORE, CONTENT, fine="x") is grpc.StatusCode.OK


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_is_unimplemented_where_it_is_off(version: str) -> None:
    method = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
    async with (
        serving(ServerOptions(reflection=False)) as (port, _),
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        asked = channel.stream_stream(method)(iter([b""]), timeout=10)
        assert await asked.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_peer_that_reads_nothing_holds_no_place_at_the_door() -> None:
    async with serving(ServerOptions()) as (port, pipeline):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        calls = (call(STREAM, message_of(CONTENT), stream) for stream in range(1, 17, 2))
        writer.write(opened(setting(INITIAL_WINDOW_SIZE, 0)) + b"".join(calls))
        await writer.drain()
        async with asyncio.timeout(10):
            for _ in range(6):
                assert await code_of(port, SCORE, CONTENT) is grpc.StatusCode.OK
            while pipeline.door.inside:  # noqa: ASYNC110 - the work of the others ends by itself
                await asyncio.sleep(0.01)
        writer.close()


async def test_a_connection_that_never_begins_is_closed() -> None:
    async with serving(ServerOptions(handshake_seconds=0.2)) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(10):
            while await reader.read(1_024):
                pass
        writer.close()


async def test_connections_beyond_the_most_are_closed_and_those_that_are_there_are_served() -> None:
    async with serving(ServerOptions(connections=2)) as (port, _):
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            score = channel.unary_unary(SCORE)
            await score(CONTENT, timeout=10)
            peers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
            async with asyncio.timeout(10):
                ends = [asyncio.create_task(reader.read(-1)) for reader, _ in peers]
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            await score(CONTENT, timeout=10)
        for task in ends:
            task.cancel()
        for _, writer in peers:
            writer.close()


async def test_an_old_connection_ends_and_no_call_on_it_is_lost() -> None:
    options = ServerOptions(connection_age_seconds=0.2, connection_age_grace_seconds=5.0)
    async with (
        serving(options) as (port, _),
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        score = channel.unary_unary(SCORE)
        for _ in range(20):
            await score(CONTENT, timeout=10)
            await asyncio.sleep(0.05)
