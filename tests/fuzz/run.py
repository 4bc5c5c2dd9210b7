"""Attacks a server with malformed frames, messages and connections, and checks that it goes on all the same.

A good client calls all the while and has to be answered every time. At the end the server is the same
process, holds no more memory or files than after its warm-up, and has logged no crash. What the gRPC library
by itself keeps of an attack is measured first, on a server that is nothing else, and taken off.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from deploy.loadtest.scripted import MODULE
from deploy.local_server import events, serving
from moa_scorer.client import AsyncClient, ScorerError
from tests.fuzz.attacks import ATTACKS, Peer
from tests.fuzz.control import bare_server
from tests.fuzz.watch import MEBI, Look, grown, look

ROOT: Final = Path(__file__).resolve().parents[2]
ATTACKERS: Final = 12
PATIENCE: Final = 10.0
"""Seconds that one attack may take."""
BETWEEN: Final = 0.1
"""Seconds between two calls of the good client."""
DEADLINE: Final = 10.0
"""Seconds of such a call."""
AFTERWARDS: Final = 10.0
"""Seconds until everything that attackers left open has to be closed."""
MOST_GROWTH: Final = 0.05
"""Of memory after the warm-up."""
CONNECTIONS: Final = {"MOA_SCORER_CONNECTIONS__HANDSHAKE": "4", "MOA_SCORER_CONNECTIONS__IDLE": "4"}
"""What nobody uses is closed soon."""
SPARE_FILES: Final = 10
"""Files that a server may have open more than before: connections to its database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What happened while the server was attacked."""

    attacks: Counter[str]
    """By name."""
    calls: "GoodCalls"
    before: Look
    looks: Sequence[Look]
    after: Look
    log: Sequence[str]
    alive: bool
    library: float = 0.0
    """Bytes that the gRPC library by itself keeps of an attack."""

    @property
    def growth(self) -> float:
        """Of the memory, as a share of what it was after the warm-up."""
        return grown(self.looks).share

    @property
    def of_library(self) -> float:
        """The part of it that is the library's."""
        return grown(self.looks).share_of(self.library, self.attacks.total())


@dataclass(slots=True)
class GoodCalls:
    """A client that does nothing wrong."""

    seconds: list[float] = field(default_factory=list)
    """Of the calls that were answered."""
    failed: Counter[str] = field(default_factory=Counter)
    """By status."""

    async def go_on(self, port: int, ended: asyncio.Event) -> None:
        """One call after the other, each on a text of its own."""
        async with AsyncClient(f"127.0.0.1:{port}", retries=False) as client:
            while not ended.is_set():
                before = time.monotonic()
                try:
                    await client.score(f"Number {before} is quite a fine text.", deadline=DEADLINE)
                    self.seconds.append(time.monotonic() - before)
                except ScorerError as error:
                    self.failed[error.code.name] += 1
                await asyncio.sleep(BETWEEN)


def kept_by_library(seconds: float, seed: int, attackers: int = ATTACKERS) -> float:
    """Bytes of an attack that a server keeps which is the gRPC library and nothing else."""
    looks = list[Look]()
    with (
        bare_server(CONNECTIONS) as (port, pid),
        _attackers(port, seconds, seed, attackers) as told,
    ):
        while not told.poll(1):
            looks.append(look(pid, time.monotonic()))
        return grown(looks).an_attack(told.recv().total())


def fuzz(seconds: float, seed: int, attackers: int = ATTACKERS, library: float = 0.0) -> Seen:
    """Attacks a server of scripted judges for so long."""
    with tempfile.TemporaryDirectory() as folder, serving("load", environment=_environment(folder)) as server:
        port, pid = int(server.host.rpartition(":")[2]), server.process.pid
        before, looks, calls = look(pid, time.monotonic()), list[Look](), GoodCalls()
        with _attackers(port, seconds, seed, attackers) as told:
            asyncio.run(_watched(told, port, pid, calls, looks))
            attacks: Counter[str] = told.recv()
        time.sleep(AFTERWARDS)
        alive = server.process.poll() is None
        after = look(pid, time.monotonic()) if alive else before
        return Seen(
            attacks=attacks,
            calls=calls,
            before=before,
            looks=looks,
            after=after,
            log=server.lines(),
            alive=alive,
            library=library,
        )


def _environment(folder: str) -> dict[str, str]:
    return {
        "PYTHONFAULTHANDLER": "1",
        "PYTHONPATH": str(ROOT),
        "MOA_SCORER_CATALOG_DIR": str(ROOT / "deploy" / "loadtest" / "catalogue"),
        "MOA_SCORER_JUDGE_MODULES": json.dumps([MODULE]),
        "MOA_SCORER_JOBS_DIR": folder,
        "LOADTEST_HANGS": "0",
        "MOA_SCORER_CACHE_ITEMS": "200",
        "MOA_SCORER_DATABASE": f"sqlite:///{folder}/records.db",
        **CONNECTIONS,
    }


async def _watched(attackers: Connection, port: int, pid: int, calls: GoodCalls, looks: list[Look]) -> None:
    """Good calls, and a look at the server each second, until the attackers are done."""
    ended = asyncio.Event()
    going_on = asyncio.create_task(calls.go_on(port, ended))
    with suppress(FileNotFoundError):
        while not attackers.poll():
            looks.append(look(pid, time.monotonic()))  # raises when the server is gone
            await asyncio.sleep(1)
    ended.set()
    await going_on


@contextmanager
def _attackers(port: int, seconds: float, seed: int, attackers: int) -> Iterator[Connection]:
    """A process that attacks for so long, and tells how often each attack was made."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(theirs, port, seconds, seed, attackers), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        process.join(PATIENCE)
        process.kill()


def _process(pipe: Connection, port: int, seconds: float, seed: int, attackers: int) -> None:
    pipe.send(asyncio.run(_attack(port, seconds, seed, attackers)))


async def _attack(port: int, seconds: float, seed: int, attackers: int) -> Counter[str]:
    made, end = Counter[str](), time.monotonic() + seconds

    async def attacker(number: int) -> None:
        peer = Peer(port, random.Random(seed + number))
        while time.monotonic() < end:
            attack = peer.draw.choice(ATTACKS)
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(PATIENCE):
                    await attack(peer)
            made[attack.__name__] += 1

    await asyncio.gather(*(attacker(number) for number in range(attackers)))
    return made


def faults(seen: Seen, most_growth: float = MOST_GROWTH) -> list[str]:
    """What does not hold."""
    crashes = [event for event in events(seen.log) if event["event"].endswith("_crashed")]
    tracebacks = [line for line in seen.log if line.startswith("Traceback")]
    growth = seen.growth - seen.of_library
    left_open = seen.after.files - seen.before.files
    unclosed = seen.after.sockets - seen.before.sockets
    return [
        words
        for wrong, words in (
            (not seen.alive, f"the server ended: {list(seen.log)[-30:]}"),
            (bool(crashes), f"{len(crashes)} crashes in the log, such as {crashes[:3]}"),
            (bool(tracebacks), f"{len(tracebacks)} tracebacks in the log"),
            (bool(seen.calls.failed), f"calls of the good client failed: {dict(seen.calls.failed)}"),
            (not seen.calls.seconds, "the good client was never answered"),
            (growth > most_growth, f"memory grew by {growth:.1%} more than the library's"),
            (left_open > SPARE_FILES, f"{left_open} files stayed open"),
            (unclosed > 0, f"{unclosed} connections stayed open"),
        )
        if wrong
    ]


def report(seen: Seen) -> str:
    """In words, for people."""
    answered = sorted(seen.calls.seconds) or [0.0]
    memory = [each.memory / MEBI for each in seen.looks] or [0.0]
    lines = [
        f"attacks: {seen.attacks.total()} of {len(seen.attacks)} kinds: {dict(sorted(seen.attacks.items()))}",
        f"good calls: {len(seen.calls.seconds)} answered, {seen.calls.failed.total()} failed, "
        f"p50 {statistics.median(answered) * 1e3:.0f} ms, slowest {answered[-1] * 1e3:.0f} ms",
        f"memory: {memory[0]:.0f} MiB at the start, at most {max(memory):.0f}, {memory[-1]:.0f} at the end, "
        f"{seen.growth:+.1%} after the warm-up; the library keeps {seen.library:.0f} bytes of an attack, "
        f"{seen.of_library:+.1%}",
        f"files: {seen.before.files} before, at most {max(each.files for each in seen.looks)}, "
        f"{seen.after.files} afterwards; sockets: {seen.before.sockets} before, {seen.after.sockets} after",
        f"threads: {seen.before.threads} before, {seen.after.threads} after",
    ]
    return "\n".join(lines)


def main() -> int:
    """The exit status: 0 = all holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--control", type=float, default=300, help="of the bare server before it")
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same attacks")
    parser.add_argument("--attackers", type=int, default=ATTACKERS, help="at once")
    parser.add_argument("--log", type=Path, help="where the server's log is kept")
    chosen = parser.parse_args()
    print(f"fuzz: {chosen.control:g} s of a bare server", file=sys.stderr, flush=True)
    library = kept_by_library(chosen.control, chosen.seed, chosen.attackers)
    print(f"fuzz: {chosen.seconds:g} s, seed {chosen.seed}", file=sys.stderr, flush=True)
    seen = fuzz(chosen.seconds, chosen.seed, chosen.attackers, library)
    if chosen.log:
        chosen.log.write_text("\n".join(seen.log))
    found = faults(seen)
    print(report(seen), "\n".join(f"FAILED {fault}" for fault in found) or "fuzz: all holds", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
