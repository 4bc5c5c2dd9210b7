"""Restarts servers one after the other under steady load, kills a worker, and counts the calls that fail.

Two replicas behind one client-side balanced target are stopped with SIGTERM and started again, in turn. Then
one of two workers on a shared port is killed with -9. Connections are aged out every five seconds meanwhile.
Callers with the shipped service config must not see a call fail; those that try once are counted beside them.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from tests.bench.report import markdown
from tests.rolling.callers import Load, Outcomes
from tests.rolling.replicas import Replica, running

PAUSE: Final = 3.0
"""Seconds between two restarts, and before the first."""
HEADINGS: Final = ("what", "caller", "answered", "failed", "slowest ms")


async def under_load(
    target: str, rate: float, happening: Callable[[], Awaitable[None]], pause: float = PAUSE
) -> Load:
    """What callers saw while it happened."""
    load, ended = Load(), asyncio.Event()
    calling = asyncio.create_task(load.go_on(target, rate, ended))
    await asyncio.sleep(pause)
    await happening()
    await asyncio.sleep(pause)
    ended.set()
    await calling
    return load


async def restarted(replicas: Sequence[Replica], rounds: int, pause: float = PAUSE) -> None:
    """One after the other, the next when the last one serves."""
    for _ in range(rounds):
        for replica in replicas:
            if status := await asyncio.to_thread(replica.stop):
                raise RuntimeError(f"{replica.address} ended with status {status}")
            await asyncio.to_thread(replica.start)
            await asyncio.sleep(pause)


async def killed(replica: Replica, times: int, pause: float = PAUSE) -> None:
    """A worker is killed with -9, and another has taken its place."""
    for _ in range(times):
        served = replica.served()
        os.kill(min(replica.workers_running()), signal.SIGKILL)
        await asyncio.to_thread(replica.has_served, served + 1)
        await asyncio.sleep(pause)


def rolling(folder: Path, rate: float, rounds: int) -> Load:
    """Two replicas, restarted in turn."""
    with running(folder, replicas=2) as replicas:
        target = "ipv4:" + ",".join(replica.address for replica in replicas)
        return asyncio.run(under_load(target, rate, lambda: restarted(replicas, rounds)))


def crashing(folder: Path, rate: float, times: int) -> Load:
    """Two workers on one port, of which one is killed."""
    with running(folder, replicas=1, workers=2) as (replica,):
        return asyncio.run(under_load(replica.address, rate, lambda: killed(replica, times)))


def rows(what: str, load: Load) -> list[tuple[str, ...]]:
    """Cells under the headings."""
    return [
        (what, "shipped service config", *_cells(load.shipped)),
        (what, "tries once", *_cells(load.bare)),
    ]


def _cells(outcomes: Outcomes) -> tuple[str, ...]:
    failed = ", ".join(f"{status} {count}" for status, count in outcomes.failed.items()) or "0"
    return str(outcomes.answered), failed, f"{outcomes.slowest * 1e3:.0f}"


def main() -> int:
    """The exit status: 0 = no call with the shipped service config failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rate", type=float, default=40, help="calls a second of each caller")
    parser.add_argument("--rounds", type=int, default=3, help="restarts of each replica, and kills")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        restarts = rolling(Path(folder), chosen.rate, chosen.rounds)
        kills = crashing(Path(folder), chosen.rate, chosen.rounds)
    print(markdown(HEADINGS, [*rows("rolling restart", restarts), *rows("worker killed", kills)]))
    failed = restarts.shipped.failed + kills.shipped.failed
    print(f"FAILED {dict(failed)}" if failed else "rolling: no call failed with the shipped service config")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
