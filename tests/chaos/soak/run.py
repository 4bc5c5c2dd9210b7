"""Many requests against one server process: memory, open files and asyncio tasks must not grow.

The judges are scripted and answer at once; some fail, some hang. Callers ask anew, repeat themselves, use
request ids, pipelines, batches and streams, hang up half way, come with too short a deadline or with
nonsense. Records are on, the cache is small, so that the warm-up fills it. Every now and then the callers
leave, and what the server then holds is written down.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import grpc.aio
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.loadtest.run import HERE as LOADTEST
from deploy.loadtest.run import PANEL, ROOT
from deploy.local_server import Server, serving
from tests.chaos.figures import Figure, table
from tests.chaos.setup import OPEN_DOOR
from tests.chaos.soak.calls import BUDGET, Calls
from tests.chaos.soak.figures import figures
from tests.chaos.soak.process import Holding, as_json, holding
from tests.chaos.soak.telling import MODULE

REST: Final = BUDGET + 0.5
"""Seconds without callers before the server is looked at: nothing of theirs is at work any more."""
CACHE_ITEMS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be said on the command line."""

    requests: int = 100_000
    warm: int = 10_000
    """Of these, before the first look."""
    step: int = 10_000
    """Between two looks."""
    in_flight: int = 24
    seed: int = 1
    memory: bool = True
    """Whether growth of memory is judged."""


DEFAULTS: Final = Options()


def run(options: Options, log: Callable[[str], object] = print) -> list[Figure]:
    """Every figure of a run against a server of its own."""
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        with serving(PANEL, environment=_environment(Path(folder))) as server:
            calls = Calls(Random(options.seed))
            held = uvloop.run(_soaked(server, calls, options, log))
        ended = Figure(
            name="exit code after SIGTERM",
            value=f"{server.process.returncode}",
            limit="0",
            ok=server.process.returncode == 0,
        )
    log(f"\n{_told(calls)}\n")
    return [*figures(held, calls.ended, calls.unlike, memory=options.memory), ended]


def _environment(folder: Path) -> dict[str, str]:
    return {
        "MOA_SCORER_CATALOG_DIR": str(LOADTEST / "catalogue"),
        "MOA_SCORER_JUDGE_MODULES": json.dumps([MODULE]),
        "MOA_SCORER_DATABASE": f"sqlite:///{folder / 'records.db'}",
        "MOA_SCORER_CACHE_ITEMS": str(CACHE_ITEMS),
        "LOADTEST_MEDIAN": "0",
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
        **OPEN_DOOR,
    }


async def _soaked(
    server: Server, calls: Calls, options: Options, log: Callable[[str], object]
) -> list[Holding]:
    """What the server held after the warm-up and after each step."""
    held: list[Holding] = []
    with _bar(options.requests) as advance:
        while calls.made < options.requests:
            started, before = time.monotonic(), calls.made
            wanted = options.step if held else options.warm
            async with grpc.aio.insecure_channel(server.host) as channel:
                await calls.make(channel, min(wanted, options.requests - calls.made), options.in_flight)
            rate = (calls.made - before) / (time.monotonic() - started)
            await asyncio.sleep(REST)
            held.append(await asyncio.to_thread(holding, server, calls.made))
            log(f"{as_json(held[-1])} at {rate:.0f} requests a second")
            advance(calls.made)
    return held


def _told(calls: Calls) -> str:
    counted = sorted(calls.ended.items())
    return "calls: " + ", ".join(f"{kind} {status} {count:,}" for (kind, status), count in counted)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, where somebody looks; the function says how far it is."""
    columns = (TextColumn("soak"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("soak", total=total)
        yield lambda done: bar.update(task, completed=done)


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=DEFAULTS.requests)
    parser.add_argument("--warm", type=int, default=DEFAULTS.warm, help="requests before the first look")
    parser.add_argument("--step", type=int, default=DEFAULTS.step, help="requests between two looks")
    parser.add_argument("--in-flight", type=int, default=DEFAULTS.in_flight, help="calls at once")
    parser.add_argument("--seed", type=int, default=DEFAULTS.seed)
    return Options(**vars(parser.parse_args(arguments)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 every limit kept, 1 not."""
    print(f"\n## Soak\n\n{__doc__}")
    found = run(_options(arguments), lambda line: print(line, flush=True))
    print(table(found))
    return 0 if all(figure.ok for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
