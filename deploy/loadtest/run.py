"""Starts a server, loads it with ghz by reflection and by descriptor set; fails on any answer without a score."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SERVICE = "moa_scorer.api.v1.ScoringService"
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
    return dict(Counter(event["completion"] for event in _events(log) if event["event"] == "item_scored"))


def _events(log: Sequence[str]) -> Iterator[dict[str, Any]]:
    for line in log:
        if line.startswith("{") and line.endswith("}"):
            yield json.loads(line)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server and its log."""

    process: subprocess.Popen[bytes]
    log: Path
    host: str = ""

    def lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()


@contextmanager
def serving(panel: str, workers: int, patience: float) -> Iterator[Server]:
    """A server on a free loopback port, healthy within `patience` seconds; stopped by SIGTERM at the end."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "server.log")
        with log.open("ab") as sink:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "moa_scorer.app.cli", "serve", "--address", "127.0.0.1:0"),
                    *("--panel", panel, "--workers", str(workers)),
                ],
                stdout=sink,
                stderr=sink,
                env=os.environ | {"MOA_SCORER_LOG_FORMAT": "json", "MOA_SCORER_LOG_LEVEL": "info"},
            )
        server = Server(process=process, log=log)
        try:
            yield _when_healthy(server, time.monotonic() + patience)
        finally:
            _stop(process)


def _when_healthy(server: Server, deadline: float) -> Server:
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise LoadError("the server ended:\n" + "\n".join(server.lines()[-20:]))
        port = next((e["port"] for e in _events(server.lines()) if e["event"] == "server_listening"), None)
        if port and _healthy(host := f"127.0.0.1:{port}"):
            return Server(process=server.process, log=server.log, host=host)
        time.sleep(0.1)
    raise LoadError("the server did not get healthy:\n" + "\n".join(server.lines()[-20:]))


def _healthy(host: str) -> bool:
    with grpc.insecure_channel(host) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=SERVICE), timeout=2
            )
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


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
    except (LoadError, OSError, subprocess.TimeoutExpired) as error:
        print(f"load: {error}", file=sys.stderr)
        return 2
    print(table(rows))
    wrong = [fault for row in rows for fault in faults(row)]
    print("\n".join(f"FAILED {fault}" for fault in wrong) or "load: every call was answered with a score")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
