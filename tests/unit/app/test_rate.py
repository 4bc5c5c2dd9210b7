from pathlib import Path

import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.app.files.catalogue import read_rubric, read_rubrics
from moa_scorer.domain.errors import ConfigurationError

RUBRIC = """\
name: helpful
version: 3
title: How helpful an answer is
scale: {min: 1, max: 3}
criteria:
  - name: help
    description: It helps.
    anchors: {1: not at all, 3: wholly}
"""


def test_without_a_terminal_it_says_why_it_cannot_rate(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["rate", str(tmp_path / "items.jsonl"), "--rubric", "summary"])

    assert done.exit_code == 2
    assert "needs a terminal" in done.stderr


def test_the_help_teaches_by_an_example() -> None:
    done = CliRunner().invoke(app, ["rate", "--help"], env={"COLUMNS": "120"})

    assert "moa-scorer rate plan.jsonl --rubric summary --out ratings.jsonl" in done.stdout
    assert "No score of any judge" in done.stdout


def test_the_packaged_rubrics_are_known_and_one_of_ones_own_is_a_file(tmp_path: Path) -> None:
    own = tmp_path / "helpful.yaml"
    own.write_text(RUBRIC, encoding="utf-8")

    assert {"summary", "story", "comment"} <= {r.name for r in read_rubrics(None)}
    assert read_rubric(own).criteria[0].anchors == ((1.0, "not at all"), (3.0, "wholly"))


def test_a_rubric_with_a_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    own = tmp_path / "helpful.yaml"
    own.write_text(RUBRIC.replace("3: wholly", "9: wholly"), encoding="utf-8")

    with pytest.raises(ConfigurationError, match="9 lies outside the scale"):
        read_rubric(own)
