"""`moa-scorer evaluate` and `moa-scorer compare` on a small file of one's own."""

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.learning.protocol.findings import BEST, PANEL, read_evaluations


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(0)
    path = tmp_path_factory.mktemp("data") / "letters.csv"
    lines = ["item,group,rating,judge.ann,judge.bob"]
    for i in range(80):
        truth = rng.random()
        rating, ann, bob = (round(1 + 4 * truth), truth + rng.gauss(0, 0.2), truth + rng.gauss(0, 0.3))
        lines.append(f"i{i},g{i // 2},{rating},{min(max(ann, 0), 1):.3f},{min(max(bob, 0), 1):.3f}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_evaluate_shows_figures_and_advice_and_writes_them_all(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    ran = CliRunner().invoke(app, ["evaluate", str(data), "--processes", "1", "--json", str(out)])
    assert ran.exit_code == 0, ran.output
    assert "best single judge" in ran.output
    assert "effective votes" in ran.output
    (found,) = read_evaluations(out)
    assert (found.items, found.groups, found.judges) == (80, 40, ("ann", "bob"))
    assert found.advice.words.split()[0] in ran.output
    assert {PANEL, BEST} <= set(found.methods)


def test_two_processes_find_what_one_finds(data: Path, tmp_path: Path) -> None:
    found = []
    for processes in ("1", "2"):
        out = tmp_path / f"{processes}.json"
        options = ["--rated", "24", "--repeats", "2", "--processes", processes, "--json", str(out)]
        ran = CliRunner().invoke(app, ["evaluate", str(data), *options])
        assert ran.exit_code == 0, ran.output
        found.append(json.loads(out.read_text())[0] | {"seconds": None})
    assert found[0]["figures"] == found[1]["figures"]
    assert found[0]["differences"] == found[1]["differences"]


def test_more_ratings_than_there_are_is_told_in_a_line(data: Path) -> None:
    ran = CliRunner().invoke(app, ["evaluate", str(data), "--rated", "60"])
    assert ran.exit_code == 1
    assert "30% of the groups hold 24 items: ask for fewer than 60, or for all" in ran.output


def test_a_number_that_is_none_is_wrong_usage(data: Path) -> None:
    ran = CliRunner().invoke(app, ["evaluate", str(data), "--rated", "many"])
    assert ran.exit_code == 2
    assert "a number or all" in ran.output


def test_compare_takes_panels_by_glob_and_names_flipped_decisions(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "compared.json"
    ran = CliRunner().invoke(app, ["compare", "bob", "*", str(data), "-t", "0.4", "--json", str(out)])
    assert ran.exit_code == 0, ran.output
    assert "B less A" in ran.output
    (found,) = json.loads(out.read_text())
    assert found["b"] == "*"
    assert found["thresholds"] == [0.4]
    assert all(f["item"].startswith("letters/") for f in found["flips"])


def test_compare_takes_snapshots(data: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.json.gz"
    assert CliRunner().invoke(app, ["fit", str(data), "--out", str(mine)]).exit_code == 0
    ran = CliRunner().invoke(app, ["compare", str(mine), "ann", str(data)])
    assert ran.exit_code == 0, ran.output
    assert "its figures flatter it" in " ".join(ran.output.split())


def test_a_judge_that_is_not_there_is_told(data: Path) -> None:
    ran = CliRunner().invoke(app, ["compare", "carl", "ann", str(data)])
    assert ran.exit_code == 2
    assert "there are ann, bob" in ran.output
