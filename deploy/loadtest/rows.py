"""What a run came to: ghz's report, what the server says of its verdicts, and the limits to keep."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.loadtest.ghz import latencies
from deploy.local_server import events

PERCENTILES: Final = (50, 95, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Beyond any of these a run is a failure."""

    errors: int = 0
    """Calls that did not end with OK."""
    unscored_share: float = 0.0
    """Of the answers, in [0, 1]."""
    p99_ms: float | None = None
    """Milliseconds; None = any."""
    least_hit_share: float = 0.0
    """Answers that must come from the cache, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one run of ghz and the server's log say of it."""

    way: str
    """How ghz learnt the messages, or which server was loaded."""
    calls: int
    """Calls that ghz made."""
    rate: float
    """Calls per second."""
    latency: Mapping[int, float]
    """Percentage -> milliseconds, of OK calls."""
    statuses: Mapping[str, int]
    """gRPC status name -> calls."""
    completions: Mapping[str, int]
    """What the server logged of its verdicts (complete, unscored) -> items; empty = nothing."""
    hits: int = 0
    """Answers that came from the cache."""
    wanted: int | None = None
    """Calls asked for; None = as many as the time allows."""

    @property
    def errors(self) -> int:
        """Calls that did not end with OK."""
        return sum(n for status, n in self.statuses.items() if status != "OK")

    @property
    def unscored(self) -> int:
        """Items that got no score."""
        return self.completions.get("unscored", 0)

    @property
    def served(self) -> int:
        """Calls that ended with OK."""
        return self.statuses.get("OK", 0)


def read_limits(path: Path, profile: str) -> Limits:
    """Of a profile; the strictest for one that the file does not name."""
    return Limits(**json.loads(path.read_text()).get(profile, {}))


def faults(row: Row, limits: Limits) -> list[str]:
    """Why a run is a failure, in words; empty when it kept the limits."""
    logged = sum(row.completions.values())
    found = []
    if row.wanted is not None and row.calls != row.wanted:
        found.append(f"{row.way}: {row.calls} of {row.wanted} calls were made")
    if row.errors > limits.errors:
        found.append(f"{row.way}: {row.errors} calls failed: {dict(row.statuses)}")
    if row.unscored > limits.unscored_share * row.served:
        found.append(f"{row.way}: {row.unscored} answers are unscored")
    if row.completions and logged != row.served:
        found.append(f"{row.way}: {row.served} OK answers, and the log tells of {logged} items")
    if not row.completions and row.served:
        found.append(f"{row.way}: the log tells of no item")
    if limits.p99_ms is not None and row.latency.get(99, 0.0) > limits.p99_ms:
        found.append(f"{row.way}: p99 is {row.latency[99]:.0f} ms, the limit {limits.p99_ms:.0f} ms")
    if row.hits < limits.least_hit_share * row.served:
        found.append(f"{row.way}: {row.hits} of {row.served} answers came from the cache")
    return found


def read_row(way: str, wanted: int | None, report: Mapping[str, Any], log: Sequence[str]) -> Row:
    """Joins ghz's JSON report with the log lines that the server wrote meanwhile."""
    scored = [event for event in events(log) if event["event"] == "item_scored"]
    return Row(
        way=way,
        wanted=wanted,
        calls=report["count"],
        rate=report.get("rps", 0.0),
        latency=latencies(report),
        statuses=report.get("statusCodeDistribution") or {},
        completions=dict(Counter(event["completion"] for event in scored)),
        hits=sum(event.get("cache") in ("hit", "shared") for event in scored),
    )


def cells(rows: Sequence[Row]) -> list[list[str]]:
    """A head and a line a row, for a table of any form."""
    tails = [f"p{p} ms" for p in PERCENTILES]
    head = ["", "calls", "calls/s", *tails, "errors", "partial", "unscored", "hits"]
    return [head, *(_line(row) for row in rows)]


def _line(row: Row) -> list[str]:
    told = bool(row.completions)
    return [
        *(row.way, f"{row.calls:,}", f"{row.rate:.0f}"),
        *(f"{row.latency[p]:.1f}" if p in row.latency else "-" for p in PERCENTILES),
        str(row.errors),
        *(str(n) if told else "-" for n in (row.completions.get("partial", 0), row.unscored, row.hits)),
    ]


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """For a terminal."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """For a page."""
    head, *rest = ("| " + " | ".join(line) + " |" for line in lines)
    rule = "|---|" + "---:|" * (len(lines[0]) - 1)
    return "\n".join((head, rule, *rest))
