"""100,000 records made by the real pipeline and replayed to the bit; then flipped bits are found and named.

Records are made from the embedded judges' recorded ballots (summaries, stories, comments) by the shipped
snapshots, with many sets of judges away, in processes of their own; other processes replay them from the
database alone. A run that was interrupted goes on with the next slice; `--fresh` begins anew.
"""

import argparse
import asyncio
import gc
import json
import multiprocessing
import random
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Final, TypeVar

from moa_scorer.app.cli.progress import Progress
from moa_scorer.storage.parts import PARTS
from moa_scorer.telemetry import logs
from tests.replay.checking import Checker, Found
from tests.replay.making import Slice, make, prepare, slices

FOLDER: Final = Path("build/replay")
SLICE: Final = 2_000
SHOWN: Final = 20
"""Differences that are listed."""

T = TypeVar("T")
_RUNNER: Final = asyncio.Runner()
_CHECKERS: Final[dict[str, Checker]] = {}


def quiet() -> None:
    """Of what a server logs, only errors."""
    logs.configure("console", "error")


def made(url: str, of: Slice) -> int:
    """Makes a slice, in the loop of this process."""
    with _settled():
        return _RUNNER.run(make(url, of))


def checked(url: str, of: Slice) -> Found:
    """Replays a slice, with what this process has read for the ones before."""
    checker = _CHECKERS.setdefault(url, Checker(url))
    with _settled():
        return _RUNNER.run(checker.check(of))


@contextmanager
def _settled() -> Iterator[None]:
    """What was parsed and worked out meanwhile stays for good: no collection need look at it again."""
    yield
    gc.collect()
    gc.freeze()


def each(
    pool: ProcessPoolExecutor, work: Callable[[str, Slice], T], url: str, todo: Sequence[Slice], what: str
) -> Iterator[T]:
    """What the work on each slice came to, as it is done; a bar on a terminal, else a line now and then."""
    futures = {pool.submit(work, url, of): of for of in todo}
    with Progress(sum(of.size for of in todo), what) as bar:
        for future in as_completed(futures):
            yield future.result()
            for _ in range(futures[future].size):
                bar.advance()


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 at any difference, or where a flipped bit is not named."""
    options = _options(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    path: Path = options.folder / "records.db"
    if options.fresh:
        for old in options.folder.glob("records.db*"):
            old.unlink()
    url, todo = f"sqlite:///{path}", slices(options.records, min(SLICE, options.records))
    asyncio.run(prepare(url))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, spawn, initializer=quiet) as pool:
        started = monotonic()
        new = sum(each(pool, made, url, todo, "making records"))
        replaying = monotonic()
        found = together(each(pool, checked, url, todo, "replaying"))
        ended = monotonic()
        with flipped(path, options.seed) as flips:
            hit = [of for of in todo if any(of.holds(name) for name in flips)]
            damaged = together(each(pool, checked, url, hit, "replaying with flipped bits")).damaged
    seconds = {"making": replaying - started, "replaying": ended - replaying}
    print(json.dumps(figures(found, new, seconds, path) | {"flipped": flips, "damaged": damaged}, indent=1))
    return 0 if found.same == options.records and sorted(damaged) == sorted(flips) else 1


def figures(found: Found, new: int, seconds: Mapping[str, float], path: Path) -> dict[str, object]:
    """What a run came to."""
    return {
        "records": found.records,
        "same to the last bit": found.same,
        "differences": found.differences[:SHOWN],
        "missing": found.missing[:SHOWN],
        "made in this run": new,
        "sets of judges that answered": len(found.masks),
        "kinds of records": dict(sorted(found.seen.items())),
        "seconds": {what: round(each, 1) for what, each in seconds.items()},
        "bytes a record": path.stat().st_size // max(found.records, 1),
    }


def together(parts: Iterable[Found]) -> Found:
    """All slices."""
    whole = Found()
    for part in parts:
        whole.add(part)
    return whole


@contextmanager
def flipped(path: Path, seed: int) -> Iterator[list[str]]:
    """One bit flipped in one part of one record, for each part another record: `records/NAME: PART`.

    At the end the bytes are as they were.
    """
    drawn = random.Random(seed)
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM records ORDER BY name")]
        chosen = dict(zip(PARTS, drawn.sample(names, len(PARTS)), strict=True))
        before = {part: _bytes(database, name, part) for part, name in chosen.items()}
        for part, name in chosen.items():
            content = bytearray(before[part])
            content[drawn.randrange(len(content))] ^= 1 << drawn.randrange(8)
            _write(database, name, part, bytes(content))
        yield [f"records/{name}: {part}" for part, name in chosen.items()]
        for part, name in chosen.items():
            _write(database, name, part, before[part])


def _bytes(database: sqlite3.Connection, name: str, part: str) -> bytes:
    row = database.execute(f"SELECT {part} FROM records WHERE name = ?", (name,)).fetchone()
    content: bytes = row[0]
    return content


def _write(database: sqlite3.Connection, name: str, part: str, content: bytes) -> None:
    with database:
        database.execute(f"UPDATE records SET {part} = ? WHERE name = ?", (content, name))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the database is kept")
    parser.add_argument("--fresh", action="store_true", help="make all records anew")
    parser.add_argument("--seed", type=int, default=0, help="of the bits that are flipped")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
