"""`moa-scorer report`: one file from rated items, or words that say why not."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from moa_scorer.app.cli.root import app
from moa_scorer.learning.protocol.findings import write_evaluations
from moa_scorer.learning.study.ratings import digest
from tests.fakes.findings import evaluation

QUICK = ("--curve", "none", "--processes", "1", "--scores-only")


def write(path: Path, items: int, seed: int = 0) -> Path:
    """Rated items of one criterion; ann sees the truth, bob sees it upside down."""
    rng = np.random.default_rng(seed)
    lines = []
    for i, truth in enumerate(rng.normal(3, 1, items)):
        seen = {"ann": truth + rng.normal(0, 0.5), "bob": 6 - truth + rng.normal(0, 0.7)}
        lines.append(
            {
                "dataset": "letters",
                "item_id": str(i),
                "group_id": str(i // 2),
                "dimension": "clarity",
                "content": f"Letter {i}.",
                "human": [int(np.clip(round(truth), 1, 5))],
                "human_min": 1,
                "human_max": 5,
                "judges": {j: {"score": float(np.clip(round(s, 1), 1, 5))} for j, s in seen.items()},
            }
        )
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def data(folder: Path) -> Path:
    return write(folder / "ratings.jsonl", 80)


@pytest.fixture(scope="module")
def found(folder: Path, data: Path) -> Path:
    """An evaluation of the data, its figures drawn at random."""
    path = folder / "found.json"
    drawn = evaluation(["ann", "bob"], ["clarity"], 80, rated=None, seed=0)
    write_evaluations(path, (replace(drawn, digests={data.name: digest(data)}),))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_a_report_says_first_who_scores_the_other_way_and_what_to_do(
    data: Path, found: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    done = run("report", data, "--evaluation", found, "--out", out, *QUICK)

    assert done.exit_code == 0, done.output
    body = out.read_text(encoding="utf-8").partition("<body>")[2]
    assert body.index("1 judge scores the other way round and is read so: bob") < body.index(
        "<h1>letters</h1>"
    )
    assert body.count("<svg") >= 4


def test_without_an_evaluation_it_is_run_with_its_learning_curve(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = run(
        "report",
        data,
        "--out",
        out,
        "--curve",
        "20,5000",
        "--processes",
        "1",
        "--scores-only",
        "--no-text-rival",
    )

    assert done.exit_code == 0, done.output
    assert "Would more ratings help?" in out.read_text(encoding="utf-8")


def test_a_file_that_is_there_is_not_written_over(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("mine")
    done = run("report", data, "--out", out)

    assert done.exit_code == 2
    assert "--force writes over it" in done.stderr
    assert out.read_text() == "mine"


def test_an_evaluation_of_other_data_is_refused(found: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "ratings.jsonl", 120, seed=1)
    done = run("report", other, "--evaluation", found, "--out", tmp_path / "report.html")

    assert done.exit_code == 1
    assert "was evaluated on other data" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--curve", "many"), "--curve should be numbers such as 50,100,200, or none"),
        (("--out", "no/such/folder/report.html"), "there is no folder"),
    ],
)
def test_wrong_usage_says_what_is_right(data: Path, options: tuple[str, ...], words: str) -> None:
    done = run("report", data, *options)

    assert done.exit_code == 2
    assert words in done.stderr


def test_a_file_that_holds_no_evaluation_is_told(data: Path, tmp_path: Path) -> None:
    done = run("report", data, "--evaluation", data, "--out", tmp_path / "report.html")

    assert done.exit_code == 1
    assert "holds no evaluation" in done.stderr
