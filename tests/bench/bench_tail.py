"""The slowest answers with quorum, grace and hedging, beside waiting for all judges, on the same latencies.

Five judges behind HTTP; each of a judge's answers is drawn by item and attempt, so both ways meet the same
first answers: log-normal around 60 ms, 3 % stragglers that take 15 times as long, 0.5 % that never come and
last until the latency budget ends. Times are the caller's own; calls are counted by the vendor.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvloop

from tests.bench.report import markdown
from tests.chaos.answers import Answer
from tests.chaos.client import Caller
from tests.chaos.figures import percentile
from tests.chaos.sent import Sent, SentFile
from tests.chaos.setup import JUDGES, TRAFFIC, product
from tests.chaos.vendor import Chaos, vendor_process
from tests.fakes.catalogue import FakePanel
from tests.fakes.vendor_faults import Fault

GOAL: Final = 5.0
MOST_EXTRA: Final = 0.05
"""Upstream calls beyond one for each item and judge, as a share of these."""
LENT: Final = 15
"""Calls of an endpoint before its first sends have earned them; what a short run is told by."""
SHARES: Final = (0.5, 0.95, 0.99, 0.999)
_PLAIN: Final = {"attempts": 1, "hedge": False, "timeout": 60.0}
_OVERTAKING: Final = {"attempts": 1, "hedge": True, "hedge_share": MOST_EXTRA, "timeout": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of waiting."""

    name: str
    panel: FakePanel
    traffic: Mapping[str, object]


WAYS: Final = (
    Way(
        name="wait for all",
        panel=FakePanel(name="tail", judges=tuple(JUDGES), quorum=3),
        traffic=TRAFFIC | _PLAIN,
    ),
    Way(
        name="quorum 4 of 5, 50 ms grace, hedging",
        panel=FakePanel(name="tail", judges=tuple(JUDGES), quorum=3, enough=4, grace=0.05),
        traffic=TRAFFIC | _OVERTAKING,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """What a way came to."""

    seconds: Sequence[float]
    """By item, until the answer."""
    extra: float
    """Share of calls beyond first sends."""
    within: bool
    """Whether these kept to their limit."""
    scored: int


def measure(way: Way, items: int, in_flight: int, latency_budget: float) -> Waited:
    """Asks about the items in this way; raises AssertionError when one could not be served."""
    chaos = Chaos(seed=1, run=1, chances={Fault.HANG: 0.005}, median=0.06, sigma=0.4, stragglers=0.03)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "sent.jsonl")
        with (
            vendor_process(JUDGES, chaos, log) as (urls, _),
            product(Path(folder, "catalogue"), urls, way.panel, way.traffic) as server,
        ):
            caller = Caller(
                target=server.host,
                panel=way.panel.name,
                run=1,
                latency_budget=latency_budget,
                deadline=latency_budget * 2,
                in_flight=in_flight,
            )
            answers = uvloop.run(_all(caller, items))
        return _waited(answers, SentFile(log).read())


async def _all(caller: Caller, items: int) -> list[Answer]:
    return [answer async for answer in caller.ask_all(range(items))]


def _waited(answers: Sequence[Answer], calls: Sequence[Sent]) -> Waited:
    failed = [answer for answer in answers if answer.status != "OK"]
    assert not failed, failed[0]
    first = len({(call.item, call.judge) for call in calls})
    more = len(calls) - first
    return Waited(
        seconds=[answer.seconds for answer in answers],
        extra=more / first,
        within=more <= MOST_EXTRA * first + LENT * len(JUDGES),
        scored=sum(answer.outcome == "scored" for answer in answers),
    )


def _row(way: Way, waited: Waited) -> tuple[str, ...]:
    times = (f"{percentile(waited.seconds, share) * 1e3:.0f}" for share in SHARES)
    return (way.name, *times, f"{waited.scored / len(waited.seconds):.1%}", f"{waited.extra:.2%}")


def verdict(plain: Waited, overtaking: Waited) -> tuple[str, bool]:
    """The sentence that the benchmark is about, and whether it says what it should."""
    ratio = percentile(plain.seconds, 0.99) / percentile(overtaking.seconds, 0.99)
    met = ratio >= GOAL and overtaking.within
    said = f"p99 is {ratio:.1f} times lower (goal {GOAL:g}) at {overtaking.extra:.2%} extra calls"
    return f"{said} (goal {MOST_EXTRA:.0%}): {'ok' if met else '**MISSED**'}", met


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--in-flight", type=int, default=12, help="calls at once")
    parser.add_argument("--latency-budget", type=float, default=10.0, help="seconds")
    chosen = parser.parse_args()
    waited = [measure(way, chosen.items, chosen.in_flight, chosen.latency_budget) for way in WAYS]
    print(
        f"\n## Tail latency\n\n{__doc__}\n{chosen.items:,} items, {chosen.in_flight} calls at once, ", end=""
    )
    print(f"{chosen.latency_budget:g} s latency budget.\n")
    headings = ("way", *(f"p{share * 100:g} ms" for share in SHARES), "scored", "extra calls")
    print(markdown(headings, [_row(way, times) for way, times in zip(WAYS, waited, strict=True)]))
    said, met = verdict(*waited)
    print(f"\n{said}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
