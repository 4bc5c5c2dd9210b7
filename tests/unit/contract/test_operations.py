"""Waiting for a job is bounded, in time and in how many of a tenant wait."""

import asyncio
from typing import Any, cast

import pytest
from google.longrunning import operations_pb2

from moa_scorer.contract import operations
from moa_scorer.contract.access import calling
from moa_scorer.contract.operations import LONGEST_WAIT, WAITING, Waiting, wait_operation
from moa_scorer.domain.caller import Caller, Role
from moa_scorer.domain.errors import Overloaded
from moa_scorer.domain.job import JobState
from moa_scorer.domain.job_store import JobDesk
from moa_scorer.domain.tenant import Tenant

EVIL, GOOD = (
    Caller(name=name, tenant=Tenant(name), roles=frozenset({Role.JOBS})) for name in ("evil", "good")
)


def for_years() -> operations_pb2.WaitOperationRequest:
    wait = operations_pb2.WaitOperationRequest(name="operations/one")
    wait.timeout.FromSeconds(10**9)
    return wait


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> JobDesk:
    """A desk with one job, which never ends."""

    async def same(*_: object) -> Any:
        return type("Job", (), {"state": JobState.RUNNING})

    monkeypatch.setattr(operations, "_job", same)
    monkeypatch.setattr(operations, "operation", lambda *_: operations_pb2.Operation(name="operations/one"))
    return cast(JobDesk, object())


async def test_nobody_waits_longer_than_a_minute_whatever_they_ask_for(
    desk: JobDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(operations.asyncio, "sleep", sleep)
    await wait_operation(desk, for_years(), None, Waiting())
    assert sum(slept) == pytest.approx(LONGEST_WAIT)
    assert len(slept) < 60


async def test_a_tenant_that_waits_very_often_keeps_nobody_else_from_waiting(desk: JobDesk) -> None:
    waiting = Waiting()
    with calling(EVIL):
        many = [asyncio.create_task(wait_operation(desk, for_years(), None, waiting)) for _ in range(WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await wait_operation(desk, for_years(), None, waiting)
    with calling(GOOD):
        assert await wait_operation(desk, for_years(), 0.11, waiting)
    for each in many:
        each.cancel()
    await asyncio.gather(*many, return_exceptions=True)
    assert not waiting.calls
