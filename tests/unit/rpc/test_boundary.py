"""The boundary: whatever happens inside, the caller gets a documented status and never a secret."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from structlog.testing import capture_logs

from moa_scorer.contract.credentials import OPEN, Authenticator
from moa_scorer.domain.errors import NotFound
from moa_scorer.rpc.boundary import boundary
from moa_scorer.rpc.guarded import make_server
from tests.fakes.identities import NamedTenants
from tests.fakes.judges import SystemClock

Behaviour = Callable[[Any, Any], Any]


def parse(data: bytes) -> bytes:
    """Bytes are the message, as long as they are UTF-8."""
    data.decode("utf-8")
    return data


@asynccontextmanager
async def serving(authenticator: Authenticator = OPEN, **handlers: Any) -> AsyncIterator[grpc.aio.Channel]:
    server = make_server(boundary(SystemClock(), authenticator))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("t.T", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(None)


def unary(behaviour: Behaviour) -> Any:
    return grpc.unary_unary_rpc_method_handler(behaviour, request_deserializer=parse)


async def failure(call: Awaitable[Any]) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await asyncio.wait_for(call, 10)
    return caught.value


async def echo(request: bytes, context: Any) -> bytes:
    return request


@pytest.mark.parametrize("wanted", ["abc-1:2.3_4", "x" * 64])
async def test_a_safe_request_id_comes_back(wanted: str) -> None:
    async with serving(Echo=unary(echo)) as channel:
        call = channel.unary_unary("/t.T/Echo")(b"hi", metadata=(("x-request-id", wanted),))
        assert await call == b"hi"
        assert dict(await call.trailing_metadata())["x-request-id"] == wanted


@pytest.mark.parametrize("unsafe", ["", "x" * 65, "a b", 'a"b'])
async def test_an_unsafe_request_id_is_replaced(unsafe: str) -> None:
    async with serving(Echo=unary(echo)) as channel:
        call = channel.unary_unary("/t.T/Echo")(b"hi", metadata=(("x-request-id", unsafe),))
        await call
        made_up = dict(await call.trailing_metadata())["x-request-id"]
        assert made_up != unsafe
        assert made_up.isalnum()


async def test_bytes_that_are_no_message_are_an_invalid_argument() -> None:
    async with serving(Echo=unary(echo)) as channel:
        error = await failure(channel.unary_unary("/t.T/Echo")(b"\xff\xfe secret"))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "secret" not in error.details()
        assert await channel.unary_unary("/t.T/Echo")(b"fine") == b"fine"


async def test_bytes_of_a_caller_that_nobody_knows_are_never_read() -> None:
    def never(data: bytes) -> bytes:
        pytest.fail("was read")

    handler = grpc.unary_unary_rpc_method_handler(echo, request_deserializer=never)
    async with serving(Authenticator(ways=(NamedTenants(),)), Echo=handler) as channel:
        error = await failure(channel.unary_unary("/t.T/Echo")(b"hi"))
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_malformed_messages_inside_a_stream_are_an_invalid_argument() -> None:
    async def echoes(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for request in requests:
            yield request

    handler = grpc.stream_stream_rpc_method_handler(echoes, request_deserializer=parse)
    async with serving(Echoes=handler) as channel:
        call = channel.stream_stream("/t.T/Echoes")()
        await call.write(b"one")
        assert await call.read() == b"one"
        await call.write(b"\xff")
        assert (await failure(call.read())).code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_an_unexpected_exception_is_internal_and_its_text_stays_inside() -> None:
    async def crash(request: bytes, context: Any) -> bytes:
        raise ValueError(f"could not read {request!r}")

    with capture_logs() as logs:
        async with serving(Crash=unary(crash)) as channel:
            error = await failure(channel.unary_unary("/t.T/Crash")(b"my secret text"))
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in error.details()
    assert "secret" not in str(error.trailing_metadata())
    assert "secret" not in str(logs)
    assert [line["event"] for line in logs] == ["rpc_crashed", "rpc_finished"]
    assert "ValueError" in logs[0]["error"]
    assert logs[1]["code"] == "INTERNAL"


async def test_a_domain_error_gets_its_status() -> None:
    async def lost(request: bytes, context: Any) -> bytes:
        raise NotFound("panels", "nope")

    async with serving(Lost=unary(lost)) as channel:
        assert (await failure(channel.unary_unary("/t.T/Lost")(b""))).code() is grpc.StatusCode.NOT_FOUND


async def test_a_leaked_cancellation_becomes_a_status_instead_of_a_hanging_client() -> None:
    async def leak(request: bytes, context: Any) -> bytes:
        raise asyncio.CancelledError

    async with serving(Leak=unary(leak)) as channel:
        assert (await failure(channel.unary_unary("/t.T/Leak")(b""))).code() is grpc.StatusCode.INTERNAL


async def test_a_client_that_leaves_cancels_the_handler() -> None:
    entered, left = asyncio.Event(), asyncio.Event()

    async def wait(request: bytes, context: Any) -> bytes:
        entered.set()
        try:
            await asyncio.sleep(3600)
        finally:
            left.set()
        return b""

    with capture_logs() as logs:
        async with serving(Wait=unary(wait)) as channel:
            call = channel.unary_unary("/t.T/Wait")(b"")
            await entered.wait()
            call.cancel()
            await asyncio.wait_for(left.wait(), 10)
            await asyncio.sleep(0)
    assert logs[-1]["code"] == "CANCELLED"


async def test_a_stream_cancelled_between_writes_is_closed_at_once() -> None:
    closed = asyncio.Event()

    async def endless(request: bytes, context: Any) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 100_000
        finally:
            closed.set()

    handler = grpc.unary_stream_rpc_method_handler(endless, request_deserializer=parse)
    async with serving(Endless=handler) as channel:
        call = channel.unary_stream("/t.T/Endless")(b"")
        await call.read()
        call.cancel()
        await asyncio.wait_for(closed.wait(), 10)


async def test_an_error_in_a_stream_comes_after_what_was_said_before() -> None:
    async def half(request: bytes, context: Any) -> AsyncIterator[bytes]:
        yield b"first"
        raise KeyError("secret")

    handler = grpc.unary_stream_rpc_method_handler(half, request_deserializer=parse)
    async with serving(Half=handler) as channel:
        call = channel.unary_stream("/t.T/Half")(b"")
        assert await call.read() == b"first"
        assert (await failure(call.read())).code() is grpc.StatusCode.INTERNAL


async def test_a_status_that_a_handler_sets_itself_is_kept() -> None:
    async def missing(request: bytes, context: Any) -> bytes:
        context.set_code(grpc.StatusCode.NOT_FOUND)
        return b""

    async with serving(Missing=unary(missing)) as channel:
        assert (await failure(channel.unary_unary("/t.T/Missing")(b""))).code() is grpc.StatusCode.NOT_FOUND


async def test_an_unknown_method_is_unimplemented() -> None:
    async with serving(Echo=unary(echo)) as channel:
        error = await failure(channel.unary_unary("/t.T/Nope")(b""))
        assert error.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_nothing_of_a_refused_call_waits_for_the_garbage_collector() -> None:
    raised: list[weakref.ref[NotFound]] = []

    def not_found() -> NotFound:
        error = NotFound("panels", "x")
        raised.append(weakref.ref(error))
        return error

    async def refuse(request: bytes, context: Any) -> bytes:
        raise not_found()

    async with serving(Refuse=unary(refuse)) as channel:
        gc.collect()
        gc.disable()
        try:
            for _ in range(20):
                await failure(channel.unary_unary("/t.T/Refuse")(b"hi"))
            await asyncio.sleep(0.05)
            left = [each for each in raised if each() is not None]
        finally:
            gc.enable()
        assert len(raised) == 20
        assert len(left) <= 1  # that of the last call may be on its way
