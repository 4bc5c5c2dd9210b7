"""The capacity sheet: what one worker process gets done, by panel, on real texts from the tests' data.

Items per second of a core = answers / CPU seconds of the worker, so it holds on a busy machine too; the rate
seen is what came out meanwhile, with one thread for the judges. Memory is the peak of the worker. A cold
start runs from starting the process until health says SERVING, models loaded.
"""

import argparse
import gzip
import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from deploy.local_server import Server, serving
from moa_scorer.client import Client, Item
from tests.bench.report import markdown

DATA = Path(__file__).resolve().parents[1] / "data"
AT_ONCE = 4
SHORTEST = 8
"""Words; below it the judges abstain, and what takes no work would count as capacity."""
HEADINGS = (
    "panel",
    "texts",
    "words, median",
    "items/s of a core",
    "items/s seen",
    "p50 / p95 ms",
    "peak memory, MB",
    "cold start, s",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a panel is given."""

    panel: str
    file: str
    kind: str
    items: int


LOADS = (
    Load(panel="embedded-fast", file="moderation.jsonl.gz", kind="comment", items=1500),
    Load(panel="embedded", file="summeval.jsonl.gz", kind="summary", items=40),
    Load(panel="embedded", file="hanna.jsonl.gz", kind="story", items=20),
)


def texts(load: Load) -> list[Item]:
    """Real items of the file, spread over it, as many as asked for; none of a word or two."""
    with gzip.open(DATA / load.file, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if len(row["content"].split()) >= SHORTEST]
    step = max(1, len(rows) // load.items)
    chosen = islice(cycle(rows[::step]), load.items)
    return [Item(text=r["content"], kind=load.kind, context=r["context"] or "") for r in chosen]


def process_tree(root: int) -> Iterator[int]:
    """The process and all below it."""
    yield root
    for task in Path(f"/proc/{root}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from process_tree(int(child))


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU time that the processes have used so far."""
    return sum(sum(int(ticks) for ticks in _stat(pid)[11:13]) / os.sysconf("SC_CLK_TCK") for pid in pids)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the program's name, which may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def peak_megabytes(pids: Sequence[int]) -> float:
    """The most memory that the largest of the processes has held."""
    peaks = [
        int(line.split()[1])
        for pid in pids
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    ]
    return max(peaks) / 1024


def measure(load: Load) -> tuple[str, ...]:
    """Starts a server for the load and gives its row; raises when an answer holds no score."""
    items = texts(load)
    started = time.monotonic()
    with serving(load.panel, patience=180, environment={"MOA_SCORER_LOCAL_THREADS": "1"}) as server:
        cold = time.monotonic() - started
        row = _under_load(server, items)
    words = statistics.median(len(item.text.split()) for item in items)
    return (f"`{load.panel}`", f"{len(items)} × {load.kind}", f"{words:.0f}", *row, f"{cold:.1f}")


def _under_load(server: Server, items: Sequence[Item]) -> tuple[str, ...]:
    pids = list(process_tree(server.process.pid))
    with Client(server.host, deadline=120) as client, ThreadPoolExecutor(AT_ONCE) as callers:
        client.score(items[0])
        cpu, started = cpu_seconds(pids), time.monotonic()
        took = list(callers.map(lambda item: _timed(client, item), items))
        elapsed, used = time.monotonic() - started, cpu_seconds(pids) - cpu
    cuts = statistics.quantiles(took, n=20)
    return (
        f"{len(items) / used:.1f}",
        f"{len(items) / elapsed:.1f}",
        f"{cuts[9] * 1e3:.0f} / {cuts[18] * 1e3:.0f}",
        f"{peak_megabytes(pids):.0f}",
    )


def _timed(client: Client, item: Item) -> float:
    started = time.monotonic()
    client.score(item).score  # noqa: B018 - raises where there is no score
    return time.monotonic() - started


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    if not Path("/proc/self/stat").exists():
        print("capacity: skipped, it reads memory and CPU time from /proc, which only Linux has")
        return
    print(f"\n## Capacity of one worker\n\n{__doc__}\n{AT_ONCE} calls at once.\n")
    print(markdown(HEADINGS, [measure(load) for load in LOADS]))


if __name__ == "__main__":
    main()
