"""`moa-scorer reconcile`: ballots of one's own judges in, verdicts out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from moa_scorer.app.cli.root import app
from moa_scorer.calibration.files import write_snapshot
from moa_scorer.calibration.table import RatedTable
from tests.fakes.own import own_snapshot, own_table, raw_ballots


@pytest.fixture(scope="module")
def table() -> RatedTable:
    return own_table()


@pytest.fixture
def snapshot(table: RatedTable, tmp_path: Path) -> Path:
    path = tmp_path / "mine.json.gz"
    write_snapshot(own_snapshot(table), path)
    return path


def line(table: RatedTable, item: int, **over: object) -> str:
    judges = {
        b.judge: {c: s.score for c, s in b.outcome.items()}  # type: ignore[union-attr]
        for b in raw_ballots(table, item)
    }
    return json.dumps({"id": table.ids[item], "judges": judges, **over})


def run(lines: list[str], *arguments: str) -> Result:
    return CliRunner().invoke(app, ["reconcile", "-", *arguments], input="\n".join(lines))


def test_every_line_gives_a_line_with_a_calibrated_score(table: RatedTable, snapshot: Path) -> None:
    done = run([line(table, 0), line(table, 1)], "--snapshot", str(snapshot), "--kind", "essay", "-l", "en")

    answers = [json.loads(each) for each in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [a["contentId"] for a in answers] == ["item0", "item1"]
    assert all(a["scored"]["certificate"] == "CERTIFICATE_STATUS_VALID" for a in answers)
    assert all(a["scored"]["interval"]["lower"] <= a["scored"]["score"] for a in answers)


def test_a_snapshot_in_the_catalogue_goes_by_its_name(
    table: RatedTable, snapshot: Path, catalogue: Path
) -> None:
    (catalogue / "snapshots").mkdir()
    snapshot.rename(catalogue / "snapshots" / "mine.json.gz")
    done = run([line(table, 0)], "--snapshot", "essay.essay.trio", "--catalog-dir", str(catalogue))

    assert done.exit_code == 0
    assert json.loads(done.stdout)["snapshot"] == "snapshots/essay.essay.trio@1"


def test_a_bad_line_is_named_and_the_others_are_served(table: RatedTable, snapshot: Path) -> None:
    bad = ["{", '{"judges": 3}', line(table, 0, txt="?"), '{"judges": {"ann": {"clarity": "bad"}}}']
    strange = json.dumps({"judges": {"dan": {"clarity": 1}}})
    done = run([*bad, strange, line(table, 0)], "--snapshot", str(snapshot))

    answers = [json.loads(each) for each in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert ["error" in a for a in answers] == [True] * 5 + [False]
    assert "unknown key 'txt', did you mean 'text'?" in answers[2]["error"].replace(";", ",")
    assert "ballots[0].judge" in answers[4]["error"]
    assert done.stderr.count("moa-scorer: stdin:") == 5


def test_an_item_without_a_score_is_exit_status_three(snapshot: Path) -> None:
    done = run([json.dumps({"judges": {"ann": {"clarity": 99}}})], "--snapshot", str(snapshot))

    assert done.exit_code == 3
    assert "unscored" in json.loads(done.stdout)


def test_as_a_table(table: RatedTable, snapshot: Path) -> None:
    done = run([line(table, 0)], "--snapshot", str(snapshot), "--kind", "essay", "-l", "en", "-o", "table")

    assert "VALID" in done.stdout


def of_a_table(table: RatedTable, folder: Path, items: int) -> Path:
    """Wide: a column a judge and criterion."""
    said = [json.loads(line(table, i)) for i in range(items)]
    header = [f"score_{judge}.{criterion}" for judge, own in said[0]["judges"].items() for criterion in own]
    rows = [[each["id"], *(a for own in each["judges"].values() for a in own.values())] for each in said]
    path = folder / "logs.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in [["ticket", *header], *rows]))
    return path


def test_a_table_gives_what_the_same_lines_give(table: RatedTable, snapshot: Path, tmp_path: Path) -> None:
    said = ("--snapshot", str(snapshot), "--kind", "essay", "-l", "en")
    columns = ("--item", "ticket", "--judge-columns", "score_*")
    logs = of_a_table(table, tmp_path, 3)
    done = CliRunner().invoke(app, ["reconcile", str(logs), *said, *columns])

    assert done.exit_code == 0, done.stderr
    assert done.stdout == run([line(table, i) for i in range(3)], *said).stdout


def test_a_table_without_judges_says_how_to_name_them(
    table: RatedTable, snapshot: Path, tmp_path: Path
) -> None:
    logs = str(of_a_table(table, tmp_path, 1))
    done = CliRunner().invoke(app, ["reconcile", logs, "--snapshot", str(snapshot), "--item", "ticket"])

    assert done.exit_code == 1
    assert "no judge has scored anything: name the columns, with --judge-columns" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("--snapshot", "a", "--panel", "b"), ("--snapshot", "mine.json.gz", "--server", "127.0.0.1:1")],
)
def test_wrong_usage_is_told(arguments: tuple[str, ...]) -> None:
    assert run([], *arguments).exit_code == 2


@pytest.mark.parametrize("name", ["missing.json.gz", "nobody.essay.trio"])
def test_a_snapshot_that_is_not_there_is_told(table: RatedTable, name: str) -> None:
    done = run([line(table, 0)], "--snapshot", name)

    assert done.exit_code == 1
    assert name in done.stderr


def _file(table: RatedTable, path: Path, items: range, **over: object) -> Path:
    path.write_text("\n".join(line(table, i, **over) for i in items), encoding="utf-8")
    return path


def test_a_file_that_is_unlike_the_rated_items_as_a_whole_is_called_calibrated_nowhere(
    table: RatedTable, snapshot: Path, tmp_path: Path
) -> None:
    best = sorted(range(table.items), key=lambda i: -float(table.values[i, :6].mean()))[:60]
    lines = "\n".join(line(table, i) for i in best)
    (tmp_path / "odd.jsonl").write_text(lines, encoding="utf-8")
    asked = ["--snapshot", str(snapshot), "--kind", "essay", "-l", "en"]
    odd = CliRunner().invoke(app, ["reconcile", str(tmp_path / "odd.jsonl"), *asked])
    usual = CliRunner().invoke(
        app, ["reconcile", str(_file(table, tmp_path / "usual.jsonl", range(60))), *asked]
    )

    def valid(done: Result) -> list[bool]:
        found = [json.loads(each)["scored"]["certificate"] for each in done.stdout.splitlines()]
        return [status == "CERTIFICATE_STATUS_VALID" for status in found]

    assert not any(valid(odd))
    assert "as a batch the 60 items are unlike the rated ones" in odd.stderr
    assert sum(valid(usual)) >= 57
    assert "as a batch" not in usual.stderr
