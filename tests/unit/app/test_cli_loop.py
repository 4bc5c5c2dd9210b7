"""Drift, gate, promotion, rollback and flips from the command line."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.app.files.catalogue import defaults_dir
from moa_scorer.calibration.files import read_snapshot, write_snapshot
from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.learning.study.files import read_studies
from moa_scorer.learning.study.study import panel_of, rubric_of, table_of
from tests.fakes.ratings import simulate

POLICY = """\
name: house
version: 1
title: House
rules:
  - {test: score_below, threshold: 0.5, then: reject}
otherwise: accept
on_unscored: review
"""


def lines(items: int, seed: int, *, shift: float = 0.0, audit: bool = False) -> Iterator[str]:
    """Items of one criterion with the scores of three judges, of which ann may have changed."""
    table = simulate(items, group_size=1, criteria=("clarity",), measures=False, seed=seed)
    for i in range(items):
        scores = dict(zip(("ann", "bob", "cid"), table.values[i].tolist(), strict=True))
        scores["ann"] = min(scores["ann"] + shift, 1.0)
        line = {
            "dataset": "essays",
            "item_id": f"{seed}-{i}",
            "dimension": "clarity",
            "content": "",
            "human": [round(float(table.targets["clarity"][i]), 4)],
            "human_min": 0,
            "human_max": 1,
            "judges": {j: {"score": round(x, 4)} for j, x in scores.items()},
            "audit": audit,
        }
        yield json.dumps(line) + "\n"


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files of ratings, a policy, and two snapshots."""
    folder = tmp_path_factory.mktemp("loop")
    (folder / "old.jsonl").write_text("".join(lines(120, 1)))
    (folder / "new.jsonl").write_text("".join([*lines(120, 1), *lines(25, 2)]))
    (folder / "audit.jsonl").write_text("".join(lines(300, 3, audit=True)))
    (folder / "drifted.jsonl").write_text("".join(lines(300, 4, shift=0.2)))
    (folder / "house.yaml").write_text(POLICY)
    for name in ("old", "new"):
        write_snapshot(fitted_on(folder / f"{name}.jsonl"), folder / f"{name}.json.gz")
    return folder


def fitted_on(path: Path) -> Snapshot:
    (study,) = read_studies(path)
    return fit(
        table_of(study, measures=False),
        rubric=rubric_of(study),
        kinds=(study.kind,),
        languages=(),
        panel=panel_of(study),
        judge_revisions={},
        seed=0,
        origin=Origin(created="2026-01-01", code="test"),
    )


def test_items_like_the_rated_ones_and_steady_judges_are_told_to_be_so(made: Path) -> None:
    said = run("drift", made / "audit.jsonl", "--snapshot", made / "old.json.gz", "--scale", "*=0:1")

    assert "look like the rated ones" in said
    assert "none" in said


def test_a_drift_is_told_and_recorded_beside_the_snapshot(made: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "mine.json.gz"
    snapshot.write_bytes((made / "old.json.gz").read_bytes())
    arguments = ("drift", made / "drifted.jsonl", "--snapshot", snapshot, "--scale", "*=0:1")
    said = json.loads(run(*arguments, "--json", "--record", "--who", "ada", "--at", "2026-07-01", status=1))

    assert [a["judge"] for a in said["alarms"]] == ["ann"]
    assert said["batch"]["alarm"]
    listed = run("snapshots", "alarms", _name(snapshot), "--shelf", tmp_path)
    assert "ann scores clarity higher than in the ratings" in listed
    closed = run(
        "snapshots", "alarms", _name(snapshot), "--shelf", tmp_path, "--close", "ann", "--who", "bob"
    )
    assert "no alarm is open" in closed


def _name(snapshot: Path) -> str:
    return read_snapshot(snapshot).revision.partition("@")[0]


def test_a_candidate_goes_through_the_gate_serves_and_steps_back(made: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.json.gz").write_bytes((made / "old.json.gz").read_bytes())
    name = _name(tmp_path / "mine.json.gz")
    asked = (made / "audit.jsonl", "--scale", "*=0:1", "--candidate", made / "old.json.gz")
    gate = json.loads(run("snapshots", "gate", *asked, "--against", made / "old.json.gz", "--json"))
    promoted = run("snapshots", "promote", *asked, "--shelf", tmp_path, "--who", "ada")
    back = run("snapshots", "rollback", name, "--shelf", tmp_path, "--who", "ada")

    assert (gate["outcome"], gate["items"]) == ("pass", 300)
    assert f"{name}@2 serves now" in promoted
    assert f"{name}@1 serves now" in back
    assert len((tmp_path / f"{name}.lineage.jsonl").read_text().splitlines()) == 2


def test_without_a_shelf_the_catalogue_is_meant_and_a_packaged_snapshot_can_serve_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "comment.comment.embedded-fast"
    shelf = tmp_path / "snapshots"
    shelf.mkdir()
    (packaged,) = (defaults_dir() / "snapshots").glob(f"{name}.json.gz")
    write_snapshot(replace(read_snapshot(packaged), version=2), shelf / f"{name}@2.json.gz")
    monkeypatch.setenv("MOA_SCORER_CATALOG_DIR", str(tmp_path))
    monkeypatch.setenv("MOA_SCORER_DATABASE", f"sqlite:///{tmp_path / 'records.db'}")

    assert f"{name}@1 serves now" in run("snapshots", "rollback", name, "--who", "ada")
    (entry,) = json.loads(run("admin", "audit", "--json"))
    assert (entry["action"], entry["before"]) == ("AUDIT_ACTION_SNAPSHOT_ROLLED_BACK", f"{name}@2")
    assert entry["who"].endswith("for ada")
    assert "no alarm is open" in run("snapshots", "alarms", name)


def test_without_an_audit_the_gate_says_what_is_missing(made: Path) -> None:
    old = made / "old.json.gz"
    run("snapshots", "gate", made / "old.jsonl", "--candidate", old, "--against", old, status=1)


def test_flips_are_counted_by_decision_and_named(made: Path) -> None:
    asked = (made / "audit.jsonl", "--scale", "*=0:1", "--policy", made / "house.yaml")
    pair = ("--candidate", made / "new.json.gz", "--against", made / "old.json.gz")
    found = json.loads(run("snapshots", "flips", *asked, *pair, "--json"))

    assert found["policy"] == "house@1"
    assert sum(row["items"] for row in found["counts"]) == found["items"] == 300
    assert len(found["flips"]) < 30
    assert all(np.sign(f["score_before"] - 0.5) != np.sign(f["score_after"] - 0.5) for f in found["flips"])
    assert "of 300 items" in run("snapshots", "flips", *asked, *pair)


def test_recording_needs_a_name(made: Path) -> None:
    run("drift", made / "audit.jsonl", "--snapshot", made / "old.json.gz", "--record", status=2)
