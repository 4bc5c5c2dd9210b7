"""`moa-scorer fit`: from a file of one's own logs to a snapshot, and mistakes told in words."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.calibration.files import read_snapshot

COLUMNS = "nr,thread,who,stars,llm_gpt-3.5,llm_tox\n"


def logs(items: int = 60) -> str:
    """Stars of two people, a judge that agrees, and one that scores the other way from 0 to 9."""
    rng = np.random.default_rng(2)
    found = []
    for i in range(items):
        worth = rng.uniform(1, 5)
        good, bad = (
            np.clip(worth + rng.normal(0, 0.5), 1, 5),
            np.clip(9 - 1.8 * worth + rng.normal(0, 1), 0, 9),
        )
        for who in ("ann", "bob"):
            stars = int(np.clip(round(worth + rng.normal(0, 0.4)), 1, 5))
            found.append(f"{i},t{i // 2},{who},{stars},{good:.2f},{bad:.2f}\n")
    return COLUMNS + "".join(found)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["fit", *words], env={"COLUMNS": "200"})


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "logs.csv"
    path.write_text(logs(), encoding="utf-8")
    return path


MAPPING = (
    *("--item", "nr", "--group", "thread", "--rater", "who", "--rating", "tone=stars"),
    *("--judge-columns", "llm_*", "--kind", "note", "--scores-only", "--created", "2026-01-01"),
)


def test_a_table_of_ones_own_becomes_a_snapshot_with_a_certificate(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.json.gz"
    done = run(str(own), "--out", str(out), *MAPPING, "--rating-scale", "1:5")

    assert done.exit_code == 0, done.output
    snapshot = read_snapshot(out)
    assert (snapshot.items, snapshot.groups, snapshot.kinds) == (60, 30, ("note",))
    assert [c.name for c in snapshot.columns] == ["gpt-3.5/tone", "tox/tone"]
    for word in ("logs.note.logs@1", "60 items of 30 groups, 2 raters", "Spearman", "coverage", "reconcile"):
        assert word in done.stdout


def test_it_ends_with_the_command_for_the_table_that_it_read(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.json.gz"
    done = run(str(own), "--out", str(out), *MAPPING)

    wanted = f"moa-scorer reconcile {own} --item nr --judge-columns 'llm_*' --snapshot {out} --kind note"
    assert wanted in done.stdout


def test_a_judge_that_scores_the_other_way_is_named_first(own: Path, tmp_path: Path) -> None:
    done = run(str(own), "--out", str(tmp_path / "mine.json.gz"), *MAPPING)

    assert done.stdout.splitlines()[1].startswith("tox scores the other way")


def test_a_declared_direction_is_no_finding(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.json.gz"
    done = run(str(own), "--out", str(out), *MAPPING, "--scale", "tox=9:0", "--scale", "*=1:5")

    assert "the other way" not in done.stdout
    assert {j: (s.low, s.high) for j, s in read_snapshot(out).scales.items()} == {
        "gpt-3.5": (1, 5),
        "tox": (9, 0),
    }


def test_the_same_file_and_seed_make_the_same_bytes(own: Path, tmp_path: Path) -> None:
    for name in ("a.json.gz", "b.json.gz"):
        run(str(own), "--out", str(tmp_path / name), *MAPPING)

    assert (tmp_path / "a.json.gz").read_bytes() == (tmp_path / "b.json.gz").read_bytes()


def test_few_items_are_fitted_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text(logs(12), encoding="utf-8")
    done = run(str(path), "--out", str(tmp_path / "few.json.gz"), *MAPPING)

    assert done.exit_code == 0, done.output
    assert "12 rated items are too few for weights and intervals: at least 22" in done.stdout


def test_each_study_of_a_file_gets_a_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for i in range(50):
            criterion = "depth" if i < 25 else "wit"
            said = {"item_id": i, "dimension": criterion, "human": [i % 5], "human_min": 0, "human_max": 4}
            file.write(json.dumps(said | {"judges": {"a": {"score": i % 5 + i % 2}}}) + "\n")
    done = run(str(path), "--out", str(tmp_path / "s.json.gz"), "--scores-only")

    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in tmp_path.glob("s.*")) == ["s.two-depth.json.gz", "s.two-wit.json.gz"]


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--out", "x.gz"), 2, "should end with .json.gz"),
        (("--out", "nowhere/x.json.gz"), 2, "there is no folder nowhere"),
        (("--out", "x.json.gz", "--scale", "tox"), 2, "--scale: 'tox' should be NAME=VALUE"),
        (("--out", "x.json.gz", "--scale", "tox=3"), 2, "should be two numbers, as in 1:5"),
        (("--out", "x.json.gz", "--scale", "tox=3:3"), 2, "two different numbers"),
        (("--out", "x.json.gz", "--rating-scale", "5:1"), 2, "5 should lie below 1"),
        (("--out", "x.json.gz", "--cost", "a=-1"), 2, "millionths of a dollar"),
        (("--out", "x.json.gz", "--judge-columns", "llm"), 2, "one * should stand for the judge's name"),
        (("--out", "x.json.gz", "--item", "id"), 1, "has no column id; there are nr, thread, who"),
        (("--out", "x.json.gz", "--rating-scale", "1:3"), 1, "is outside the raters' scale, 1 to 3"),
        (("--out", "x.json.gz", "--judges", "zz*"), 1, "no judge fits zz*; there are gpt-3.5, tox"),
        (("--out", "x.json.gz", "--where", "nr=zz"), 1, "no line fits nr=zz"),
    ],
)
def test_what_is_wrong_is_told_without_a_traceback(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], status: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(str(own), *MAPPING, *words)

    assert done.exit_code == status
    assert told in done.stderr
    assert isinstance(done.exception, SystemExit)
    assert not list(tmp_path.glob("*.json.gz"))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run(str(tmp_path / "no.csv"), "--out", str(tmp_path / "x.json.gz"))

    assert (done.exit_code, "cannot be read: No such file" in done.stderr) == (1, True)


def test_a_file_that_is_there_is_written_over_only_by_force(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.json.gz"
    out.write_bytes(b"mine")

    assert "--force" in run(str(own), "--out", str(out), *MAPPING).stderr
    assert out.read_bytes() == b"mine"
    assert run(str(own), "--out", str(out), *MAPPING, "--force").exit_code == 0
    assert read_snapshot(out).items == 60


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--rubric", "comment"), 2, "--rubric goes with --panel"),
        (("--panel", "nobody"), 1, "panels/nobody does not exist"),
        (
            ("--panel", "embedded-fast", "--rubric", "comment"),
            1,
            "asks about civility; the ratings are of tone",
        ),
    ],
)
def test_a_panel_of_the_catalogue_is_told_where_it_does_not_fit(
    own: Path, tmp_path: Path, words: tuple[str, ...], status: int, told: str
) -> None:
    done = run(str(own), "--out", str(tmp_path / "x.json.gz"), *MAPPING, *words)

    assert (done.exit_code, told in done.stderr) == (status, True)
