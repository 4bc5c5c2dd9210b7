"""`moa-scorer next-judge`: whom to ask next, from a snapshot on disk."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.calibration.files import write_snapshot
from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.learning.study.study import panel_of, rubric_of, table_of
from tests.fakes.studies import simulated_study

LINE = json.dumps({"id": "7", "judges": {"crowd": {"clarity": 0.5, "depth": 0.5}}})


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = simulated_study({"crowd": 0.3, "noise": 0.0, "expert": 1.5}, items=80)
    fitted = fit(
        table_of(study, measures=False),
        rubric=rubric_of(study),
        kinds=("made",),
        languages=(),
        panel=panel_of(study),
        judge_revisions=dict.fromkeys(study.judges, ""),
        seed=0,
        origin=Origin(created="2026-01-01", code=""),
    )
    path = tmp_path_factory.mktemp("snapshot") / "made.json.gz"
    write_snapshot(fitted, path)
    return path


def run(lines: str, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["next-judge", "-", *arguments], input=lines)
    return done.exit_code, done.stdout, done.stderr


def test_the_expert_is_named_first(snapshot: Path) -> None:
    code, out, _ = run(LINE, "--snapshot", str(snapshot))
    assert code == 0
    assert out.startswith("7: interval ")
    assert out.index("expert -") < out.index("noise")


def test_costs_change_the_order_and_are_shown(snapshot: Path) -> None:
    code, out, _ = run(LINE, "--snapshot", str(snapshot), "--json", "--cost", "expert=2000")
    found = json.loads(out)
    assert code == 0
    assert [n["judge"] for n in found["next"]] == ["expert", "noise"]
    assert [n["micro_usd"] for n in found["next"]] == [2000.0, None]
    assert found["next"][0]["shrink"] == pytest.approx(found["width"] - found["next"][0]["width"])


def test_a_bad_line_is_told_and_stops_no_other(snapshot: Path) -> None:
    code, out, err = run(
        f'{{"judges": {{"stranger": {{"clarity": 0.5}}}}}}\n{LINE}\n', "--snapshot", str(snapshot)
    )
    assert code == 1
    assert "line 1" in err
    assert out.startswith("7: ")


def test_a_criterion_that_nobody_rated_is_told(snapshot: Path) -> None:
    code, _, err = run(LINE, "--snapshot", str(snapshot), "--of", "charm")
    assert code == 1
    assert "has no criterion charm" in err


def test_a_cost_that_is_none_is_told(snapshot: Path) -> None:
    code, _, err = run(LINE, "--snapshot", str(snapshot), "--cost", "expert")
    assert code == 2
    assert "JUDGE=MICRO_USD" in err
