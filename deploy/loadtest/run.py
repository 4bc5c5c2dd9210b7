"""Starts a server and loads it with ghz, by reflection and by descriptor set; every answer must be scored."""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local_server import Server, ServerFailed, events, serving

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DESCRIPTOR_SET = ROOT / "moa_scorer" / "api" / "descriptor_set.binpb"
WAYS = {"reflection": (), "descriptor set": ("--protoset", str(DESCRIPTOR_SET))}


class LoadError(Exception):
    """The load could not be run; the message is for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one run of ghz and the server's log say of it."""

    way: str
    """How ghz learnt the messages."""
    wanted: int
    """Calls asked for."""
    calls: int
    """Calls that ghz made."""
    rate: float
    """Calls per second."""
    latency: dict[int, float]
    """Percentage -> milliseconds, of OK calls."""
    statuses: dict[str, int]
    """gRPC status name -> calls."""
    completions: dict[str, int]
    """What the server logged of its verdicts (complete, partial, unscored) -> items."""

    @property
    def errors(self) -> int:
        """Calls that did not end with OK."""
        return sum(n for status, n in self.statuses.items() if status != "OK")

    @property
    def unscored(self) -> int:
        """Items that got no score."""
        return self.completions.get("unscored", 0)


def faults(row: Row) -> list[str]:
    """Why a run is a failure, in words; empty when every call was made and answered with a score."""
    logged = sum(row.completions.values())
    found = []
    if row.calls != row.wanted:
        found.append(f"{row.way}: {row.calls} of {row.wanted} calls were made")
    if row.errors:
        found.append(f"{row.way}: {row.errors} calls failed: {row.statuses}")
    if row.unscored:
        found.append(f"{row.way}: {row.unscored} answers are unscored")
    if logged != row.statuses.get("OK", 0):
        found.append(
            f"{row.way}: {row.statuses.get('OK', 0)} OK answers, and the log tells of {logged} items"
        )
    return found


def read_row(way: str, wanted: int, report: dict[str, Any], log: Sequence[str]) -> Row:
    """Joins ghz's JSON report with the log lines that the server wrote meanwhile."""
    shares = report.get("latencyDistribution") or []
    return Row(
        way=way,
        wanted=wanted,
        calls=report["count"],
        rate=report.get("rps", 0.0),
        latency={share["percentage"]: share["latency"] / 1e6 for share in shares},
        statuses=report.get("statusCodeDistribution") or {},
        completions=completions(log),
    )


def completions(log: Sequence[str]) -> dict[str, int]:
    """Counts the verdicts in a server's JSON log by their completion."""
    return dict(Counter(event["completion"] for event in events(log) if event["event"] == "item_scored"))


def table(rows: Sequence[Row]) -> str:
    """The rows for people, aligned."""
    head = ["by", "requests", "req/s", "p50 ms", "p95 ms", "p99 ms", "errors", "partial", "unscored"]
    lines = [head] + [
        [
            *(row.way, str(row.calls), f"{row.rate:.0f}"),
            *(f"{row.latency[p]:.1f}" if p in row.latency else "-" for p in (50, 95, 99)),
            *(str(row.errors), str(row.completions.get("partial", 0)), str(row.unscored)),
        ]
        for row in rows
    ]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def run_ghz(ghz: Path, profile: Path, data: Path, host: str, options: Sequence[str]) -> dict[str, Any]:
    """One run of ghz; returns its JSON report. Raises LoadError with what it said when there is none."""
    command = [str(ghz), f"--config={profile}", f"--data-file={data}", *options, "--format=json", host]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise LoadError(
            f"ghz gave no report (exit {done.returncode}): {done.stderr or done.stdout}"
        ) from None
    return report


def load(server: Server, ghz: Path, profile: Path, data: Path) -> Iterator[Row]:
    """Runs the profile each way against the server."""
    wanted = json.loads(profile.read_text())["total"]
    for way, options in WAYS.items():
        before = len(server.lines())
        report = run_ghz(ghz, profile, data, server.host, options)
        yield read_row(way, wanted, report, server.lines()[before:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 all scored, 1 not all, 2 the load could not be run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ghz", type=Path, default=ROOT / ".tools" / "bin" / "ghz", help="the ghz program")
    parser.add_argument("--profile", type=Path, default=HERE / "smoke.json", help="ghz configuration")
    parser.add_argument("--data", type=Path, default=HERE / "comments.json", help="requests to cycle through")
    parser.add_argument("--panel", default="embedded-fast", help="panel to serve")
    parser.add_argument("--workers", type=int, default=1, help="server processes")
    parser.add_argument("--patience", type=float, default=60, help="seconds until the server must be healthy")
    chosen = parser.parse_args(arguments)
    try:
        with serving(chosen.panel, chosen.workers, chosen.patience) as server:
            print(f"load: {chosen.profile.stem} on {chosen.panel}, {chosen.workers} worker(s), {server.host}")
            rows = list(load(server, chosen.ghz, chosen.profile, chosen.data))
    except (LoadError, ServerFailed, OSError, subprocess.TimeoutExpired) as error:
        print(f"load: {error}", file=sys.stderr)
        return 2
    print(table(rows))
    wrong = [fault for row in rows for fault in faults(row)]
    print("\n".join(f"FAILED {fault}" for fault in wrong) or "load: every call was answered with a score")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
