"""A database with records, request ids and jobs, and what works on them over scripted judges."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moa_scorer.contract.limits import LIMITS
from moa_scorer.domain.job import Job, JobKind, Place
from moa_scorer.domain.job_order import Backfill
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.pipelines.backfill import Backfills
from moa_scorer.pipelines.readers import source_of
from moa_scorer.pipelines.runner import Runner
from moa_scorer.scoring.keeping import Memory, new_name
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import SqlRequestIds
from moa_scorer.storage.jobs import SqlJobs
from moa_scorer.storage.records import SqlRecords
from tests.fakes.judges import ScriptedJudge, SystemClock, make_catalog, scoring


class WallClock(SystemClock):
    """Time that goes on: leases run out."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """What a test of jobs needs."""

    database: Database
    records: SqlRecords
    store: SqlJobs
    pipeline: Pipeline
    judge: ScriptedJudge

    def runner(self, lease: float = 1.0) -> Runner:
        backfills = Backfills(store=self.store, pipeline=self.pipeline, limits=LIMITS, gives_way=False)
        return Runner(self.store, {JobKind.BACKFILL: backfills}, place=Place.SERVER, lease=lease, poll=0.05)

    async def order(self, path: Path, **more: Any) -> Job:
        """A new backfill of a file, its results beside it."""
        said: dict[str, Any] = {"source": source_of(path), "output": str(path.with_suffix(".out"))} | more
        now = datetime.now(UTC)
        job = Job(name=new_name(), tenant=DEFAULT_TENANT, order=Backfill(**said), created=now, updated=now)
        return await self.store.create(job)

    async def job(self, name: str) -> Job:
        return await self.store.get(DEFAULT_TENANT, name)


@asynccontextmanager
async def at_work(url: str, judge: ScriptedJudge | None = None) -> AsyncIterator[Works]:
    """A database with all tables, and a pipeline that remembers in it."""
    database, clock = Database(url), WallClock()
    await database.create_all()
    records = SqlRecords(database, clock)
    memory = Memory(records=records, ids=SqlRequestIds(database, clock))
    judge = judge or ScriptedJudge("quality", scoring("quality", 0.7))
    pipeline = Pipeline(make_catalog([judge]), clock, memory)
    try:
        yield Works(
            database=database,
            records=records,
            store=SqlJobs(database, clock),
            pipeline=pipeline,
            judge=judge,
        )
    finally:
        await pipeline.aclose()
        await records.aclose()
        await database.aclose()


def write_items(path: Path, texts: Sequence[str]) -> Path:
    """A JSONL file with an item a line."""
    lines = [json.dumps({"id": f"i{n}", "text": text}) for n, text in enumerate(texts)]
    path.write_text("\n".join(lines) + "\n")
    return path


def lines_of(path: str) -> list[dict[str, Any]]:
    """The results in a file."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()]
