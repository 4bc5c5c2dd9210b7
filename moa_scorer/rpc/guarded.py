"""A gRPC server whose methods are all behind a guard, and that a path which is not UTF-8 does not end.

The main loop of grpcio 1.85 decodes the path of every call of a method that is not registered, and ends for
good when that fails: one such call, which needs no credentials, leaves a process that answers nobody. Here
every method is registered, and calls of others are answered before the loop sees them. The names used are
grpcio's own and may change: where they did, the server is the library's as it is, and the log says so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

import grpc.aio
from grpc._cython import cygrpc  # type: ignore[attr-defined]

from moa_scorer.telemetry import events

UNKNOWN: Final = "unknown"
"""What is logged in place of a path that nobody can trust."""
_NEEDED: Final = ("_handle_rpc", "_schedule_rpc_coro", "_MethodResolver", "get_working_loop")

Options = Sequence[tuple[str, int]]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Guard = Callable[[str, Handler], Handler]
"""A method's full name and its handler -> the handler that is called instead."""
Find: TypeAlias = "Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]"


def unguarded(_: str, handler: Handler) -> Handler:
    """The handler as it is."""
    return handler


def make_server(guard: Guard = unguarded, options: Options = ()) -> grpc.aio.Server:
    """A server that is not started; `options` as `grpc.aio.server` takes them.

    Handlers are guarded once, when they are added: an interceptor would be asked at every call, which takes
    a tenth of what the library does for one.
    """
    if not all(hasattr(cygrpc, name) for name in _NEEDED) or not hasattr(cygrpc.AioServer, "_request_call"):
        events.transport_unguarded(grpcio=grpc.__version__)
        return grpc.aio.server(interceptors=(_Guarding(guard),), options=options)
    return _Server(guard, options)


class _Core(cygrpc.AioServer):  # type: ignore[misc]
    """The library's, but for calls of methods that are not registered."""

    _answers: set["asyncio.Task[Any]"]

    async def _request_call(self) -> Any:
        """Answers such calls, one after the other, with UNIMPLEMENTED; raises when the server shuts down."""
        self._answers, loop = set(), asyncio.get_running_loop()
        nothing = cygrpc._MethodResolver([], {})
        while True:
            call = await super()._request_call()
            answer = cygrpc._handle_rpc(UNKNOWN, nothing, (), call, loop, False)
            task = loop.create_task(cygrpc._schedule_rpc_coro(answer, call, loop, UNKNOWN))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)


class _Server(grpc.aio._server.Server):  # type: ignore[name-defined, misc]
    """The library's around that core."""

    def __init__(self, guard: Guard, options: Options) -> None:
        self._guard = guard
        self._loop = cygrpc.get_working_loop()
        self._server = _Core(self._loop, None, (), (), tuple(options), None)

    def add_generic_rpc_handlers(self, generic_rpc_handlers: Sequence[Any]) -> None:
        """Registers every method: generated code of some libraries does not."""
        for service in generic_rpc_handlers:
            handlers = service._method_handlers.items()
            guarded = {method: self._guard(method, handler) for method, handler in handlers}
            self._server.add_registered_method_handlers(guarded)

    def add_registered_method_handlers(self, service_name: str, method_handlers: Any) -> None:
        """Nothing more to do: generated code adds its handlers in the other way too."""


class _Guarding(grpc.aio.ServerInterceptor):
    """The guard of a server of the library's own."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._guarded: dict[str, Handler] = {}

    async def intercept_service(self, find: Find, called: grpc.HandlerCallDetails) -> "Handler | None":
        if called.method not in self._guarded:
            handler = await find(called)
            if handler is None:
                return None
            self._guarded[called.method] = self._guard(called.method, handler)
        return self._guarded[called.method]
