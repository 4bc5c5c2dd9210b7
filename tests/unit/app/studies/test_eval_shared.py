"""Cells of the shared protocol: skipped when done, redone when anything changed, told when too small."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from moa_scorer.app.studies import eval_shared, shared_report
from moa_scorer.app.studies.shared_report import joined, markdown
from moa_scorer.app.studies.shared_sets import Goal, SharedSet, repeats_of, studies_of
from moa_scorer.learning.protocol.findings import Estimate
from tests.fakes.studies import simulated_study


@pytest.fixture
def data(tmp_path: Path) -> Path:
    study = simulated_study({"ann": 1.0, "bob": 0.5}, items=60, criteria=("clarity",), silent={"bob": 0.2})
    lines = [
        json.dumps(
            {
                "dataset": "made",
                "item_id": item.id,
                "group_id": item.group,
                "dimension": "clarity",
                "human": [1 + 4 * v for v in item.ratings["clarity"]],
                "human_min": 1,
                "human_max": 5,
                "judges": {j: {"score": row.scores.get("clarity")} for j, row in study.rows[item.id].items()},
            }
        )
        for item in study.items
    ]
    (tmp_path / "made.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


MADE = SharedSet(label="Made, 2 judges", file="made.jsonl")


def run(data: Path, *more: str) -> int:
    folders = ["--data", str(data), "--state", str(data / "state"), "--out", str(data), "--processes", "1"]
    return eval_shared.main([*folders, "--repeats", "1", *more])


def test_cells_are_kept_and_the_file_says_how(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eval_shared, "SETS", (MADE,))
    assert run(data, "--rated", "0,200,all") == 0
    assert {p.name for p in (data / "state").iterdir()} == {
        f"made--2-judges.made.{k}.json" for k in ("0", "200", "all")
    }
    small = json.loads((data / "state" / "made--2-judges.made.200.json").read_text())
    assert small["evaluation"] is None
    assert "ask for fewer" in small["why"]
    written = (data / "SHARED.md").read_text()
    assert "made.jsonl" in written
    assert 'make eval-shared ARGS="--rated 0,200,all --repeats 1"' in written


def test_a_row_names_goal_distance_and_best_baseline(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    high, low = (Goal(metric="spearman", figure=f) for f in (0.99, 0.01))
    made = replace(MADE, goals=(high, low), known=".5 / .6", width=0.4)
    monkeypatch.setattr(eval_shared, "SETS", (made,))
    monkeypatch.setattr(shared_report, "SETS", (made,))
    run(data, "--rated", "0,all")
    rows = [line for line in (data / "SHARED.md").read_text().splitlines() if line.startswith("| Made")]
    missed, reached = (row.split(" | ") for row in rows[:2])
    assert missed[6] == "≥ 0.99"
    assert float(missed[7]) == pytest.approx(float(missed[5].strip("*")) - 0.99, abs=1e-3)
    assert reached[7] == "reached"
    assert "[" in reached[9]


def test_a_finished_cell_is_not_run_again_until_something_changes(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eval_shared, "SETS", (MADE,))
    ran: list[str] = []
    monkeypatch.setattr(
        eval_shared, "_run", lambda cell, *_: ran.append(cell.name) or {"evaluation": None, "why": ""}
    )
    run(data, "--rated", "all", "--print")
    run(data, "--rated", "all", "--print")
    assert len(ran) == 1
    monkeypatch.setattr(eval_shared, "code_digest", lambda: "other code")
    run(data, "--rated", "all", "--print", "--any-code")
    assert len(ran) == 1
    run(data, "--rated", "all", "--print")
    assert len(ran) == 2


def test_an_absent_folder_is_told_and_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert eval_shared.main(["--data", str(tmp_path / "none"), "--out", str(tmp_path)]) == 0
    assert "there is no folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_complete_items_are_those_that_every_judge_answered(data: Path) -> None:
    (every,) = studies_of(MADE, data, rated=None)
    (complete,) = studies_of(SharedSet(label="x", file="made.jsonl", complete=True), data, rated=None)
    assert len(complete.items) < len(every.items) == 60
    assert all(len(complete.rows[i.id]) == 2 for i in complete.items)
    assert repeats_of(MADE, every, 22) == 100
    assert repeats_of(MADE, every, None) == 5


def test_studies_of_a_set_are_averaged_and_their_half_widths_add_in_squares() -> None:
    one = Estimate(value=0.2, low=0.17, high=0.23, fifth=0.1, sd=0.1)
    other = Estimate(value=0.4, low=0.36, high=0.44, fifth=0.3, sd=0.1)
    both = joined([one, other])
    assert both is not None
    assert (both.value, both.low, both.high) == pytest.approx((0.3, 0.275, 0.325))
    assert joined([]) is None


def test_nothing_measured_is_a_file_without_figures() -> None:
    assert "Not measured." in markdown({}, {})
