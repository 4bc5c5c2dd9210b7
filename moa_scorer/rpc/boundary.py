"""The outermost layer of every call: request id, log context, who calls, bytes to message, error boundary."""

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial
from random import getrandbits
from typing import Any, Final

import grpc
import grpc.aio

from moa_scorer.contract.access import admit, calling, role_of
from moa_scorer.contract.calls import whereabouts
from moa_scorer.contract.credentials import OPEN, Authenticator
from moa_scorer.contract.errors import InternalError, code_of, known, status_of
from moa_scorer.contract.left import headers
from moa_scorer.domain.budget import Clock
from moa_scorer.domain.caller import ANYONE
from moa_scorer.domain.errors import MoaError, Overloaded
from moa_scorer.rpc.guarded import Guard, Handler
from moa_scorer.rpc.identity import credentials_of
from moa_scorer.rpc.reading import Read, reader
from moa_scorer.scoring.charging import Quotas
from moa_scorer.scoring.remaining import Remaining, remaining
from moa_scorer.telemetry import events, metrics, spans
from moa_scorer.telemetry.context import request_scope, tenant_scope

REQUEST_ID: Final = "x-request-id"
STATUS_DETAILS: Final = "grpc-status-details-bin"
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")

Context = grpc.aio.ServicerContext[Any, Any]
Serve = Callable[[Any, Context], Awaitable[Any]]


class CallerGone(Exception):
    """The connection or the call ended in the middle of a write."""


def boundary(clock: Clock, authenticator: Authenticator = OPEN, quotas: Quotas | None = None) -> Guard:
    """What puts a method behind the boundary, those of the standard services too; nothing else may abort a
    call."""
    return partial(guarded, clock=clock, authenticator=authenticator, quotas=quotas or Quotas())


def guarded(
    method: str, handler: Handler, *, clock: Clock, authenticator: Authenticator, quotas: Quotas
) -> Handler:
    """The same handler behind the boundary, which reads no bytes of callers that it does not know."""
    read = reader(method, handler.request_deserializer) if handler.request_deserializer else _as_it_is
    serve = _admitted(method, _serving(handler, read), authenticator, quotas)

    async def call(request: Any, context: Context) -> Any:
        return await _run(method, serve, request, context, clock)

    make = _MAKERS[handler.request_streaming, handler.response_streaming]
    return make(call, request_deserializer=None, response_serializer=handler.response_serializer)


_MAKERS: Final[dict[tuple[bool, bool], Callable[..., Handler]]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def _as_it_is(data: bytes) -> bytes:
    return data


def _serving(handler: Handler, read: Read) -> Serve:
    """The handler's behaviour as one coroutine function, whatever its kind.

    Streams are written by hand so that the generator is closed here, in the call's own task, even when the
    call is cancelled in the middle of a write.
    """
    behaviour: Any = (
        handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
    )

    async def serve(request: Any, context: Context) -> Any:
        message = _each_read(request, read) if handler.request_streaming else read(request)
        outcome = behaviour(message, context)
        if not inspect.isasyncgen(outcome):
            return await outcome
        async with aclosing(outcome) as responses:
            async for response in responses:
                await _write(context, response)
        return None

    return serve


async def _write(context: Context, response: Any) -> None:
    """Sends a part of a stream; raises CallerGone when nobody is there any more to take it."""
    try:
        await context.write(response)
    except grpc.aio.InternalError:
        raise CallerGone from None


def _admitted(method: str, serve: Serve, authenticator: Authenticator, quotas: Quotas) -> Serve:
    """The same behaviour for callers that are known, may call the method and have calls left."""
    if role_of(method) is None:
        return serve

    async def admitted(request: Any, context: Context) -> Any:
        caller = ANYONE if authenticator.open else await authenticator.caller(credentials_of(context))
        admit(caller, method)
        with calling(caller), tenant_scope(caller.tenant):
            await quotas.call(caller.tenant)
            return await serve(request, context)

    return admitted


async def _each_read(requests: AsyncIterator[bytes], read: Read) -> AsyncIterator[Any]:
    async for request in requests:
        yield read(request)


async def _run(method: str, serve: Serve, request: Any, context: Context, clock: Clock) -> Any:
    started = clock.monotonic()
    request_id = _request_id(context)
    code, shed = grpc.StatusCode.CANCELLED, False
    with (
        metrics.call_in_flight(),
        request_scope(request_id=request_id, method=method),
        remaining() as left,
        spans.call(method, request_id, _words(context) if spans.on() else {}) as span,
    ):
        try:
            context.set_trailing_metadata(((REQUEST_ID, request_id),))
            response = await serve(request, context)
            if left:
                context.set_trailing_metadata(((REQUEST_ID, request_id), *headers(left.values())))
            code = context.code() or grpc.StatusCode.OK
            return response
        except CallerGone:
            return None
        except (Exception, asyncio.CancelledError) as error:
            if _ended_from_outside(error):
                raise
            code, shed = code_of(known(error)), isinstance(error, Overloaded)
            await _abort(context, _shown(error), request_id, left)
        finally:
            spans.call_ended(span, code.name)
            seconds = clock.monotonic() - started
            events.rpc_finished(method=method, code=code.name, seconds=seconds, shed=shed)


def _ended_from_outside(error: BaseException) -> bool:
    """Whether the client left, its deadline passed or the server stopped: nobody awaits a status."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def _shown(error: BaseException) -> MoaError:
    """What a caller may see of it. A cancellation that leaked from inside is a bug like any other."""
    shown = known(error)
    if isinstance(shown, InternalError):
        events.rpc_crashed(error=whereabouts(error))
    return shown


async def _abort(context: Context, error: MoaError, request_id: str, left: Remaining) -> None:
    """Ends the call with the error's status; the library raises by itself when this has returned.

    The library keeps the exception with the call. One that led back to the call, by its traceback or by the
    error that it came of, would keep all of it until the garbage collector comes.
    """
    status = status_of(error)
    told = ((REQUEST_ID, request_id), *headers(left.values()))
    details = (*told, (STATUS_DETAILS, status.SerializeToString()))
    try:
        await context.abort(code_of(error), status.message, details)
    except grpc.aio.AbortError as aborted:
        aborted.__context__ = aborted.__traceback__ = None


def _request_id(context: Context) -> str:
    said = _words(context).get(REQUEST_ID, "")
    return said if _SAFE_ID.fullmatch(said) else f"{getrandbits(128):032x}"


def _words(context: Context) -> dict[str, str]:
    """The caller's headers that hold text."""
    metadata: Sequence[tuple[str, str | bytes]] = tuple(context.invocation_metadata() or ())
    return {key: value for key, value in metadata if isinstance(value, str)}
