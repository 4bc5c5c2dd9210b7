"""A few rounds of a server killed under load; `make chaos-storage` has many."""

from pathlib import Path

import pytest

from tests.chaos.storage.databases import KINDS
from tests.chaos.storage.run import Options, run


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", KINDS)
def test_what_a_killed_server_told_is_there_once_and_paid_once(database: str, tmp_path: Path) -> None:
    rounds = {"sqlite": 3, "postgresql": 1}[database]
    options = Options(
        database=database,
        folder=tmp_path,
        rounds=rounds,
        in_flight=6,
        a_job=30,
        shortest=0.4,
        longest=1.5,
        median=0.05,
    )

    found = run(options)

    assert [figure for figure in found if not figure.ok] == []
