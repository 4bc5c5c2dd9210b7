"""A real gRPC server on a free loopback port, for tests."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import grpc.aio
import pytest

from moa_scorer.api.v1.catalog_service_pb2_grpc import CatalogServiceStub
from moa_scorer.api.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from moa_scorer.api.v1.record_service_pb2_grpc import RecordServiceStub
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.contract.credentials import OPEN, Authenticator
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.rpc.health import Health
from moa_scorer.rpc.server import build_server
from moa_scorer.scoring.pipeline import Pipeline

CHANNEL_OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


def address_of_this_machine() -> str:
    """An address of it that is not loopback; skips the test where there is none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address of documentations
        except OSError:
            pytest.skip("this machine has no address but its own loopback")
        return str(probe.getsockname()[0])


@contextmanager
def answering_http(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The URL of an HTTP server on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def knowing_no_method(host: str, credentials: grpc.ServerCredentials | None = None) -> Iterator[int]:
    """The port of a gRPC server that answers every call with UNIMPLEMENTED."""
    server, address = grpc.server(ThreadPoolExecutor(max_workers=1)), f"{host}:0"
    port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    server.start()
    yield port
    server.stop(None).wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a test needs of a running server."""

    channel: grpc.aio.Channel
    scoring: ScoringServiceStub
    catalog: CatalogServiceStub
    records: RecordServiceStub
    feedback: FeedbackServiceStub
    health: Health
    server: grpc.aio.Server
    target: str


@asynccontextmanager
async def serving(
    pipeline: Pipeline, limits: Limits = LIMITS, authenticator: Authenticator = OPEN
) -> AsyncIterator[Served]:
    """A server in this loop, serving, and a channel to it."""
    server, port, health = await build_server(
        pipeline, address="127.0.0.1:0", limits=limits, authenticator=authenticator
    )
    await server.start()
    await health.serving()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
            yield Served(
                channel=channel,
                scoring=ScoringServiceStub(channel),
                catalog=CatalogServiceStub(channel),
                records=RecordServiceStub(channel),
                feedback=FeedbackServiceStub(channel),
                health=health,
                server=server,
                target=f"127.0.0.1:{port}",
            )
    finally:
        await server.stop(None)


@contextmanager
def serving_in_thread(pipeline: Pipeline) -> Iterator[str]:
    """A server in a loop and thread of its own; gives its target. For tests that are not asynchronous."""
    started = threading.Event()
    ended: asyncio.Event
    loop = asyncio.new_event_loop()
    target = ""

    async def run() -> None:
        nonlocal ended, target
        ended = asyncio.Event()
        server, port, health = await build_server(pipeline, address="127.0.0.1:0")
        await server.start()
        await health.serving()
        target = f"127.0.0.1:{port}"
        started.set()
        await ended.wait()
        await server.stop(None)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    assert started.wait(10), "the server did not start"
    try:
        yield target
    finally:
        loop.call_soon_threadsafe(lambda: ended.set())
        thread.join(10)
        loop.close()
