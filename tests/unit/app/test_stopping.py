"""`moa-scorer stopping fit`, and the files that it writes."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.app.cli.study.fit_purpose import purpose_of
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import StudyOptions
from moa_scorer.app.files.stopping import read_stoppings, write_stopping
from moa_scorer.calibration.files import write_snapshot
from moa_scorer.domain.stopping import Stopping
from moa_scorer.learning.fitting.fitted_study import Fitting, fit_study

ITEMS = 150
TIERS = """\
layers:
  - judges: [lexical, civility]
  - {judges: [coherence], only_if_undecided: true}
"""
SKILLS = {"lexical": 0.9, "civility": 0.8, "coherence": 1.0}


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def rated(tmp_path: Path) -> Path:
    """Items that people rated and every judge of the panel scored."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=ITEMS)
    path = tmp_path / "rated.csv"
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["item", "rating.clarity", "rating.depth", *(f"judge.{j}" for j in SKILLS)])
        for i, x in enumerate(truth):
            people = [_scale(x + 0.2 * rng.normal(), 1, 5) for _ in range(2)]
            said = [_scale(s * x + 0.3 * rng.normal(), 0, 1) for s in SKILLS.values()]
            lines.writerow([f"i{i}", *people, *said])
    return path


def _scale(x: float, low: float, high: float) -> float:
    return round(low + (high - low) / (1 + float(np.exp(-x))), 4)


@pytest.fixture
def cascade(catalogue: Path, rated: Path, edit: Callable[[str, str, str], None]) -> Path:
    """The user's catalogue with a panel of two tiers and a snapshot for it."""
    edit("panels/mine.yaml", "judges: [lexical, civility]\n", TIERS)
    edit("panels/mine.yaml", "default_rubric: general", "default_rubric: mine")
    (catalogue / "snapshots").mkdir()
    (study,) = load_studies(rated, StudyOptions(kind="note", language="en"))
    purpose, _ = purpose_of(study, "mine", "", None, catalogue)
    fitting = Fitting(created="2026-01-01", code="test", purpose=purpose, measures=False, checked=False)
    write_snapshot(fit_study(study, fitting).snapshot, catalogue / "snapshots" / "mine.json.gz")
    return catalogue


def stop(data: Path, catalogue: Path, *words: str) -> Result:
    (catalogue / "stopping").mkdir(exist_ok=True)
    return run(
        *("stopping", "fit", str(data), "--kind", "note", "--language", "en"),
        *("--panel", "mine", "--policy", "mine", "--catalog-dir", str(catalogue)),
        *("--out", str(catalogue / "stopping" / "mine.json"), *words),
    )


def test_the_margin_that_the_ratings_support_is_shown_and_read_by_the_catalogue(
    cascade: Path, rated: Path
) -> None:
    careful = stop(rated, cascade, "--error", "0.001")

    assert (careful.exit_code, "rate some" in careful.stderr) == (1, True)
    assert json.loads((cascade / "stopping" / "mine.json").read_text())["margin"] is None

    done = stop(rated, cascade)

    assert done.exit_code == 0, done.output
    assert "calls saved" in done.output
    mistakes: list[str] = []
    (rule,) = read_stoppings([cascade], mistakes)
    assert (mistakes, rule.panel, rule.policy, rule.snapshot) == (
        [],
        "mine@2",
        "mine@1",
        "mine.note.mine@1",
    )
    assert rule.calibrated
    assert rule.margin is not None
    assert rule.bound <= rule.error == 0.05
    assert run("check", str(cascade)).exit_code == 0


def test_a_panel_without_tiers_or_snapshot_is_told(catalogue: Path, rated: Path) -> None:
    done = stop(rated, catalogue)

    assert done.exit_code == 1
    assert "has no tiers" in done.stderr


def test_a_later_folder_replaces_a_rule_for_the_same_three(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for margin, folder in enumerate(folders):
        (folder / "stopping").mkdir(parents=True)
        rule = Stopping(
            margin=float(margin), panel="p@1", policy="q@1", snapshot="s", error=0.05, bound=0.04, items=9
        )
        write_stopping(rule, folder / "stopping" / "x.json")
    assert [rule.margin for rule in read_stoppings(folders, [])] == [1.0]


def test_a_file_that_is_no_rule_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "stopping").mkdir()
    (tmp_path / "stopping" / "x.json").write_text('{"margin": -1}')
    mistakes: list[str] = []

    assert read_stoppings([tmp_path], mistakes) == ()
    assert any("x.json: margin: " in mistake for mistake in mistakes)
    assert any("x.json: panel: " in mistake for mistake in mistakes)
