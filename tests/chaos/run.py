"""Many items through the real server while its model vendors misbehave: what holds, and by how much.

Three processes: the fake vendor (five judges, three wire formats; 20 % of calls get a 429, half of them with
Retry-After, 5 % hang, 3 % garbage, 2 % refusals), `moa-scorer serve` with every traffic mechanism on, and
this caller. What the vendor wrote down of every call is held against what the caller was told. Results are
kept as they come: the same command goes on where the last one ended.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc.aio
import uvloop
from grpc_health.v1 import health_pb2, health_pb2_grpc
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.bench.capacity import cpu_seconds
from tests.chaos.answers import Answer, AnswerFile
from tests.chaos.client import Caller
from tests.chaos.figures import Figure, Seen, figures, lateness, percentile, table
from tests.chaos.lag import overslept, sampled
from tests.chaos.sent import SentFile, by_item
from tests.chaos.setup import CHAOS_PANEL, JUDGES, MAX_TOKENS, PRICE, TRAFFIC, product
from tests.chaos.vendor import CHANCES, Chaos, vendor_process

FOLDER = Path("build") / "chaos"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be said on the command line."""

    items: int
    seed: int
    in_flight: int
    latency_budget: float
    """Seconds."""
    deadline: float
    """Seconds of a call."""
    folder: Path

    @property
    def answers(self) -> AnswerFile:
        return AnswerFile(self.folder / "answers.jsonl")

    @property
    def sent(self) -> SentFile:
        return SentFile(self.folder / "sent.jsonl")

    @property
    def controls(self) -> Path:
        return self.folder / "controls.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How late things were in one run that had nothing to be late for; p99.9, seconds."""

    idle: float
    """A coroutine of the caller that sleeps."""
    health: float
    """A health check by the same server, there and back."""


def run(options: Options) -> None:
    """Asks about every item that has no answer yet."""
    done = options.answers.read()
    missing = [item for item in range(options.items) if item not in done]
    if not missing:
        return
    number = 1 + max((answer.run for answer in done.values()), default=0)
    chaos = Chaos(seed=options.seed, run=number, chances=CHANCES)
    with (
        vendor_process(JUDGES, chaos, options.folder / "sent.jsonl") as (urls, vendor),
        product(options.folder / "catalogue", urls, CHAOS_PANEL, TRAFFIC) as server,
    ):
        caller = Caller(
            target=server.host,
            panel=CHAOS_PANEL.name,
            run=number,
            latency_budget=options.latency_budget,
            deadline=options.deadline,
            in_flight=options.in_flight,
        )
        pids = {"vendor": vendor, "server": server.process.pid, "caller": os.getpid()}
        before, started = _used(pids), time.monotonic()
        control = uvloop.run(ask(caller, missing, options))
        seconds, after = time.monotonic() - started, _used(pids)
        words = ", ".join(f"{name} {(after[name] - before[name]) / seconds:.0%}" for name in pids)
        print(f"\n{len(missing):,} items in {seconds:.0f} s, {len(missing) / seconds:.1f} a second; ", end="")
        print(f"of a core: {words}.\n")
    with options.controls.open("a") as lines:
        lines.write(json.dumps({"run": number, "idle": control.idle, "health": control.health}) + "\n")


async def ask(caller: Caller, items: Sequence[int], options: Options) -> Control:
    """Asks about the items, and keeps each answer as it comes."""
    async with (
        grpc.aio.insecure_channel(caller.target) as channel,
        sampled(overslept) as idle,
        sampled(health(channel)) as checks,
    ):
        with bar(len(items)) as advance:
            async for answer in caller.ask_all(items):
                options.answers.append(answer)
                advance()
    return Control(idle=percentile(idle, 0.999), health=percentile(checks, 0.999))


def health(channel: grpc.aio.Channel) -> Callable[[], Awaitable[float]]:
    """Seconds of a health check, asked for now and then."""
    stub = health_pb2_grpc.HealthStub(channel)

    async def check() -> float:
        await asyncio.sleep(0.05)
        started = time.monotonic()
        await stub.Check(health_pb2.HealthCheckRequest())
        return time.monotonic() - started

    return check


@contextmanager
def bar(total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, where somebody looks; the function moves it on by one."""
    columns = (TextColumn("chaos"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("chaos", total=total)
        yield lambda: bar.advance(task)


def _used(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds of each process alone."""
    return {name: cpu_seconds([pid]) for name, pid in pids.items()}


def seen(options: Options) -> Seen:
    """All that was kept."""
    answers = [answer for answer in options.answers.read().values() if answer.item < options.items]
    return Seen(
        items=options.items,
        quorum=CHAOS_PANEL.quorum,
        latency_budget=options.latency_budget,
        deadline=options.deadline,
        price=PRICE,
        max_tokens=MAX_TOKENS,
        answers=answers,
        calls=by_item(options.sent.read()),
    )


def report(options: Options) -> bool:
    """Prints every figure; whether all limits are kept."""
    whole = seen(options)
    controls = [json.loads(line) for line in options.controls.read_text().splitlines()]
    health = max(control["health"] for control in controls)
    found = [
        *figures(whole),
        *lateness(whole, max(control["idle"] for control in controls)),
        Figure(name="control: a health check by the same server, p99.9", value=f"{health * 1e3:.1f} ms"),
    ]
    print(table(found))
    print(f"\n{_told('outcomes', (_outcome(a) for a in whole.answers))}")
    print(_told("ballots", (word for a in whole.answers for word in _cast(a))))
    print(_told("calls at the vendor", (call.fate for call in whole.counted())))
    return all(figure.ok for figure in found)


def _outcome(answer: Answer) -> str:
    return answer.status if answer.status != "OK" else answer.reason or answer.outcome


def _cast(answer: Answer) -> Iterable[str]:
    return (str(cast.get("", "judgment")) for cast in answer.ballots.values())


def _told(what: str, words: Iterable[str]) -> str:
    counted = Counter(words)
    total = sum(counted.values())
    return f"{what}: " + ", ".join(f"{word} {n:,} ({n / total:.1%})" for word, n in counted.most_common())


def _options() -> Options:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--in-flight", type=int, default=32, help="calls at once")
    parser.add_argument("--latency-budget", type=float, default=4.0, help="seconds")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--fresh", action="store_true", help="forget what was kept")
    chosen = vars(parser.parse_args())
    if chosen.pop("fresh"):
        shutil.rmtree(chosen["folder"], ignore_errors=True)
    return Options(deadline=10.0, **chosen)


def same_test(options: Options) -> bool:
    """Whether what is kept was asked in the same way; the first run writes down how."""
    told = {"seed": options.seed, "latency_budget": options.latency_budget}
    file = options.folder / "test.json"
    if file.exists():
        return bool(json.loads(file.read_text()) == told)
    options.folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told))
    return True


def main() -> int:
    options = _options()
    if not same_test(options):
        print(f"{options.folder} holds another test: say --fresh, or another --folder", file=sys.stderr)
        return 2
    print(f"\n## Chaos\n\n{__doc__}")
    run(options)
    return 0 if report(options) else 1


if __name__ == "__main__":
    sys.exit(main())
