"""Commands that fit or work out weights hold native libraries to one thread before they load them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from moa_scorer.app import threads
from moa_scorer.app.cli.root import app

COMMANDS = (
    "card DATA",
    "compare x.json.gz x.json.gz DATA",
    "drift DATA --snapshot x.json.gz",
    "evaluate DATA",
    "fit DATA --out y.json.gz",
    "next-judge DATA --snapshot x.json.gz",
    "plan-ratings DATA",
    "report DATA",
    "snapshots gate DATA --candidate x.json.gz --against x.json.gz",
    "thresholds DATA",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_fits_or_works_out_weights_starts_no_threads(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capped: list[int] = []
    monkeypatch.setattr(threads, "cap", capped.append)
    monkeypatch.chdir(tmp_path)
    for name in ("empty.jsonl", "x.json.gz"):
        Path(name).write_text("")

    CliRunner().invoke(app, command.replace("DATA", "empty.jsonl").split())

    assert capped == [1]
