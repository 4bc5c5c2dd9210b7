"""Jobs as operations, their progress and failures as messages."""

from collections.abc import Callable
from typing import Final

from google.longrunning import operations_pb2
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from moa_scorer.api.v1 import job_pb2
from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.contract.durations import duration
from moa_scorer.contract.errors import DOMAIN
from moa_scorer.contract.moments import stamp
from moa_scorer.contract.money import cost_message
from moa_scorer.contract.texts import sound
from moa_scorer.domain.job import (
    Forecast,
    Job,
    JobKind,
    JobState,
    Problem,
    Progress,
    RetryClass,
    Settled,
)
from moa_scorer.domain.job_order import Backfill

KINDS: Final = {each: job_pb2.JobKind.Value(f"JOB_KIND_{each.name}") for each in JobKind}
STATES: Final = {each: job_pb2.JobState.Value(f"JOB_STATE_{each.name}") for each in JobState}
RETRIES: Final = {each: job_pb2.RetryClass.Value(f"RETRY_CLASS_{each.name}") for each in RetryClass}
RESULTS: Final[dict[JobKind, type[Message]]] = {
    JobKind.CALIBRATION: pb.CalibrationResponse,
    JobKind.WHAT_IF: pb.WhatIfResponse,
}
"""What the result of a job is, as JSON."""
_CODES: Final = {
    Problem.COST_CEILING: code_pb2.RESOURCE_EXHAUSTED,
    Problem.INPUT: code_pb2.FAILED_PRECONDITION,
    Problem.OUTPUT: code_pb2.FAILED_PRECONDITION,
    Problem.PRECONDITION: code_pb2.FAILED_PRECONDITION,
    Problem.BUG: code_pb2.INTERNAL,
}

Shown = Callable[[str], str]
"""A path of an order as callers name it."""


def operation_message(job: Job, shown: Shown) -> operations_pb2.Operation:
    """The operation of a job."""
    operation = operations_pb2.Operation(name=f"operations/{job.name}", done=job.state.ended)
    operation.metadata.Pack(_metadata(job, shown))
    if job.state is JobState.SUCCEEDED:
        operation.response.Pack(_response(job, shown))
    elif job.state.ended:
        operation.error.CopyFrom(_error(job))
    return operation


def forecast_operation(forecast: Forecast) -> operations_pb2.Operation:
    """The operation of a call that only validates: it has no name."""
    operation = operations_pb2.Operation(done=True)
    operation.response.Pack(pb.BackfillResponse(forecast=forecast_message(forecast)))
    return operation


def forecast_message(forecast: Forecast) -> job_pb2.JobForecast:
    """What a backfill is expected to take."""
    return job_pb2.JobForecast(
        items=forecast.items,
        sampled=forecast.sampled,
        unreadable=forecast.unreadable,
        calls=forecast.calls,
        most_cost=cost_message(forecast.micro_usd),
        duration=duration(forecast.seconds),
    )


def failure_message(item: Settled) -> job_pb2.JobFailure:
    """An item that failed or was set aside."""
    return job_pb2.JobFailure(
        item=item.index,
        line=item.line,
        content_id=sound(item.id),
        retry_class=RETRIES[item.retry] if item.retry else job_pb2.RETRY_CLASS_UNSPECIFIED,
        reason=sound(item.reason),
        attempts=item.attempts,
    )


def progress_message(progress: Progress) -> job_pb2.JobProgress:
    """How far a job is."""
    return job_pb2.JobProgress(
        total=progress.total,
        done=progress.done,
        scored=progress.scored,
        unscored=progress.unscored,
        failed=progress.failed,
        set_aside=progress.set_aside,
        calls=progress.calls,
        cost=cost_message(progress.micro_usd),
    )


def _metadata(job: Job, shown: Shown) -> job_pb2.JobMetadata:
    message = job_pb2.JobMetadata(
        kind=KINDS[job.kind],
        state=STATES[job.state],
        cancelling=job.cancelling and not job.state.ended,
        progress=progress_message(job.progress),
        create_time=stamp(job.created),
        start_time=stamp(job.started),
        update_time=stamp(job.updated),
        end_time=stamp(job.ended),
        expected_end_time=stamp(job.expected_end),
    )
    if isinstance(job.order, Backfill):
        message.input, message.output = shown(job.order.source.path), shown(job.order.output)
    return message


def _response(job: Job, shown: Shown) -> Message:
    if isinstance(job.order, Backfill):
        return pb.BackfillResponse(output=shown(job.order.output), progress=progress_message(job.progress))
    return json_format.Parse(job.result, RESULTS[job.kind](), ignore_unknown_fields=True)


def _error(job: Job) -> status_pb2.Status:
    if job.problem is None:
        return status_pb2.Status(code=code_pb2.CANCELLED, message="the job was cancelled")
    status = status_pb2.Status(code=_CODES[job.problem], message=sound(job.detail))
    reason = f"JOB_{job.problem.name}"
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN))
    return status
