"""What callers may say of jobs that others have started, and of pages that nobody gave them."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from google.longrunning import operations_pb2 as lro

from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.contract.access import calling
from moa_scorer.contract.jobs import list_job_failures, resume_job
from moa_scorer.contract.limits import LIMITS
from moa_scorer.contract.operations import cancel_operation, list_operations
from moa_scorer.domain.caller import Caller, Role
from moa_scorer.domain.errors import Forbidden, InvalidRequest
from moa_scorer.domain.job import Job, JobState
from moa_scorer.domain.job_order import Calibration, Order, WhatIf
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import Tenant
from moa_scorer.pipelines.desk import Desk
from moa_scorer.pipelines.folder import Folder
from tests.fakes.jobs import at_work

ACME = Tenant("acme")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with at_work(f"sqlite:///{tmp_path / 'records.db'}") as works:
        places = Folder(path=tmp_path)
        yield Desk(store=works.store, pipeline=works.pipeline, limits=LIMITS, places=places, kinds=())


def as_(*roles: Role) -> Caller:
    return Caller(name="c", tenant=ACME, roles=frozenset(roles))


async def cancelled(desk: Desk, order: Order) -> str:
    """The name of a job with that order, which has ended."""
    now = datetime.now(UTC)
    job = await desk.store.create(Job(name="J1", tenant=ACME, order=order, created=now, updated=now))
    with calling(as_(Role.JOBS)):
        await cancel_operation(desk, lro.CancelOperationRequest(name=f"operations/{job.name}"))
    return f"operations/{job.name}"


async def test_a_calibration_goes_on_for_those_only_who_could_have_started_it(desk: Desk) -> None:
    name = await cancelled(desk, Calibration(panel="p", rubric="r", kind="k"))
    with calling(as_(Role.JOBS)), pytest.raises(Forbidden, match="admin"):
        await resume_job(desk, pb.ResumeJobRequest(name=name))

    assert (await desk.store.get(ACME, "J1")).state is JobState.CANCELLED
    with calling(as_(Role.ADMIN)):
        assert not (await resume_job(desk, pb.ResumeJobRequest(name=name))).done


async def test_other_jobs_go_on_for_whoever_may_start_jobs(desk: Desk) -> None:
    name = await cancelled(desk, WhatIf(records=RecordFilter(tenant=ACME)))
    with calling(as_(Role.JOBS)):
        assert not (await resume_job(desk, pb.ResumeJobRequest(name=name))).done


@pytest.mark.parametrize("holds", ["a\0b", "x" * 150, "9" * 19, "\n", "1/../2"])
async def test_a_page_token_holds_nothing_that_a_database_would_stumble_over(desk: Desk, holds: str) -> None:
    name = await cancelled(desk, WhatIf(records=RecordFilter(tenant=ACME)))
    token = base64.urlsafe_b64encode(holds.encode()).decode()
    with calling(as_(Role.JOBS)):
        with pytest.raises(InvalidRequest, match="page_token"):
            await list_job_failures(desk, pb.ListJobFailuresRequest(name=name, page_token=token))
        if not holds.isdigit():
            with pytest.raises(InvalidRequest, match="page_token"):
                await list_operations(desk, lro.ListOperationsRequest(page_token=token))
