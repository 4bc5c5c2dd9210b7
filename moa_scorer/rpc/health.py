"""Health per service, in the standard protocol."""

from collections.abc import Sequence
from typing import Final

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer

SERVICE: Final[str] = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
WHOLE: Final = ""
"""Name under which the server as a whole is asked about."""


class Health:
    """What load balancers are told. Starts as NOT_SERVING everywhere; after `drain` it stays so."""

    def __init__(self, services: Sequence[str]) -> None:
        self._servicer = HealthServicer()
        self._names = (WHOLE, *services)

    async def start(self, server: grpc.aio.Server) -> None:
        """Adds the health service to a server that does not run yet."""
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)
        await self._set_all(health_pb2.HealthCheckResponse.NOT_SERVING)

    async def serving(self) -> None:
        """Says SERVING for every service: call it when the judges are warm."""
        await self._set_all(health_pb2.HealthCheckResponse.SERVING)

    async def drain(self) -> None:
        """Says NOT_SERVING for every service, for good."""
        await self._servicer.enter_graceful_shutdown()

    async def _set_all(self, status: int) -> None:
        for name in self._names:
            await self._servicer.set(name, status)
