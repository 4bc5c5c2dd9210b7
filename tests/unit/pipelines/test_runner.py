"""Whoever works on jobs goes on to the next one, whatever became of the last."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.contract.limits import LIMITS
from moa_scorer.domain.job import JobKind, JobState
from moa_scorer.domain.job_store import Lease
from moa_scorer.domain.tenant import Tenant
from moa_scorer.pipelines.backfill import Backfills
from moa_scorer.pipelines.runner import Runner
from moa_scorer.scoring.keeping import new_name
from moa_scorer.storage.jobs import SqlJobs
from tests.fakes.jobs import at_work, write_items
from tests.fakes.judges import ScriptedJudge, scoring


def _failing_twice(take: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    bugs = iter([KeyError("kind"), ValueError("order")])

    async def taken(*said: Any) -> Any:
        for bug in bugs:
            raise bug
        return await take(*said)

    return taken


def _stopping(runner: Runner, name: str, finish: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """What finishes jobs, and stops the runner at the one of that name."""

    async def finished(store: SqlJobs, lease: Lease, *said: Any, **more: Any) -> Any:
        if lease.job.name == name:
            runner.stop()
        return await finish(store, lease, *said, **more)

    return finished


async def test_a_bug_while_a_job_is_taken_costs_that_look_and_no_later_one(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqlJobs, "take", _failing_twice(SqlJobs.take))
    path = write_items(tmp_path / "items.jsonl", ["fine"])
    async with at_work(sqlite_url) as works:
        job, runner = await works.order(path), works.runner()
        monkeypatch.setattr(SqlJobs, "finish", _stopping(runner, job.name, SqlJobs.finish))
        async with asyncio.timeout(20):
            await runner.run()

        assert (await works.job(job.name)).state is JobState.SUCCEEDED


async def test_a_long_backfill_makes_room_for_another_tenants_and_goes_on_after_it(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = write_items(tmp_path / "long.jsonl", [f"item {n} is fine" for n in range(40)])
    short = write_items(tmp_path / "short.jsonl", ["another is fine"])
    async with at_work(sqlite_url, ScriptedJudge("quality", scoring("quality", 0.7), delay=0.05)) as works:
        backfills = Backfills(store=works.store, pipeline=works.pipeline, limits=LIMITS, gives_way=False)
        runner = Runner(works.store, {JobKind.BACKFILL: backfills}, lease=0.3, poll=0.05, turn=0.0)
        mine = await works.order(long, concurrency=1)
        ordered = await works.order(short)
        theirs = replace(ordered, name=new_name(), tenant=Tenant("other"))
        await works.store.create(replace(theirs, order=replace(ordered.order, output=f"{short}.other")))
        monkeypatch.setattr(SqlJobs, "finish", _stopping(runner, mine.name, SqlJobs.finish))
        async with asyncio.timeout(30):
            await runner.run()
        first = await works.job(mine.name)
        second = await works.store.get(Tenant("other"), theirs.name)

        assert second.ended is not None
        assert first.ended is not None
        assert second.ended < first.ended
        assert first.progress.scored == 40
        assert works.judge.started == 41, "nothing was asked twice"
