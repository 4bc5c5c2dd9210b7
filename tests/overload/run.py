"""Offers a server twice and five times what it can do, and checks that it goes on doing what it can.

Its capacity is known: five judges, each of which holds one of four threads for 6 ms, do 133 items a second.
Whole answers have to stay at 90 % of the peak, interactive callers are served before batches and fast, and
whoever is not served is told so at once. The last row is the same server that takes on whatever comes.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from tests.bench.report import markdown
from tests.overload.callers import Crowd, calls
from tests.overload.figures import Phase, faults, phase
from tests.overload.server import running

AT_ONCE: Final = 24
"""Callers who find out the peak."""
LOADS: Final = (1.0, 2.0, 5.0)
"""Times the peak."""
SLOWEST: Final = 0.5
"""Seconds of an interactive answer at the 99th percentile, under any load."""
HEADINGS: Final = (
    *("load", "offered/s", "whole answers/s", "of the peak", "p50 / p99 ms", "interactive p99 ms"),
    *("interactive served", "batch served", "turned away", "other"),
)


def overload(seconds: float, loads: Sequence[float] = LOADS) -> tuple[Phase, list[Phase]]:
    """The peak and the loads, of one server."""
    with running(narrowed=True) as server:
        peak = _phase("peak", Crowd(port=server.port, seconds=seconds, rate=0, at_once=AT_ONCE))
        return peak, [
            _phase(f"{load:g} x", Crowd(port=server.port, seconds=seconds, rate=load * peak.goodput))
            for load in loads
        ]


def unprotected(seconds: float, rate: float) -> Phase:
    """The server that takes on whatever comes, at a rate of calls a second."""
    with running(narrowed=False) as server:
        return _phase("no limit", Crowd(port=server.port, seconds=seconds, rate=rate))


def _phase(name: str, crowd: Crowd) -> Phase:
    print(f"overload: {name}, {crowd.seconds:g} s", file=sys.stderr, flush=True)
    return phase(name, calls(crowd), crowd.seconds)


def row(each: Phase, peak: Phase) -> tuple[str, ...]:
    """Cells under the headings."""
    return (
        each.name,
        f"{each.offered:.0f}",
        f"{each.goodput:.0f}",
        f"{each.goodput / peak.goodput:.0%}",
        f"{each.p50 * 1e3:.0f} / {each.p99 * 1e3:.0f}",
        f"{each.interactive_p99 * 1e3:.0f}",
        f"{each.interactive_served:.1%}",
        f"{each.batch_served:.1%}",
        f"{each.turned_away:.1%}",
        ", ".join(f"{status} {count}" for status, count in each.other.items()) or "-",
    )


def main() -> int:
    """The exit status: 0 = all holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=12, help="length of a load")
    chosen = parser.parse_args()
    peak, loads = overload(chosen.seconds)
    without = unprotected(chosen.seconds, 2 * peak.goodput)
    print(markdown(HEADINGS, [row(each, peak) for each in (peak, *loads, without)]))
    found = faults(peak, loads, SLOWEST)
    print("\n".join(f"FAILED {fault}" for fault in found) or "overload: all holds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
