"""Deadline honesty: latency budgets from 200 ms to 5 s while one judge hangs and one is always at its limit.

The real server with its records on disk, five judges at the fake vendor, of which `delta` never answers and
`epsilon` always says 429, and this caller, whose calls have a deadline of 10 s. No circuit opens: every item
waits for the judge that hangs. The first calls, one for each that is in flight at a time, are asked and not
counted: no process is quick at its first breath, and they alone are all asked at the same instant. How late
answers are is held against how late an idle coroutine of the caller and a health check by the same server
were meanwhile.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import grpc.aio
import uvloop

from tests.chaos.answers import Answer
from tests.chaos.client import Caller
from tests.chaos.figures import MOST_LATE, Figure, Seen, feasible_scored, percentile, table, typed
from tests.chaos.lag import overslept, sampled
from tests.chaos.run import bar, health
from tests.chaos.sent import SentFile, by_item
from tests.chaos.setup import JUDGES, MAX_TOKENS, PRICE, TRAFFIC, product
from tests.chaos.vendor import Chaos, vendor_process
from tests.fakes.catalogue import FakePanel
from tests.fakes.vendor_faults import Fault

SHORTEST: Final = 0.2
LONGEST: Final = 5.0
"""Seconds of a latency budget; drawn between them, each factor as likely as the other."""
DEADLINE: Final = 10.0
"""Seconds of a call."""
PANEL: Final = FakePanel(name="deadlines", judges=tuple(JUDGES), quorum=3)
BROKEN: Final = {"delta": {Fault.HANG: 1.0}, "epsilon": {Fault.RATE_LIMITED: 1.0}}
"""Judge -> what is wrong with every call of it."""
PATIENT: Final = {**TRAFFIC, "timeout": 20.0, "breaker_failures": 1_000_000, "hedge": False}
"""No circuit opens, and no call to the judge that hangs ends before the budget does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of asking."""

    answers: Sequence[Answer]
    idle: Sequence[float]
    """Seconds that an idle coroutine of the caller overslept, now and then."""
    health: Sequence[float]
    """Seconds of health checks by the same server, now and then."""
    seen: Seen


def budget_of(item: int) -> float:
    """The item's latency budget in seconds: always the same."""
    return SHORTEST * (LONGEST / SHORTEST) ** random.Random(f"budget {item}").random()


def run(items: int, in_flight: int, folder: Path, *, seed: int = 1) -> Run:
    """Asks about so many items."""
    log, records = folder / "sent.jsonl", folder / "records.db"
    with (
        vendor_process(JUDGES, Chaos(seed=seed, run=1, chances={}, broken=BROKEN), log) as (urls, _),
        product(
            folder / "catalogue",
            urls,
            PANEL,
            PATIENT,
            environment={"MOA_SCORER_DATABASE": f"sqlite:///{records}"},
        ) as server,
    ):
        caller = Caller(
            target=server.host,
            panel=PANEL.name,
            run=1,
            latency_budget=budget_of,
            deadline=DEADLINE,
            in_flight=in_flight,
        )
        answers, idle, checks = uvloop.run(_asked(caller, items))
    seen = Seen(
        items=items,
        quorum=PANEL.quorum,
        latency_budget=LONGEST,
        deadline=DEADLINE,
        price=PRICE,
        max_tokens=MAX_TOKENS,
        answers=answers,
        calls=by_item(SentFile(log).read()),
    )
    return Run(answers=answers, idle=idle, health=checks, seen=seen)


async def _asked(caller: Caller, items: int) -> tuple[list[Answer], list[float], list[float]]:
    async with (
        grpc.aio.insecure_channel(caller.target) as channel,
        sampled(overslept) as idle,
        sampled(health(channel)) as checks,
    ):
        answers = list[Answer]()
        first = range(items, items + caller.in_flight)
        with bar(items) as advance:
            async for answer in caller.ask_all(chain(first, range(items))):
                if answer.item not in first:
                    answers.append(answer)
                    advance()
    return answers, idle, checks


def late(answers: Sequence[Answer]) -> list[float]:
    """Seconds that each answer's verdict came after its latency budget; being early is no credit."""
    return [max(0.0, answer.elapsed - budget_of(answer.item)) for answer in answers if answer.status == "OK"]


def waited(answers: Sequence[Answer]) -> list[float]:
    """The same for the caller's own wait, with the way there and back and the caller's own loop."""
    return [max(0.0, answer.seconds - budget_of(answer.item)) for answer in answers]


def figures(found: Run) -> list[Figure]:
    """What has to hold, and the controls beside it."""
    server, caller = percentile(late(found.answers), 0.999), percentile(waited(found.answers), 0.999)
    past = sum(answer.seconds > DEADLINE for answer in found.answers)
    recorded = sum(answer.recorded for answer in found.answers)
    limit = f"<= {MOST_LATE * 1e3:.0f} ms"
    return [
        typed(found.seen),
        feasible_scored(found.seen),
        _milliseconds("p99.9 of verdict over the latency budget", server, limit),
        _milliseconds("p99.9 of caller's wait over the latency budget", caller, limit),
        Figure(name="calls that ended after their deadline", value=f"{past:,}", limit="0", ok=not past),
        Figure(name="answers that name a record on disk", value=f"{recorded:,}"),
        _milliseconds("control: an idle coroutine of the caller, p99.9 late", percentile(found.idle, 0.999)),
        _milliseconds("control: a health check by the same server, p99.9", percentile(found.health, 0.999)),
    ]


def _milliseconds(name: str, seconds: float, limit: str = "") -> Figure:
    return Figure(
        name=name, value=f"{seconds * 1e3:.1f} ms", limit=limit, ok=seconds <= MOST_LATE or not limit
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=2_000)
    parser.add_argument("--in-flight", type=int, default=32, help="calls at once")
    chosen = parser.parse_args()
    print(f"\n## Deadlines\n\n{__doc__}")
    with tempfile.TemporaryDirectory() as folder:
        found = run(chosen.items, chosen.in_flight, Path(folder))
    lines = figures(found)
    print(table(lines))
    ends = Counter(answer.reason or answer.outcome or answer.status for answer in found.answers)
    print("\noutcomes: " + ", ".join(f"{word} {count:,}" for word, count in ends.most_common()))
    return 0 if all(figure.ok for figure in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
