"""A server killed with -9 at random moments under load, and started again on the same database.

Three processes: the fake vendor (three judges, three wire formats, no faults), `moa-scorer serve` in one or
two worker processes, and these callers, who ask about each item under a request id until they are answered,
while a backfill runs beside them. A round ends with the death of every server process. After each, what the
round before was told is replayed and asked for again; after the last one everything is. What callers were
told is kept as it comes: the same command goes on where the last one ended.
"""

import argparse
import asyncio
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import grpc.aio
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.local_server import Server
from tests.chaos.figures import Figure, table
from tests.chaos.sent import SentFile
from tests.chaos.storage.backfills import Backfills
from tests.chaos.storage.callers import Callers, items_of
from tests.chaos.storage.databases import KINDS, damage, running
from tests.chaos.storage.figures import Seen, figures
from tests.chaos.storage.inspection import Inspection, Kept, listed, some, told_items, told_records
from tests.chaos.storage.journal import Journal, Killed, Ordered
from tests.chaos.storage.setup import JUDGES, catalogue, kill, product, vendor_of
from tests.chaos.vendor import FLUSH, vendor_process

FOLDER: Final = Path("build") / "chaos-storage"
SAMPLE: Final = 20
"""Answered items of the last round that are asked about again after a kill."""
LAST_JOB: Final = 300.0
"""Seconds in which the last backfill has to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be said on the command line."""

    database: str
    """`sqlite` or `postgresql`."""
    folder: Path
    """Of this database's test."""
    rounds: int
    seed: int = 1
    in_flight: int = 10
    """Callers at once."""
    a_job: int = 400
    """Items of a backfill."""
    shortest: float = 0.3
    """Seconds of load before a kill."""
    longest: float = 14.0
    median: float = 0.12
    """Seconds of a judge."""

    @property
    def sent(self) -> SentFile:
        return SentFile(self.folder / "sent.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A running vendor and database, and what is known so far."""

    options: Options
    url: str
    journal: Journal
    backfills: Backfills

    def one_round(self, number: int) -> None:
        """Serves, is asked, dies."""
        random = Random(f"{self.options.seed}:{self.options.database}:{number}")
        workers, seconds = random.choice((1, 2)), self._seconds(random)
        started = time.monotonic()
        with product(self.options.folder, self.url, workers) as server:
            starting = time.monotonic() - started
            load = uvloop.run(self._load(server, number, random, seconds))
        self.journal.write(Killed(round=number, workers=workers, starting=starting, under_load=load))

    def _seconds(self, random: Random) -> float:
        """Short and long rounds alike."""
        shortest, longest = self.options.shortest, self.options.longest
        return float(shortest * (longest / shortest) ** random.random())

    async def _load(self, server: Server, number: int, random: Random, seconds: float) -> float:
        """Seconds of load until the kill."""
        async with grpc.aio.insecure_channel(server.host) as channel, asyncio.TaskGroup() as group:
            callers = Callers(journal=self.journal, round=number, channel=channel, random=random)
            await self._after_the_last(callers, number - 1, random)
            started = time.monotonic()
            group.create_task(callers.ask_many(self.options.in_flight, items_of(self.journal, number)))
            group.create_task(self.backfills.keep_going(channel, number))
            await asyncio.sleep(seconds)
            callers.over.set()
            await asyncio.to_thread(kill, server)
            return time.monotonic() - started

    async def _after_the_last(self, callers: Callers, last: int, random: Random) -> None:
        """What the round before was told holds."""
        inspection = Inspection(callers=callers)
        await inspection.replay(told_records(self.journal, last))
        await inspection.repeat(some(random, told_items(self.journal, last), SAMPLE))

    def to_the_end(self) -> Seen:
        """Answers what is left, sees the last job end, asks for everything again."""
        with product(self.options.folder, self.url, 1) as server:
            seen = uvloop.run(self._to_the_end(server))
        return replace(seen, damage=uvloop.run(damage(self.url)))

    async def _to_the_end(self, server: Server) -> Seen:
        number = self.journal.rounds + 1
        async with grpc.aio.insecure_channel(server.host) as channel:
            callers = Callers(journal=self.journal, round=number, channel=channel, random=Random(0))
            await callers.ask_many(self.options.in_flight, iter(self.journal.unanswered()))
            if (job := self.backfills.unended()) is not None:
                async with asyncio.timeout(LAST_JOB):
                    await self.backfills.to_an_end(channel, number, job)
            before = await self._calls()
            inspection = Inspection(callers=callers)
            await inspection.repeat(told_items(self.journal))
            await inspection.replay(told_records(self.journal))
            late = await self._calls() - before
            return self._seen(await listed(channel), late)

    async def _calls(self) -> int:
        """How many the vendor has written down."""
        await asyncio.sleep(2 * FLUSH)
        return len(self.options.sent.read())

    def _seen(self, kept: Sequence[Kept], late: int) -> Seen:
        jobs = [job.number for job in self.journal.of(Ordered)]
        return Seen(
            journal=self.journal,
            kept=kept,
            results={number: self.backfills.results(number) for number in jobs},
            a_job=self.options.a_job,
            sent=self.options.sent.read(),
            late=late,
            damage=(),
        )


def run(options: Options) -> list[Figure]:
    """Goes on to so many rounds, then tells every figure."""
    folder = options.folder
    (folder / "jobs").mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / "journal.jsonl")
    vendor = vendor_of(options.seed, journal.rounds + 1, options.median)
    with (
        vendor_process(JUDGES, vendor, folder / "sent.jsonl") as (urls, _),
        running(options.database, folder) as url,
    ):
        catalogue(folder / "catalogue", urls)
        backfills = Backfills(journal=journal, folder=folder / "jobs", items=options.a_job)
        test = Test(options=options, url=url, journal=journal, backfills=backfills)
        with _bar(options, journal.rounds) as advance:
            for number in range(journal.rounds + 1, options.rounds + 1):
                test.one_round(number)
                advance()
        found = figures(test.to_the_end())
    journal.close()
    return found


@contextmanager
def _bar(options: Options, done: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, where somebody looks; the function moves it on by one."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(options.database, total=options.rounds, completed=done)
        yield lambda: bar.advance(task)


def _options(arguments: Sequence[str] | None) -> list[Options]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--database", choices=KINDS, action="append", help="may be said twice; default: both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--fresh", action="store_true", help="forget what was kept")
    said = parser.parse_args(arguments)
    if said.fresh:
        shutil.rmtree(said.folder, ignore_errors=True)
    return [
        Options(database=kind, folder=said.folder / kind, rounds=said.rounds, seed=said.seed)
        for kind in said.database or KINDS
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 every limit kept, 1 not."""
    print(f"\n## Chaos in storage\n\n{__doc__}")
    held = True
    for options in _options(arguments):
        found = run(options)
        print(f"\n### {options.database}\n\n{table(found)}", flush=True)
        held = held and all(figure.ok for figure in found)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
