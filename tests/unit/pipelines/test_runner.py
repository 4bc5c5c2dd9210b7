"""Whoever works on jobs goes on to the next one, whatever became of the last."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.domain.job import JobState
from moa_scorer.storage.jobs import SqlJobs
from tests.fakes.jobs import at_work, write_items


def _failing_twice(take: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    bugs = iter([KeyError("kind"), ValueError("order")])

    async def taken(*said: Any) -> Any:
        for bug in bugs:
            raise bug
        return await take(*said)

    return taken


async def test_a_bug_while_a_job_is_taken_costs_that_look_and_no_later_one(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqlJobs, "take", _failing_twice(SqlJobs.take))
    path = write_items(tmp_path / "items.jsonl", ["fine"])
    async with at_work(sqlite_url) as works:
        job, runner = await works.order(path), works.runner()
        finish = works.store.finish

        async def finished(*said: Any, **more: Any) -> Any:
            runner.stop()
            return await finish(*said, **more)

        monkeypatch.setattr(SqlJobs, "finish", lambda _, *said, **more: finished(*said, **more))
        async with asyncio.timeout(20):
            await runner.run()

        assert (await works.job(job.name)).state is JobState.SUCCEEDED
