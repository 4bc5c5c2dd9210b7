"""One gRPC server, built but not started."""

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
from moa_scorer.rpc.boundary import boundary
from moa_scorer.rpc.feedback_servicer import FeedbackServicer
from moa_scorer.rpc.guarded import make_server
from moa_scorer.rpc.health import SERVICE as HEALTH
from moa_scorer.rpc.health import Health
from moa_scorer.rpc.job_servicer import JobServicer, Operations
from moa_scorer.rpc.options import DEFAULT_OPTIONS, ServerOptions
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
    guard = boundary(pipeline.clock, authenticator, pipeline.quotas)
    server = make_server(guard, options.channel_arguments())
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
