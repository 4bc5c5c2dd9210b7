"""The gRPC services of jobs: each method is one call."""

from typing import Any

import grpc.aio
from google.longrunning import operations_pb2
from google.longrunning.operations_pb2_grpc import OperationsServicer
from google.protobuf.empty_pb2 import Empty

from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.api.v1.job_service_pb2_grpc import JobServiceServicer
from moa_scorer.contract import jobs, operations
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.domain.job_store import JobDesk

Context = grpc.aio.ServicerContext[Any, Any]


class JobServicer(JobServiceServicer):
    """Takes orders for jobs."""

    def __init__(self, desk: JobDesk | None, limits: Limits = LIMITS) -> None:
        """None = the server does no jobs, and says so."""
        self._desk = desk
        self._limits = limits

    async def StartBackfill(self, request: pb.StartBackfillRequest, _: Context) -> operations_pb2.Operation:
        return await jobs.start_backfill(self._desk, request, self._limits)

    async def ForecastBackfill(
        self, request: pb.ForecastBackfillRequest, _: Context
    ) -> pb.ForecastBackfillResponse:
        return await jobs.forecast_backfill(self._desk, request, self._limits)

    async def StartCalibration(
        self, request: pb.StartCalibrationRequest, _: Context
    ) -> operations_pb2.Operation:
        return await jobs.start_calibration(self._desk, request)

    async def StartWhatIf(self, request: pb.StartWhatIfRequest, _: Context) -> operations_pb2.Operation:
        return await jobs.start_what_if(self._desk, request)

    async def ResumeJob(self, request: pb.ResumeJobRequest, _: Context) -> operations_pb2.Operation:
        return await jobs.resume_job(self._desk, request)

    async def ListJobFailures(
        self, request: pb.ListJobFailuresRequest, _: Context
    ) -> pb.ListJobFailuresResponse:
        return await jobs.list_job_failures(self._desk, request)


class Operations(OperationsServicer):  # type: ignore[misc]
    """Tells of jobs and ends them, as every service with long-running operations does."""

    def __init__(self, desk: JobDesk | None) -> None:
        self._desk = desk
        self._waiting = operations.Waiting()

    async def GetOperation(
        self, request: operations_pb2.GetOperationRequest, _: Context
    ) -> operations_pb2.Operation:
        return await operations.get_operation(self._desk, request)

    async def ListOperations(
        self, request: operations_pb2.ListOperationsRequest, _: Context
    ) -> operations_pb2.ListOperationsResponse:
        return await operations.list_operations(self._desk, request)

    async def CancelOperation(self, request: operations_pb2.CancelOperationRequest, _: Context) -> Empty:
        await operations.cancel_operation(self._desk, request)
        return Empty()

    async def DeleteOperation(self, request: operations_pb2.DeleteOperationRequest, _: Context) -> Empty:
        await operations.delete_operation(self._desk, request)
        return Empty()

    async def WaitOperation(
        self, request: operations_pb2.WaitOperationRequest, context: Context
    ) -> operations_pb2.Operation:
        return await operations.wait_operation(self._desk, request, context.time_remaining(), self._waiting)
