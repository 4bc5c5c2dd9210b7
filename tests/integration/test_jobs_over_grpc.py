"""Jobs as long-running operations of a real server."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.longrunning import operations_pb2 as lro
from google.longrunning.operations_pb2_grpc import OperationsStub

from moa_scorer.api.v1 import job_pb2
from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.api.v1.job_service_pb2_grpc import JobServiceStub
from moa_scorer.contract.limits import LIMITS
from moa_scorer.domain.job import JobKind
from moa_scorer.pipelines.backfill import Backfills
from moa_scorer.pipelines.desk import Desk
from moa_scorer.pipelines.folder import Folder
from moa_scorer.pipelines.runner import Runner
from moa_scorer.pipelines.what_if import WhatIfs
from moa_scorer.rpc.server import build_server
from moa_scorer.scoring.what_if_tally import DAMAGED
from tests.fakes.jobs import Works, at_work, lines_of, write_items
from tests.fakes.judges import ScriptedJudge, scoring


class Served:
    """A server with jobs, and a channel to it."""

    def __init__(self, works: Works, channel: grpc.aio.Channel) -> None:
        self.works = works
        self.jobs: Any = JobServiceStub(channel)
        self.operations: Any = OperationsStub(channel)

    async def wait(self, name: str) -> lro.Operation:
        request = lro.WaitOperationRequest(name=name)
        request.timeout.FromSeconds(20)
        return await self.operations.WaitOperation(request)


@asynccontextmanager
async def serving_jobs(folder: Path, judge: ScriptedJudge | None = None) -> AsyncIterator[Served]:
    async with at_work(f"sqlite:///{folder / 'records.db'}", judge) as works:
        pipeline, store = works.pipeline, works.store
        backfills = Backfills(store=store, pipeline=pipeline, limits=LIMITS)
        kinds = {JobKind.BACKFILL: backfills, JobKind.WHAT_IF: WhatIfs(store=store, pipeline=pipeline)}
        runner = Runner(store, kinds, lease=1.0, poll=0.1)  # type: ignore[arg-type]
        desk = Desk(
            store=store,
            pipeline=pipeline,
            limits=LIMITS,
            places=Folder(path=folder),
            kinds=tuple(kinds),
            wake=runner.wake,
        )
        server, port, _ = await build_server(pipeline, address="127.0.0.1:0", jobs=desk)
        await server.start()
        running = asyncio.create_task(runner.run())
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Served(works, channel)
        runner.stop()
        await running
        await server.stop(None)


def metadata_of(operation: lro.Operation) -> job_pb2.JobMetadata:
    metadata = job_pb2.JobMetadata()
    assert operation.metadata.Unpack(metadata)
    return metadata


async def test_a_backfill_is_an_operation_that_can_be_waited_for(tmp_path: Path) -> None:
    write_items(tmp_path / "items.jsonl", [f"item {n} is fine" for n in range(10)] + [" "])
    async with serving_jobs(tmp_path) as served:
        request = pb.StartBackfillRequest(backfill=pb.Backfill(input="items.jsonl"), request_id="r1")
        started = await served.jobs.StartBackfill(request)
        ended = await served.wait(started.name)
        again = await served.jobs.StartBackfill(request)
        response, metadata = pb.BackfillResponse(), metadata_of(ended)

        assert again.name == started.name
        assert ended.done
        assert ended.response.Unpack(response)
        assert response.output == metadata.output == "items.results.jsonl"
        assert metadata.state == job_pb2.JOB_STATE_SUCCEEDED
        assert (metadata.progress.total, metadata.progress.scored, metadata.progress.failed) == (11, 10, 1)
        assert len(lines_of(str(tmp_path / "items.results.jsonl"))) == 11

        failures = await served.jobs.ListJobFailures(pb.ListJobFailuresRequest(name=started.name))
        assert [(each.line, each.content_id) for each in failures.failures] == [(11, "i10")]
        assert failures.failures[0].retry_class == job_pb2.RETRY_CLASS_PERMANENT
        listed = await served.operations.ListOperations(lro.ListOperationsRequest(name="operations"))
        assert [each.name for each in listed.operations] == [started.name]
        await served.operations.DeleteOperation(lro.DeleteOperationRequest(name=started.name))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await served.operations.GetOperation(lro.GetOperationRequest(name=started.name))
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_validating_forecasts_and_starts_nothing(tmp_path: Path) -> None:
    write_items(tmp_path / "items.jsonl", ["fine"] * 5)
    async with serving_jobs(tmp_path) as served:
        order = pb.Backfill(input="items.jsonl")
        operation = await served.jobs.StartBackfill(
            pb.StartBackfillRequest(backfill=order, validate_only=True)
        )
        forecast = (await served.jobs.ForecastBackfill(pb.ForecastBackfillRequest(backfill=order))).forecast
        response = pb.BackfillResponse()

        assert (operation.name, operation.done) == ("", True)
        assert operation.response.Unpack(response)
        assert response.forecast == forecast
        assert (forecast.items, forecast.calls) == (5, 0)
        assert served.works.judge.started == 0


async def test_a_cancelled_operation_ends_with_that_status_and_can_go_on(tmp_path: Path) -> None:
    write_items(tmp_path / "items.jsonl", [f"item {n} is fine" for n in range(30)])
    judge = ScriptedJudge("quality", scoring("quality", 0.7), delay=0.05)
    async with serving_jobs(tmp_path, judge) as served:
        order = pb.Backfill(input="items.jsonl", concurrency=1)
        started = await served.jobs.StartBackfill(pb.StartBackfillRequest(backfill=order))
        await judge.asked.wait()
        await served.operations.CancelOperation(lro.CancelOperationRequest(name=started.name))
        cancelled = await served.wait(started.name)
        await served.jobs.ResumeJob(pb.ResumeJobRequest(name=started.name))
        ended = await served.wait(started.name)

        assert cancelled.error.code == grpc.StatusCode.CANCELLED.value[0]
        assert metadata_of(cancelled).progress.done < 30
        assert metadata_of(ended).progress.scored == judge.started == 30


async def test_a_what_if_over_the_records_of_a_backfill_tells_which_decisions_change(tmp_path: Path) -> None:
    write_items(tmp_path / "items.jsonl", [f"item {n} is fine" for n in range(6)])
    async with serving_jobs(tmp_path) as served:
        order = pb.Backfill(input="items.jsonl")
        first = await served.jobs.StartBackfill(pb.StartBackfillRequest(backfill=order))
        await served.wait(first.name)
        started = await served.jobs.StartWhatIf(pb.StartWhatIfRequest(policy="strict"))
        ended = await served.wait(started.name)
        response = pb.WhatIfResponse()

        assert ended.response.Unpack(response)
        assert (response.records, response.changed) == (6, 6)
        assert metadata_of(ended).progress.done == metadata_of(ended).progress.total == 6


async def test_a_what_if_counts_damaged_records_apart_and_goes_on(tmp_path: Path) -> None:
    write_items(tmp_path / "items.jsonl", [f"item {n} is fine" for n in range(6)])
    async with serving_jobs(tmp_path) as served:
        first = await served.jobs.StartBackfill(
            pb.StartBackfillRequest(backfill=pb.Backfill(input="items.jsonl"))
        )
        await served.wait(first.name)
        with closing(sqlite3.connect(tmp_path / "records.db")) as database, database:
            database.execute(
                "UPDATE records SET verdict = x'00' WHERE name = (SELECT min(name) FROM records)"
            )
        started = await served.jobs.StartWhatIf(pb.StartWhatIfRequest(policy="strict"))
        ended = await served.wait(started.name)
        response = pb.WhatIfResponse()

        assert ended.response.Unpack(response)
        assert (response.records, dict(response.untold)) == (5, {DAMAGED: 1})
        assert metadata_of(ended).progress.done == metadata_of(ended).progress.total == 6


@pytest.mark.parametrize(
    ("backfill", "field"),
    [
        (pb.Backfill(), "backfill.input"),
        (pb.Backfill(input="../items.jsonl"), "backfill.input"),
        (pb.Backfill(input="items.jsonl", concurrency=65), "backfill.concurrency"),
        (pb.Backfill(input="items.jsonl", panel="a b"), "backfill.panel"),
        (pb.Backfill(input="items.jsonl", tags={"A": "b"}), "backfill.tags"),
    ],
)
async def test_what_is_wrong_with_an_order_is_told_with_its_field(
    tmp_path: Path, backfill: pb.Backfill, field: str
) -> None:
    write_items(tmp_path / "items.jsonl", ["fine"])
    async with serving_jobs(tmp_path) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await served.jobs.StartBackfill(pb.StartBackfillRequest(backfill=backfill))

        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert field in str(caught.value.details())


async def test_a_server_without_jobs_says_what_it_lacks(tmp_path: Path) -> None:
    async with at_work(f"sqlite:///{tmp_path / 'records.db'}") as works:
        server, port, _ = await build_server(works.pipeline, address="127.0.0.1:0")
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            operations: Any = OperationsStub(channel)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await operations.ListOperations(lro.ListOperationsRequest())
        await server.stop(None)

        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert "jobs_dir" in str(caught.value.details())
