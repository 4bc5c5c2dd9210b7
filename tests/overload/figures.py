"""What calls at an offered load came to, and what has to hold of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.overload.callers import Call

WARM_UP: Final = 2.0
"""Seconds at the start of a phase that do not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One offered load."""

    name: str
    offered: float
    """Calls a second."""
    goodput: float
    """Whole answers a second while callers came."""
    p50: float
    p99: float
    """Seconds of the whole answers."""
    interactive_p99: float
    interactive_served: float
    batch_served: float
    """Shares of the calls of a class that got a whole answer while callers came."""
    turned_away: float
    """Share of the calls."""
    other: dict[str, int]
    """Neither answered in whole nor turned away, by status."""


def phase(name: str, calls: Sequence[Call], seconds: float) -> Phase:
    """The figures of a phase of so many seconds, more than `WARM_UP`."""
    counted, span = [call for call in calls if call.came >= WARM_UP], seconds - WARM_UP
    served = [call for call in counted if call.status == "OK"]
    done = [c for c in calls if c.status == "OK" and WARM_UP <= c.came + c.seconds < seconds]
    other = [c.status for c in counted if c.status not in ("OK", "RESOURCE_EXHAUSTED")]
    return Phase(
        name=name,
        offered=len(counted) / span,
        goodput=len(done) / span,
        p50=quantile([call.seconds for call in served], 0.5),
        p99=quantile([call.seconds for call in served], 0.99),
        interactive_p99=quantile([call.seconds for call in served if call.interactive], 0.99),
        interactive_served=_served([call for call in counted if call.interactive], seconds),
        batch_served=_served([call for call in counted if not call.interactive], seconds),
        turned_away=sum(c.status == "RESOURCE_EXHAUSTED" for c in counted) / max(1, len(counted)),
        other={status: other.count(status) for status in sorted(set(other))},
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share is not above; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _served(calls: Sequence[Call], until: float) -> float:
    """The share that was answered while others still came: afterwards there is room for everybody."""
    in_time = sum(call.status == "OK" and call.came + call.seconds < until for call in calls)
    return in_time / len(calls) if calls else 1.0


def faults(peak: Phase, loads: Sequence[Phase], slowest: float) -> list[str]:
    """What does not hold; `slowest` seconds bound the interactive p99."""
    found = []
    for each in loads:
        if each.goodput < 0.9 * peak.goodput:
            found.append(f"{each.name}: goodput {each.goodput:.0f}/s is under 90 % of {peak.goodput:.0f}/s")
        if each.interactive_p99 > slowest:
            found.append(f"{each.name}: interactive p99 is {each.interactive_p99:.2f} s, over {slowest} s")
        if each.batch_served > each.interactive_served + 0.01:
            found.append(f"{each.name}: batch is served before interactive")
        if each.other:
            found.append(f"{each.name}: ends other than served or turned away: {each.other}")
    return found
