"""A backfill whose process is killed loses no item and pays none twice but those that were in flight."""

import asyncio
import random
import signal
import sys
from collections import Counter
from pathlib import Path

from moa_scorer.domain.job import JobState
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT
from tests.fakes.jobs import Works, at_work, lines_of, write_items

ITEMS = 40
KILLS = 2
AT_ONCE = 4


async def _started(url: str, name: str, calls: Path) -> asyncio.subprocess.Process:
    module = "tests.fakes.backfill_process"
    return await asyncio.create_subprocess_exec(sys.executable, "-m", module, url, name, str(calls))


def _called(calls: Path) -> list[str]:
    return calls.read_text().splitlines() if calls.exists() else []


async def _until_called(calls: Path, count: int, process: asyncio.subprocess.Process) -> None:
    while len(_called(calls)) < count and process.returncode is None:  # noqa: ASYNC110 - it is a file
        await asyncio.sleep(0.005)


async def _records(works: Works) -> list[str]:
    found = works.records.scan(RecordFilter(tenant=DEFAULT_TENANT))
    return [record.request.content.id async for record in found]


async def test_killed_at_random_moments_it_ends_with_each_item_once(
    database_url: str,
    tmp_path: Path,
) -> None:
    chance, calls = random.Random(database_url), tmp_path / "calls"
    async with at_work(database_url) as works:
        items = write_items(tmp_path / "items.jsonl", [f"item {n} reads well" for n in range(ITEMS)])
        job = await works.order(items, concurrency=AT_ONCE)
        for _ in range(KILLS):
            process = await _started(database_url, job.name, calls)
            await _until_called(calls, len(_called(calls)) + chance.randrange(1, 12), process)
            await asyncio.sleep(chance.random() * 0.05)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        last = await _started(database_url, job.name, calls)
        assert await last.wait() == 0

        ended, lines = await works.job(job.name), lines_of(str(items.with_suffix(".out")))
        sent = Counter(_called(calls))
        sent_again = sum(count - 1 for count in sent.values())
        assert ended.state is JobState.SUCCEEDED
        assert ended.progress.scored == ITEMS
        assert [line["item"] for line in lines] == list(range(ITEMS))
        assert Counter(await _records(works)) == Counter(f"i{n}" for n in range(ITEMS))
        assert len(sent) == ITEMS
        assert sent_again <= KILLS * AT_ONCE
