"""A few rounds of a server killed under load; `make chaos-storage` has many."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.storage.databases import KINDS
from tests.chaos.storage.figures import SLOWEST_START
from tests.chaos.storage.run import Options, run


@pytest.fixture
def folder() -> Iterator[Path]:
    """None of pytest's, which another session shuts while PostgreSQL, that is no root, has to get through."""
    with tempfile.TemporaryDirectory(prefix="killed") as name:
        yield Path(name)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", KINDS)
def test_what_a_killed_server_told_is_there_once_and_paid_once(database: str, folder: Path) -> None:
    rounds = {"sqlite": 2, "postgresql": 1}[database]
    options = Options(
        database=database,
        folder=folder,
        rounds=rounds,
        in_flight=6,
        a_job=30,
        shortest=0.4,
        longest=1.5,
        median=0.05,
    )

    found = run(options)

    assert [figure for figure in found if not figure.ok and figure.name != SLOWEST_START] == []
