"""A round of ratings by commands: score, plan, hand in, export, fit, calibrate."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from moa_scorer.app.cli.root import app
from moa_scorer.calibration.files import read_snapshot

PANEL = """\
name: mine
version: 1
title: Two detectors
judges: [lexical, mechanics]
quorum: 1
default_rubric: general
"""
RUBRIC = """\
name: mine
version: 1
title: A rubric
scale: {min: 1, max: 5}
criteria:
  - {name: clarity, description: Clear., weight: 2}
  - {name: depth, description: Deep.}
"""
ITEMS = 60


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working directory with a catalogue, a database with a record for each item, and a plan of all."""
    path = tmp_path_factory.mktemp("ratings")
    for kind, text in (("panels", PANEL), ("rubrics", RUBRIC)):
        (path / "conf" / kind).mkdir(parents=True)
        (path / "conf" / kind / "mine.yaml").write_text(text)
    (path / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in notes()))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        patch.setenv("MOA_SCORER_DATABASE", f"sqlite:///{path}/records.db")
        patch.setenv("MOA_SCORER_CATALOG_DIR", str(path / "conf"))
        patch.setenv("MOA_SCORER_PANEL", "mine")
        patch.setenv("MOA_SCORER_AUDIT_SHARE", "0.2")
        done = run("backfill", "items.jsonl", "--rubric", "mine")
        assert done.exit_code == 0, done.output
        planned = run("ratings", "plan", "--kind", "note", "--rubric", "mine", "--count", 100)
        assert f"{ITEMS} of {ITEMS} records" in planned.stdout, planned.output
        yield path


def notes() -> list[dict[str, str]]:
    """Items of many lengths."""
    rng = np.random.default_rng(1)
    words = np.array(["the", "a", "of", "tree", "house", "river", "answer", "wel", "writen", "exact", "!!!"])
    texts = [" ".join(rng.choice(words, rng.integers(5, 60))) for _ in range(ITEMS)]
    return [{"id": f"i{n}", "text": text, "kind": "note"} for n, text in enumerate(texts)]


def rate(folder: Path) -> Path:
    """What `rate` would write of the plan: longer texts are better."""
    path = folder / "ratings.jsonl"
    lines = []
    for line in (folder / "plan.jsonl").read_text().splitlines():
        item = json.loads(line)
        value = 1 + 4 * min(len(item["content"]) / 300, 1)
        for criterion in ("clarity", "depth"):
            said = {"dimension": criterion, "human": [value], "human_ids": ["ada"], "saw_score": False}
            lines.append(json.dumps(item | said | {"human_min": 1, "human_max": 5}) + "\n")
    path.write_text("".join(lines))
    return path


def test_a_round_of_ratings_ends_in_a_snapshot_and_a_fit_of_the_export_is_the_same(folder: Path) -> None:
    ratings = rate(folder)

    first, again = run("ratings", "import", ratings), run("ratings", "import", ratings)
    exported = run("ratings", "export", "--kind", "note", "--rubric", "mine", "--out", "out.jsonl")
    calibrated = run("calibrate", "--kind", "note", "--rubric", "mine", "--who", "ada")
    fitted = run(
        *("fit", "ballots.jsonl.gz", "--ratings", "out.jsonl", "--out", "mine.json.gz"),
        *("--panel", "mine", "--rubric", "mine", "--kind", "note", "--fit-number", 1),
    )

    assert first.stdout == f"{2 * ITEMS} ratings stored, 0 were there, 0 not stored\n"
    assert again.stdout == f"0 ratings stored, {2 * ITEMS} were there, 0 not stored\n"
    assert exported.stdout.startswith(f"{ITEMS} rated records, "), exported.output
    assert calibrated.exit_code == 0, calibrated.output
    assert "mine.note.mine@1 serves" in calibrated.stdout
    assert fitted.exit_code == 0, fitted.output
    online = read_snapshot(folder / "conf" / "snapshots" / "mine.note.mine@1.json.gz")
    by_hand = read_snapshot(folder / "mine.json.gz")
    assert (online.revision, online.judges, online.coverage) == (
        by_hand.revision,
        by_hand.judges,
        by_hand.coverage,
    )
    assert online.worth == pytest.approx(by_hand.worth)
    assert online.heads == by_hand.heads


def test_what_cannot_be_stored_is_told_with_its_line_and_loses_no_other(folder: Path) -> None:
    path = folder / "some.csv"
    path.write_text(
        "content_id,rater,criterion,value\ni1,bob,clarity,3\ni2,ada,clarity,9\nnone,ada,clarity,3\n"
    )

    done = run("ratings", "import", path)

    assert done.exit_code == 1
    assert done.stdout == "1 ratings stored, 0 were there, 2 not stored\n"
    assert "some.csv, line 3: value must lie in 1 to 5" in done.stderr
    assert "some.csv, line 4" in done.stderr


def test_an_appeal_ends_once(folder: Path) -> None:
    record = json.loads((folder / "plan.jsonl").read_text().splitlines()[0])["item_id"]

    first, again = (run("ratings", "appeal", record, "upheld", "--who", "bob") for _ in range(2))
    wrong = run("ratings", "appeal", record, "lost", "--who", "bob")

    assert (first.stdout, again.stdout) == ("stored\n", "was there already, and nothing changed\n")
    assert wrong.exit_code == 1


def test_commands_say_what_to_do_where_there_is_nothing(folder: Path) -> None:
    unrated = run("ratings", "export", "--kind", "poem", "--rubric", "mine")
    unscored = run("ratings", "plan", "--kind", "poem", "--rubric", "mine")

    assert (unrated.exit_code, unscored.exit_code) == (1, 1)
    assert "ratings import" in unrated.stderr
    assert "score some first" in unscored.stderr
