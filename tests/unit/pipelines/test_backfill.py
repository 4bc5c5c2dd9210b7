"""Every item of a file is settled once, whatever happens on the way."""

import asyncio
from pathlib import Path

from moa_scorer.domain.job import JobState, Problem, RetryClass
from moa_scorer.domain.job_order import Backfill
from moa_scorer.domain.tenant import DEFAULT_TENANT
from tests.fakes.databases import database_url, postgres  # noqa: F401
from tests.fakes.jobs import at_work, lines_of, write_items
from tests.fakes.judges import ScriptedJudge, crashing, scoring


def texts(count: int) -> list[str]:
    return [f"item {n} is a fine text" for n in range(count)]


async def test_each_item_stands_once_in_the_results_with_a_record_of_its_own(
    database_url: str, tmp_path: Path  # noqa: F811
) -> None:
    async with at_work(database_url) as works:
        job = await works.order(write_items(tmp_path / "items.jsonl", texts(23)))
        assert await works.runner().run_one(job.name)
        ended = await works.job(job.name)

        assert isinstance(ended.order, Backfill)
        lines = lines_of(ended.order.output)
        assert ended.state is JobState.SUCCEEDED
        assert ended.progress.scored == ended.progress.total == 23
        assert [line["item"] for line in lines] == list(range(23))
        assert [line["id"] for line in lines] == [f"i{n}" for n in range(23)]
        assert len({line["record"] for line in lines}) == 23
        assert works.judge.started == 23
