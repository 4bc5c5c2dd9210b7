"""What each method of the service of jobs does, message in and message out, whatever the edge."""

import base64
import binascii
from functools import partial
from typing import Final

from google.longrunning import operations_pb2

from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.contract.access import CALIBRATING, admit, caller, tenant
from moa_scorer.contract.durations import seconds
from moa_scorer.contract.job_messages import (
    failure_message,
    forecast_message,
    forecast_operation,
    operation_message,
)
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.contract.pages import DEFAULT_PAGE, LARGEST_PAGE
from moa_scorer.contract.record_filters import record_filter
from moa_scorer.contract.translate import RETENTIONS, SENSITIVITIES, bare
from moa_scorer.contract.validate import FOREIGN_TOKEN, check, reference_violations
from moa_scorer.contract.validate_jobs import (
    backfill_violations,
    calibration_violations,
    failures_violations,
    resume_violations,
    start_violations,
    what_if_violations,
)
from moa_scorer.domain.errors import InvalidRequest, Precondition
from moa_scorer.domain.job import Job, JobKind
from moa_scorer.domain.job_order import Backfill, Calibration, Columns, WhatIf
from moa_scorer.domain.job_store import JobDesk

NO_JOBS: Final = "this server does no jobs: give it a database and a folder (settings `database`, `jobs_dir`)"
CONCURRENCY: Final = 4
ATTEMPTS: Final = 3
LONGEST_INDEX: Final = 18
"""Digits of an item's index: every database holds such a number."""


async def start_backfill(
    desk: JobDesk | None, message: pb.StartBackfillRequest, limits: Limits = LIMITS
) -> operations_pb2.Operation:
    """The operation of a new backfill; raises InvalidRequest, NotFound, RequestIdReused, and as every method
    here StorageUnavailable, and Precondition where the server does no jobs."""
    check(start_violations(message, limits))
    order = await _backfill(there(desk), message.backfill)
    if message.validate_only:
        return forecast_operation(await there(desk).forecast(tenant(), order))
    return operation(there(desk), await there(desk).start(tenant(), order, message.request_id))


async def forecast_backfill(
    desk: JobDesk | None, message: pb.ForecastBackfillRequest, limits: Limits = LIMITS
) -> pb.ForecastBackfillResponse:
    """What a backfill would take; raises InvalidRequest and NotFound."""
    check(backfill_violations(message.backfill, limits))
    order = await _backfill(there(desk), message.backfill)
    forecast = await there(desk).forecast(tenant(), order)
    return pb.ForecastBackfillResponse(forecast=forecast_message(forecast))


async def start_calibration(
    desk: JobDesk | None, message: pb.StartCalibrationRequest
) -> operations_pb2.Operation:
    """The operation of a new calibration; raises as `start_backfill`."""
    check(calibration_violations(message))
    order = Calibration(
        panel=bare(message.panel),
        rubric=bare(message.rubric),
        kind=message.kind,
        language=message.language,
        accepted=tuple(message.accepted_judges),
        even_if_not_due=message.even_if_not_due,
        who=caller().name,
    )
    return operation(there(desk), await there(desk).start(tenant(), order, message.request_id))


async def start_what_if(desk: JobDesk | None, message: pb.StartWhatIfRequest) -> operations_pb2.Operation:
    """The operation of a new what-if; raises as `start_backfill`."""
    check(what_if_violations(message))
    order = WhatIf(
        records=record_filter(message.records, tenant()),
        policy=bare(message.policy),
        snapshot=bare(message.snapshot),
        weights=dict(message.weights),
        without=tuple(message.without_judges),
        only=tuple(message.only_judges),
        quorum=message.quorum if message.HasField("quorum") else None,
    )
    return operation(there(desk), await there(desk).start(tenant(), order, message.request_id))


async def resume_job(desk: JobDesk | None, message: pb.ResumeJobRequest) -> operations_pb2.Operation:
    """The operation of a job that goes on; raises InvalidRequest, NotFound, Precondition for one at work, and
    Forbidden for a calibration where the caller could not have started it."""
    check(resume_violations(message))
    if (await there(desk).store.get(tenant(), bare(message.name))).kind is JobKind.CALIBRATION:
        admit(caller(), CALIBRATING)
    ceiling = message.cost_ceiling.micro_usd if message.HasField("cost_ceiling") else None
    return operation(there(desk), await there(desk).resume(tenant(), bare(message.name), ceiling))


async def list_job_failures(
    desk: JobDesk | None, message: pb.ListJobFailuresRequest
) -> pb.ListJobFailuresResponse:
    """A page of what failed in a job; raises InvalidRequest and NotFound."""
    check(failures_violations(message))
    size, after = page_size(message.page_size), int(_after(message.page_token) or -1)
    found = await there(desk).store.failures(tenant(), bare(message.name), size + 1, after)
    following = token(str(found[size - 1].index)) if len(found) > size else ""
    return pb.ListJobFailuresResponse(
        failures=[failure_message(item) for item in found[:size]], next_page_token=following
    )


def operation(desk: JobDesk, job: Job) -> operations_pb2.Operation:
    """A job's operation, as its tenant sees it."""
    return operation_message(job, partial(desk.shown, job.tenant))


def there(desk: JobDesk | None) -> JobDesk:
    """The desk; raises Precondition where there is none."""
    if desk is None:
        raise Precondition("jobs", NO_JOBS)
    return desk


def page_size(asked: int) -> int:
    """Entries of a page."""
    return min(asked or DEFAULT_PAGE, LARGEST_PAGE)


def token(last: str) -> str:
    """Asks for the page that follows an entry."""
    return base64.urlsafe_b64encode(last.encode()).decode()


def after(page_token: str) -> str:
    """The entry that a page follows; empty = the first page. Raises InvalidRequest."""
    try:
        found = base64.urlsafe_b64decode(page_token.encode()).decode()
    except (ValueError, binascii.Error):
        raise InvalidRequest((FOREIGN_TOKEN,)) from None
    if any(reference_violations("page_token", "operations", found, versioned=False)):
        raise InvalidRequest((FOREIGN_TOKEN,))
    return found


def _after(page_token: str) -> str:
    """The same for an index."""
    found = after(page_token)
    if found and not (found.isascii() and found.isdigit() and len(found) <= LONGEST_INDEX):
        raise InvalidRequest((FOREIGN_TOKEN,))
    return found


async def _backfill(desk: JobDesk, message: pb.Backfill) -> Backfill:
    columns = {field.name: value for field, value in message.columns.ListFields()}
    source, output = await desk.files(tenant(), message.input, message.output, Columns(**columns))
    return Backfill(
        source=source,
        output=output,
        panel=bare(message.panel),
        rubric=bare(message.rubric),
        policy=bare(message.policy),
        sensitivity=SENSITIVITIES[message.sensitivity],
        retention=RETENTIONS[message.retention],
        seed=message.seed,
        tags=dict(sorted(message.tags.items())),
        kind=message.kind,
        language=message.language,
        item_budget=seconds(message.item_latency_budget) if message.HasField("item_latency_budget") else None,
        item_cost=message.item_cost_ceiling.micro_usd if message.HasField("item_cost_ceiling") else None,
        max_cost=message.cost_ceiling.micro_usd if message.HasField("cost_ceiling") else None,
        concurrency=message.concurrency or CONCURRENCY,
        attempts=message.attempts or ATTEMPTS,
    )
