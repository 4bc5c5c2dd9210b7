"""Panel files with a mistake each: `moa-scorer check` names it with file and path."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app

BROKEN = sorted((Path(__file__).parent / "broken_panels").glob("*.yaml"))
EXPECTED = "# expected: "


def _expected(panel: Path) -> str:
    first = panel.read_text().splitlines()[0]
    assert first.startswith(EXPECTED)
    return first.removeprefix(EXPECTED)


def _check(catalogue: Path) -> list[str]:
    done = CliRunner().invoke(app, ["check", str(catalogue)])
    assert done.exit_code == 1
    return [line.removeprefix("moa-scorer: ") for line in done.stderr.splitlines()]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda path: path.stem)
def test_check_names_the_mistake_with_file_and_path(broken: Path, catalogue: Path) -> None:
    placed = Path(shutil.copy(broken, catalogue / "panels"))

    assert _check(catalogue) == [f"{placed}: {_expected(broken)}", "1 mistake"]


def test_check_names_the_mistakes_of_all_broken_files_at_once(catalogue: Path) -> None:
    placed = [(shutil.copy(broken, catalogue / "panels"), _expected(broken)) for broken in BROKEN]

    *mistakes, count = _check(catalogue)
    assert sorted(mistakes) == sorted(f"{file}: {words}" for file, words in placed)
    assert count == f"{len(placed)} mistakes"
