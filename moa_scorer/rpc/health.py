"""Health per service, in the standard protocol."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVICE: Final[str] = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
WHOLE: Final = ""
"""Name under which the server as a whole is asked about."""

Status = health_pb2.HealthCheckResponse
Context = grpc.aio.ServicerContext[Any, Any]


class Health(health_pb2_grpc.HealthServicer):
    """What load balancers are told. Starts as NOT_SERVING everywhere; after `drain` it stays so.

    Unlike the servicer that the protocol's package brings, a drain ends every watch once it was told
    NOT_SERVING: an open watch is a call in flight, which the server would wait for.
    """

    def __init__(self, services: Sequence[str]) -> None:
        self._statuses: dict[str, int] = dict.fromkeys((WHOLE, *services), Status.NOT_SERVING)
        self._drained = False
        self.draining = asyncio.Event()
        """Set by the drain, for calls that last."""
        self._changed = asyncio.Event()

    async def start(self, server: grpc.aio.Server) -> None:
        """Adds the health service to a server that does not run yet."""
        health_pb2_grpc.add_HealthServicer_to_server(self, server)

    @property
    def is_serving(self) -> bool:
        """Whether the server as a whole says SERVING."""
        return self._statuses[WHOLE] == Status.SERVING

    async def serving(self) -> None:
        """Says SERVING for every service: call it when the judges are warm."""
        if not self._drained:
            self._set_all(Status.SERVING)

    async def drain(self) -> None:
        """Says NOT_SERVING for every service, for good, and ends the watches."""
        self._drained = True
        self.draining.set()
        self._set_all(Status.NOT_SERVING)

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Context) -> Status:
        """The protocol's method: NOT_FOUND for a service that the server does not have."""
        if request.service not in self._statuses:
            context.set_code(grpc.StatusCode.NOT_FOUND)
            return Status()
        return Status(status=self._statuses[request.service])

    async def Watch(
        self,
        request: health_pb2.HealthCheckRequest,
        context: Context,  # noqa: ARG002 - the name is the protocol's
    ) -> AsyncGenerator[Status, None]:
        """The protocol's method: the status now and whenever it has changed, until the drain."""
        told: int | None = None
        while True:
            # Taken together with the status: what changes while it is being sent is seen in the next round.
            drained, changed = self._drained, self._changed
            status = self._statuses.get(request.service, Status.SERVICE_UNKNOWN)
            if status != told:
                yield Status(status=status)
                told = status
            if drained:
                return
            await changed.wait()

    def _set_all(self, status: int) -> None:
        self._statuses = dict.fromkeys(self._statuses, status)
        self._changed.set()
        self._changed = asyncio.Event()
