"""Jobs in this process or on a server, by the same messages."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import grpc.aio
from google.longrunning import operations_pb2 as lro
from google.longrunning.operations_pb2_grpc import OperationsStub

from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.api.v1.job_service_pb2_grpc import JobServiceStub
from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import log_quietly
from moa_scorer.app.servers import tls_credentials, token
from moa_scorer.client.channel import aio_channel
from moa_scorer.client.errors import translated

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings
    from moa_scorer.pipelines.desk import Desk
    from moa_scorer.pipelines.runner import Runner

PATIENCE = 60.0
"""Seconds to wait for a server's answer."""
NO_DATABASE = (
    "jobs are kept in the database, and the settings say that there is none: "
    'take `database = "off"` (MOA_SCORER_DATABASE) away'
)


class JobsAt(Protocol):
    """Where jobs are; every method raises MoaError or ScorerError."""

    async def forecast(self, request: pb.ForecastBackfillRequest) -> pb.ForecastBackfillResponse: ...

    async def start(self, request: pb.StartBackfillRequest) -> lro.Operation: ...

    async def calibrate(self, request: pb.StartCalibrationRequest) -> lro.Operation: ...

    async def get(self, name: str) -> lro.Operation: ...

    async def page(self, request: lro.ListOperationsRequest) -> lro.ListOperationsResponse: ...

    async def failures(self, request: pb.ListJobFailuresRequest) -> pb.ListJobFailuresResponse: ...

    async def cancel(self, name: str) -> None: ...

    async def delete(self, name: str) -> None: ...

    async def resume(self, request: pb.ResumeJobRequest) -> lro.Operation: ...

    async def work(self, name: str) -> bool:
        """Works on the job until it has ended or is handed back; False = others do that."""
        ...

    def hand_back(self) -> None:
        """Ends `work` in good order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalJobs:
    """Jobs in the settings' database, worked on in this process."""

    desk: "Desk"
    runner: "Runner"

    async def forecast(self, request: pb.ForecastBackfillRequest) -> pb.ForecastBackfillResponse:
        from moa_scorer.contract.jobs import forecast_backfill

        return await forecast_backfill(self.desk, request, self.desk.limits)

    async def start(self, request: pb.StartBackfillRequest) -> lro.Operation:
        from moa_scorer.contract.jobs import start_backfill

        return await start_backfill(self.desk, request, self.desk.limits)

    async def calibrate(self, request: pb.StartCalibrationRequest) -> lro.Operation:
        from moa_scorer.contract.jobs import start_calibration

        return await start_calibration(self.desk, request)

    async def get(self, name: str) -> lro.Operation:
        from moa_scorer.contract.operations import get_operation

        return await get_operation(self.desk, lro.GetOperationRequest(name=name))

    async def page(self, request: lro.ListOperationsRequest) -> lro.ListOperationsResponse:
        from moa_scorer.contract.operations import list_operations

        return await list_operations(self.desk, request)

    async def failures(self, request: pb.ListJobFailuresRequest) -> pb.ListJobFailuresResponse:
        from moa_scorer.contract.jobs import list_job_failures

        return await list_job_failures(self.desk, request)

    async def cancel(self, name: str) -> None:
        from moa_scorer.contract.operations import cancel_operation

        await cancel_operation(self.desk, lro.CancelOperationRequest(name=name))

    async def delete(self, name: str) -> None:
        from moa_scorer.contract.operations import delete_operation

        await delete_operation(self.desk, lro.DeleteOperationRequest(name=name))

    async def resume(self, request: pb.ResumeJobRequest) -> lro.Operation:
        from moa_scorer.contract.jobs import resume_job

        return await resume_job(self.desk, request)

    async def work(self, name: str) -> bool:
        return await self.runner.run_one(name.rpartition("/")[2])

    def hand_back(self) -> None:
        self.runner.stop()


class RemoteJobs:
    """Jobs on a server."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._jobs: Any = JobServiceStub(channel)
        self._operations: Any = OperationsStub(channel)

    async def forecast(self, request: pb.ForecastBackfillRequest) -> pb.ForecastBackfillResponse:
        return await _called(self._jobs.ForecastBackfill, request)  # type: ignore[no-any-return]

    async def start(self, request: pb.StartBackfillRequest) -> lro.Operation:
        return await _called(self._jobs.StartBackfill, request)

    async def calibrate(self, request: pb.StartCalibrationRequest) -> lro.Operation:
        return await _called(self._jobs.StartCalibration, request)

    async def get(self, name: str) -> lro.Operation:
        return await _called(self._operations.GetOperation, lro.GetOperationRequest(name=name))

    async def page(self, request: lro.ListOperationsRequest) -> lro.ListOperationsResponse:
        return await _called(self._operations.ListOperations, request)

    async def failures(self, request: pb.ListJobFailuresRequest) -> pb.ListJobFailuresResponse:
        return await _called(self._jobs.ListJobFailures, request)  # type: ignore[no-any-return]

    async def cancel(self, name: str) -> None:
        await _called(self._operations.CancelOperation, lro.CancelOperationRequest(name=name))

    async def delete(self, name: str) -> None:
        await _called(self._operations.DeleteOperation, lro.DeleteOperationRequest(name=name))

    async def resume(self, request: pb.ResumeJobRequest) -> lro.Operation:
        return await _called(self._jobs.ResumeJob, request)

    async def work(self, name: str) -> bool:  # noqa: ARG002
        return False

    def hand_back(self) -> None: ...


async def _called(method: Callable[..., Awaitable[Any]], request: Any) -> Any:
    with translated():
        return await method(request, timeout=PATIENCE)


@asynccontextmanager
async def remote_jobs(target: str) -> AsyncIterator[JobsAt]:
    """The jobs of the server at `target`."""
    async with aio_channel(target, tls_credentials(), token()) as channel:
        yield RemoteJobs(channel)


@asynccontextmanager
async def local_jobs(settings: "Settings") -> AsyncIterator[JobsAt]:
    """The jobs in the settings' database; raises ConfigurationError. Loads no model yet."""
    from moa_scorer.app.compose import compose
    from moa_scorer.app.serving.jobs import command_jobs
    from moa_scorer.app.serving.upkeep import remembering

    log_quietly(settings)
    application = compose(settings)
    try:
        async with remembering(application) as found:
            if found.storage is None:
                fail(NO_DATABASE, Exit.REJECTED)
            desk, runner = command_jobs(application, found.storage)
            yield LocalJobs(desk=desk, runner=runner)
    finally:
        await application.aclose()
