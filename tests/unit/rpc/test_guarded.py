"""A server stays up whatever a call's path is made of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from structlog.testing import capture_logs

from moa_scorer.rpc import guarded
from moa_scorer.rpc.guarded import Guard, make_server, unguarded
from tests.fuzz.frames import call, opened


async def echo(request: bytes, context: Any) -> bytes:
    return request


@asynccontextmanager
async def serving(guard: Guard = unguarded) -> AsyncIterator[int]:
    server = make_server(guard)
    handlers = {"Echo": grpc.unary_unary_rpc_method_handler(echo)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("t.T", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port
    await server.stop(None)


async def answer(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    heard = b""
    async with asyncio.timeout(10):
        while b"grpc-status" not in heard:
            heard += await reader.read(4096)
    writer.close()
    return heard


@pytest.mark.parametrize("path", [b"/t.T/\xe6\xff", b"/\x80", b"/t.T/None"])
async def test_a_path_that_is_no_method_is_unimplemented_and_the_next_call_is_answered(path: bytes) -> None:
    async with serving() as port:
        for _ in range(3):
            assert b"12" in await answer(port, opened() + call(path, b""))
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            assert await channel.unary_unary("/t.T/Echo")(b"hi", timeout=10) == b"hi"


async def test_a_method_that_does_not_exist_is_unimplemented_for_a_client() -> None:
    async with serving() as port, grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary("/t.T/Other")(b"hi", timeout=10)
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("insides", ["as they are", "others"])
async def test_every_method_is_behind_the_guard(insides: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if insides == "others":
        monkeypatch.setattr(guarded, "_NEEDED", ("something_new",))

    def guard(method: str, handler: Any) -> Any:
        async def named(request: bytes, context: Any) -> bytes:
            return method.encode() + b" " + await handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(named)

    async with serving(guard) as port, grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        for said in (b"one", b"two"):
            assert await channel.unary_unary("/t.T/Echo")(said, timeout=10) == b"/t.T/Echo " + said


async def test_a_library_of_other_insides_is_served_as_it_is_and_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guarded, "_NEEDED", ("something_new",))
    with capture_logs() as logs:
        server = make_server()
    assert [line["event"] for line in logs] == ["transport_unguarded"]
    await server.stop(None)
