"""A calibration as a long-running operation of a real server: what serves afterwards, and what is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from google.longrunning import operations_pb2 as lro

from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.app.calibrating import calibrate_records
from moa_scorer.app.cli.exits import Exit
from moa_scorer.app.cli.jobs.places import remote_jobs
from moa_scorer.app.cli.jobs.watch import watched
from moa_scorer.app.cli.jobs.words import operation_dict
from moa_scorer.calibration.table import RatedTable
from moa_scorer.contract.limits import LIMITS
from moa_scorer.domain.job import JobKind
from moa_scorer.domain.job_order import Calibration
from moa_scorer.domain.tenant import Tenant
from moa_scorer.learning.loop.online import CalibrationOutcome
from moa_scorer.pipelines.calibration import Calibrations
from moa_scorer.pipelines.desk import Desk
from moa_scorer.pipelines.folder import Folder
from moa_scorer.pipelines.runner import Runner
from moa_scorer.rpc.server import build_server
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.database import Database
from moa_scorer.storage.jobs import SqlJobs
from tests.fakes.feedback import essays, memory_on, ratings_of, sqlite_in
from tests.fakes.jobs import WallClock
from tests.fakes.judges import SystemClock
from tests.fakes.records import rated, recorded_catalog, scored, snapshot_of

NAME = "essay.essay.trio"


@asynccontextmanager
async def rated_server(folder: Path, *, items: int = 200, audits: int = 80) -> AsyncIterator[str]:
    """The address of a server with rated records; its snapshot has the ratings upside down."""
    table = rated(items)
    poor = snapshot_of(upside_down(table))
    catalog = recorded_catalog(table, snapshots=(poor,))
    found = await scored(catalog, essays(table, range(items)))
    records = [replace(record, audited=n < audits) for n, record in enumerate(found)]
    async with memory_on(sqlite_in(folder)) as memory:
        assert memory.records is not None
        assert memory.ratings is not None
        for record in records:
            await memory.records.put(record)
        await memory.ratings.add(ratings_of(table, records))
        async with serving_calibrations(Pipeline(catalog, SystemClock(), memory), folder) as target:
            yield target


@asynccontextmanager
async def serving_calibrations(pipeline: Pipeline, folder: Path) -> AsyncIterator[str]:
    async def calibrate(tenant: Tenant, order: Calibration) -> CalibrationOutcome:
        return await calibrate_records(pipeline, order, folder, tenant=tenant, who=order.who)

    database = Database(sqlite_in(folder))
    store = SqlJobs(database, WallClock())
    runner = Runner(store, {JobKind.CALIBRATION: Calibrations(calibrate=calibrate)}, poll=0.1)
    desk = Desk(
        store=store,
        pipeline=pipeline,
        limits=LIMITS,
        places=Folder(path=folder),
        kinds=(JobKind.CALIBRATION,),
        wake=runner.wake,
    )
    server, port, health = await build_server(pipeline, address="127.0.0.1:0", jobs=desk)
    await server.start()
    await health.serving()
    running = asyncio.create_task(runner.run())
    try:
        yield f"127.0.0.1:{port}"
    finally:
        runner.stop()
        await running
        await server.stop(None)
        await database.aclose()


def upside_down(table: RatedTable) -> RatedTable:
    """Every rating the other way round."""
    targets = {criterion: 1 - np.asarray(values) for criterion, values in table.targets.items()}
    return replace(table, targets=targets)


async def calibrated(target: str) -> tuple[lro.Operation, Exit]:
    """The operation when it has ended, and what `calibrate --server` ends with."""
    async with remote_jobs(target) as place:
        operation = await place.calibrate(pb.StartCalibrationRequest(kind="essay"))
        status = await watched(place, operation.name, works=False)
        return await place.get(operation.name), status


async def test_a_calibration_tells_gate_and_flips_and_the_command_says_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with rated_server(tmp_path) as target:
        ended, status = await calibrated(target)
    found = pb.CalibrationResponse()

    assert ended.response.Unpack(found)
    assert (found.step, found.parent, found.candidate) == (
        "promoted",
        f"snapshots/{NAME}@1",
        f"snapshots/{NAME}@2",
    )
    assert (found.fitted_items, found.audited_items) == (120, 80)
    assert found.gate.outcome == "pass"
    assert found.gate.items == 80
    assert found.gate.change_upper < 0
    assert {flips.policy for flips in found.flips} == {"policies/strict@1", "policies/careful@1"}
    careful = next(flips for flips in found.flips if flips.policy == "policies/careful@1")
    assert 0 < careful.changed == len(careful.changed_records) <= careful.records == 200
    assert found.file == str(tmp_path / "snapshots" / f"{NAME}@2.json.gz")
    assert '"who":"anyone"' in (tmp_path / "snapshots" / f"{NAME}.lineage.jsonl").read_text()
    said = capsys.readouterr().out
    assert status == 0
    assert f"{NAME}@2 serves whoever pins no revision" in said
    assert "gate: pass" in said
    assert f"{careful.changed} of 200 newest records would be decided otherwise" in said
    assert operation_dict(ended)["response"]["gate"]["outcome"] == "pass"


async def test_a_small_audit_decides_nothing_and_the_candidate_waits_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with rated_server(tmp_path, items=90, audits=20) as target:
        ended, status = await calibrated(target)
    found = pb.CalibrationResponse()

    assert ended.response.Unpack(found)
    assert (found.step, found.gate.outcome) == ("undecided", "undecided")
    assert "candidates" in found.file
    assert status == 1
    said = capsys.readouterr().out
    assert "at least 50 are needed; rate records of the audit" in said
