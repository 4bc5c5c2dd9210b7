"""What one worker process needs and gets done, for choosing replicas and limits (deploy/SIZING.md).

Items per second of a core = answers / CPU seconds of the worker, so it holds on a busy machine too; judges
behind HTTP are a scripted vendor in a process of its own. Memory is the worker's resident size: with its
models warm, and at its peak under load. A cold start runs from starting the process until health says
SERVING; its CPU seconds hold on a busy machine. Answers are not remembered: every item is judged.
"""

import argparse
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local_server import Server, serving
from moa_scorer.client import Client, Item
from tests.bench.bench_storage import postgres
from tests.bench.capacity import LOADS, Load, cpu_seconds, peak_megabytes, process_tree, texts
from tests.bench.fast_vendor import fast_vendor
from tests.bench.http_judges import DELAY, PANEL, catalogue_of, judges_at
from tests.bench.report import markdown

HTTP = Load(panel=PANEL, file="moderation.jsonl.gz", kind="comment", items=1500)
PANELS = {load.panel: load for load in (*LOADS[:2], HTTP)}
JUDGES = 3
"""Of the panel behind HTTP."""
QUIET = 2.0
"""Seconds of next to no work after which a server has nothing left to prepare."""
AT_ONCE = 4
"""Calls; no more than a worker takes without shedding load."""
DATABASES = ("off", "sqlite", "postgresql")
HEADINGS = (
    "panel",
    "database",
    "texts",
    "items/s of a core",
    "memory warm, MB",
    "memory peak, MB",
    "cold start, s (of it CPU)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A panel, and where its records go."""

    load: Load
    database: str


def resident_megabytes(pids: Iterable[int]) -> float:
    """What the largest of the processes holds now."""
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return max(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def shared_megabytes(pids: Iterable[int]) -> float:
    """What the processes hold together, pages that they share counted once."""
    lines = (
        line
        for pid in pids
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    )
    return sum(int(line.split()[1]) for line in lines) / 1024


@contextmanager
def server_of(case: Case, workers: int = 1) -> Iterator[Server]:
    """A server for the case, healthy."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        environment = {"MOA_SCORER_LOCAL_THREADS": "1", "MOA_SCORER_CACHE": "false"}
        environment["MOA_SCORER_DATABASE"] = _url(case.database, folder, stack)
        environment |= _vendor(folder, stack) if case.load is HTTP else {}
        running = serving(case.load.panel, workers, patience=180, environment=environment)
        yield stack.enter_context(running)


def _url(database: str, folder: Path, stack: ExitStack) -> str:
    if database == "postgresql":
        return stack.enter_context(postgres())
    return f"sqlite:///{folder / 'records.db'}" if database == "sqlite" else database


def _vendor(folder: Path, stack: ExitStack) -> Mapping[str, str]:
    vendor = stack.enter_context(fast_vendor(DELAY))
    catalogue_of(folder / "catalogue", judges_at(vendor, JUDGES))
    return {"MOA_SCORER_CATALOG_DIR": str(folder / "catalogue"), "FAKE_VENDOR_KEY": "any"}


def measure(case: Case, share: float) -> tuple[str, ...]:
    """The row of a case; raises when an answer holds no score."""
    items = items_of(case.load, share)
    started = time.monotonic()
    with server_of(case) as server:
        cold = time.monotonic() - started
        pids = list(process_tree(server.process.pid))
        cold_cpu = cpu_seconds(pids)
        warm, cpu = _under_load(server, pids, items)
        peak = peak_megabytes(pids)
    panel = f"{JUDGES} judges behind HTTP" if case.load is HTTP else f"`{case.load.panel}`"
    return (
        panel,
        case.database,
        f"{len(items)} × {case.load.kind}",
        f"{len(items) / cpu:.1f}",
        f"{warm:.0f}",
        f"{peak:.0f}",
        f"{cold:.1f} ({cold_cpu:.1f})",
    )


def items_of(load: Load, share: float) -> list[Item]:
    """Real texts; for the judges behind HTTP one of them under many titles, for the vendor quotes from it."""
    items = texts(load)[: max(AT_ONCE, round(share * load.items))]
    return [replace(items[0], title=f"Title {n}") for n in range(len(items))] if load is HTTP else items


def settle(pids: Sequence[int]) -> None:
    """Waits until the server has prepared what it does after its start, for at most a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        before = cpu_seconds(pids)
        time.sleep(QUIET)
        if cpu_seconds(pids) - before < 0.05 * QUIET:
            return


def _under_load(server: Server, pids: Sequence[int], items: Sequence[Item]) -> tuple[float, float]:
    """Memory after the first answer, and CPU seconds for all the items."""
    with Client(server.host, deadline=120) as client, ThreadPoolExecutor(AT_ONCE) as callers:
        client.score(items[0])
        settle(pids)
        warm, before = resident_megabytes(pids), cpu_seconds(pids)
        for result in callers.map(client.score, items):
            result.score  # noqa: B018 - raises where there is no score
        return warm, cpu_seconds(pids) - before


def together(workers: int) -> str:
    """What several workers of the default panel hold with their supervisor."""
    with server_of(Case(load=LOADS[1], database="off"), workers) as server:
        held = shared_megabytes(process_tree(server.process.pid))
    return f"\n{workers} workers of `{LOADS[1].panel}` and their supervisor hold {held:.0f} MB together."


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--panels", nargs="+", choices=list(PANELS), default=list(PANELS))
    parser.add_argument("--share", type=float, default=1.0, help="of the items; 0.1 for a quick look")
    parser.add_argument("--workers", type=int, default=0, help="also what so many hold together")
    said = parser.parse_args()
    if not Path("/proc/self/stat").exists():
        print("sizing: skipped, it reads memory and CPU time from /proc, which only Linux has")
        return
    print(f"\n## Sizing\n\n{__doc__}\n{AT_ONCE} calls at once.\n")
    print(markdown(HEADINGS, []))
    for case in (Case(load=PANELS[name], database=each) for name in said.panels for each in said.databases):
        print(f"| {' | '.join(measure(case, said.share))} |", flush=True)
    if said.workers:
        print(together(said.workers))


if __name__ == "__main__":
    main()
