"""The gRPC server for operators, on an address of its own, built but not started."""

from typing import Final

import grpc
import grpc.aio

from moa_scorer.api.v1 import admin_service_pb2
from moa_scorer.api.v1.admin_service_pb2_grpc import add_AdminServiceServicer_to_server
from moa_scorer.contract.credentials import OPEN, Authenticator
from moa_scorer.domain.admin import AdminDesk
from moa_scorer.domain.audit_log import AuditLog
from moa_scorer.domain.budget import Clock
from moa_scorer.rpc.admin_servicer import AdminServicer
from moa_scorer.rpc.boundary import boundary
from moa_scorer.rpc.guarded import make_server
from moa_scorer.rpc.health import SERVICE as HEALTH
from moa_scorer.rpc.health import Health
from moa_scorer.rpc.options import DEFAULT_OPTIONS, ServerOptions
from moa_scorer.rpc.reflection import add_reflection

SERVICE: Final[str] = admin_service_pb2.DESCRIPTOR.services_by_name["AdminService"].full_name


async def build_admin_server(
    desk: AdminDesk,
    log: AuditLog | None,
    clock: Clock,
    *,
    address: str,
    options: ServerOptions = DEFAULT_OPTIONS,
    authenticator: Authenticator = OPEN,
    credentials: grpc.ServerCredentials | None = None,
) -> tuple[grpc.aio.Server, int]:
    """The server and the port it is bound to; its health says SERVING once it has started.

    Raises RuntimeError when the address cannot be bound.
    """
    server = make_server(boundary(clock, authenticator), options.channel_arguments())
    add_AdminServiceServicer_to_server(AdminServicer(desk, log), server)
    health = Health((SERVICE,))
    await health.start(server)
    await health.serving()
    if options.reflection:
        add_reflection(server, (SERVICE, HEALTH))
    if credentials is None:
        return server, server.add_insecure_port(address)
    return server, server.add_secure_port(address, credentials)
