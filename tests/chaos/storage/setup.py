"""The server that is killed: three judges at the fake vendor, one database, one or two processes."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from deploy.local_server import Server, serving
from moa_scorer.providers.spec import Wire
from tests.bench.capacity import process_tree
from tests.chaos.setup import MAX_TOKENS, PRICE, TRAFFIC
from tests.chaos.truth import CRITERIA
from tests.chaos.vendor import Chaos
from tests.fakes.catalogue import KEY_VARIABLE, FakeJudge, FakePanel, write_catalogue

JUDGES: Final[Mapping[str, Wire]] = {"alpha": Wire.OPENAI, "beta": Wire.ANTHROPIC, "gamma": Wire.GEMINI}
PANEL: Final = FakePanel(name="killed", judges=tuple(JUDGES), quorum=2)
RUBRIC: Final = "fake"
ONE_CALL: Final = TRAFFIC | {"attempts": 1, "hedge": False, "timeout": 20.0}
"""Nothing is sent twice but by what goes on after a kill."""
PATIENCE: Final = 120.0
"""Seconds in which the server must serve."""


def vendor_of(seed: int, run: int, median: float) -> Chaos:
    """A vendor that answers everything, after a while: calls are at work when the server dies."""
    return Chaos(seed=seed, run=run, chances={}, median=median)


def catalogue(folder: Path, urls: Mapping[str, str]) -> None:
    """Writes what the server serves."""
    judges = [
        FakeJudge(name=name, kind=kind, base_url=urls[name], traffic=ONE_CALL)
        for name, kind in JUDGES.items()
    ]
    write_catalogue(
        folder, judges=judges, panels=[PANEL], criteria=CRITERIA, price=PRICE, max_tokens=MAX_TOKENS
    )


@contextmanager
def product(folder: Path, database: str, workers: int) -> Iterator[Server]:
    """`moa-scorer serve` on the catalogue, the database and the jobs of a folder; SIGTERM at the end."""
    environment = {
        "MOA_SCORER_CATALOG_DIR": str((folder / "catalogue").resolve()),
        "MOA_SCORER_JOBS_DIR": str((folder / "jobs").resolve()),
        "MOA_SCORER_DATABASE": database,
        KEY_VARIABLE: "fake",
    }
    with serving(PANEL.name, workers, PATIENCE, environment) as server:
        yield server


def kill(server: Server) -> None:
    """Ends every process of the server at once; the first one first, so that it replaces nobody."""
    for pid in list(process_tree(server.process.pid)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.process.wait()
