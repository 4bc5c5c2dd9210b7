"""One gRPC server, built but not started."""

from dataclasses import dataclass
from typing import Final

import grpc
import grpc.aio
from google.longrunning import operations_pb2
from google.longrunning.operations_pb2_grpc import add_OperationsServicer_to_server

from moa_scorer.api.v1 import (
    catalog_service_pb2,
    feedback_service_pb2,
    job_service_pb2,
    record_service_pb2,
    scoring_service_pb2,
)
from moa_scorer.api.v1.catalog_service_pb2_grpc import add_CatalogServiceServicer_to_server
from moa_scorer.api.v1.feedback_service_pb2_grpc import add_FeedbackServiceServicer_to_server
from moa_scorer.api.v1.job_service_pb2_grpc import add_JobServiceServicer_to_server
from moa_scorer.api.v1.record_service_pb2_grpc import add_RecordServiceServicer_to_server
from moa_scorer.api.v1.scoring_service_pb2_grpc import add_ScoringServiceServicer_to_server
from moa_scorer.contract.credentials import OPEN, Authenticator
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.domain.job_store import JobDesk
from moa_scorer.rpc.feedback_servicer import FeedbackServicer
from moa_scorer.rpc.guarded import make_server
from moa_scorer.rpc.health import SERVICE as HEALTH
from moa_scorer.rpc.health import Health
from moa_scorer.rpc.interceptors import Boundary
from moa_scorer.rpc.job_servicer import JobServicer, Operations
from moa_scorer.rpc.record_servicer import RecordServicer
from moa_scorer.rpc.reflection import add_reflection
from moa_scorer.rpc.servicer import CatalogServicer, ScoringServicer
from moa_scorer.scoring.pipeline import Pipeline

SERVICES: Final[tuple[str, ...]] = (
    scoring_service_pb2.DESCRIPTOR.services_by_name["ScoringService"].full_name,
    catalog_service_pb2.DESCRIPTOR.services_by_name["CatalogService"].full_name,
    record_service_pb2.DESCRIPTOR.services_by_name["RecordService"].full_name,
    job_service_pb2.DESCRIPTOR.services_by_name["JobService"].full_name,
    operations_pb2.DESCRIPTOR.services_by_name["Operations"].full_name,
    feedback_service_pb2.DESCRIPTOR.services_by_name["FeedbackService"].full_name,
)
"""Full names of the services that do the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How the transport behaves."""

    message_bytes: int = 16 * 1024 * 1024
    """Largest message either way: above the application's limits, which answer with words."""
    share_port: bool = False
    """Whether other processes may bind the same port (one worker process per core)."""
    keepalive_seconds: float = 60.0
    """A silent connection is pinged this often."""
    keepalive_timeout_seconds: float = 20.0
    """A ping unanswered for this long closes the connection."""
    least_client_ping_seconds: float = 10.0
    """Clients that ping more often than this are told to stop."""
    connection_age_seconds: float = 0.0
    """A connection this old is asked to end, give or take a tenth; 0 = never."""
    connection_age_grace_seconds: float = 330.0
    """Calls on it may take so much longer."""
    connection_idle_seconds: float = 0.0
    """A connection without a call for so long is ended; 0 = never."""
    handshake_seconds: float = 20.0
    """A connection that has not begun after so long is closed."""
    connections: int = 10_000
    """Open at once; more are closed as they come."""
    streams: int = 1_000
    """Calls at once on one connection; its further ones wait at the client."""
    metadata_bytes: int = 16 * 1024
    """Largest metadata of a call; above it the call fails with RESOURCE_EXHAUSTED."""
    reflection: bool = True
    """Whether the services describe themselves to tools such as grpcurl."""

    def channel_arguments(self) -> list[tuple[str, int]]:
        """The same as gRPC's own options."""
        return [
            ("grpc.max_receive_message_length", self.message_bytes),
            ("grpc.max_send_message_length", self.message_bytes),
            ("grpc.so_reuseport", int(self.share_port)),
            ("grpc.keepalive_time_ms", round(self.keepalive_seconds * 1e3)),
            ("grpc.keepalive_timeout_ms", round(self.keepalive_timeout_seconds * 1e3)),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_ping_interval_without_data_ms", round(self.least_client_ping_seconds * 1e3)),
            ("grpc.max_connection_age_ms", _milliseconds(self.connection_age_seconds)),
            ("grpc.max_connection_age_grace_ms", _milliseconds(self.connection_age_grace_seconds)),
            ("grpc.max_connection_idle_ms", _milliseconds(self.connection_idle_seconds)),
            ("grpc.server_handshake_timeout_ms", _milliseconds(self.handshake_seconds)),
            ("grpc.max_allowed_incoming_connections", self.connections),
            ("grpc.max_concurrent_streams", self.streams),
            ("grpc.max_metadata_size", self.metadata_bytes),
            ("grpc.absolute_max_metadata_size", self.metadata_bytes),
        ]


_NEVER: Final = 2**31 - 1
"""What the transport takes for "never"."""


def _milliseconds(seconds: float) -> int:
    return min(round(seconds * 1e3), _NEVER) or _NEVER


DEFAULT_OPTIONS: Final = ServerOptions()


async def build_server(
    pipeline: Pipeline,
    *,
    address: str,
    options: ServerOptions = DEFAULT_OPTIONS,
    limits: Limits = LIMITS,
    jobs: JobDesk | None = None,
    authenticator: Authenticator = OPEN,
    credentials: grpc.ServerCredentials | None = None,
) -> tuple[grpc.aio.Server, int, Health]:
    """The server with every service, the port it is bound to, and its health, which says NOT_SERVING.

    Nothing is answered before `server.start()`. `address` is `host:port`, port 0 for any free one; without
    `credentials` connections are not encrypted, and without `jobs` there are none. Raises RuntimeError when
    the address cannot be bound.
    """
    boundary = Boundary(pipeline.clock, authenticator, pipeline.quotas)
    server = make_server((boundary,), options.channel_arguments())
    health = Health(SERVICES)
    add_ScoringServiceServicer_to_server(ScoringServicer(pipeline, health.draining, limits), server)
    add_CatalogServiceServicer_to_server(CatalogServicer(pipeline), server)
    add_RecordServiceServicer_to_server(RecordServicer(pipeline), server)
    add_FeedbackServiceServicer_to_server(FeedbackServicer(pipeline), server)
    add_JobServiceServicer_to_server(JobServicer(jobs, limits), server)
    add_OperationsServicer_to_server(Operations(jobs), server)
    await health.start(server)
    if options.reflection:
        add_reflection(server, (*SERVICES, HEALTH))
    if credentials is None:
        return server, server.add_insecure_port(address), health
    return server, server.add_secure_port(address, credentials), health
