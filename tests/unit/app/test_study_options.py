"""The options that commands share to read studies: one a field, parsed, and told where they are wrong."""

from dataclasses import fields
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, takes_study
from moa_scorer.app.cli.study.reading import reading_of
from moa_scorer.calibration.table import Scale

seen: list[tuple[Path, StudyOptions, int]] = []
app = typer.Typer()


@app.command()
@takes_study
def look(data: Data, study: StudyOptions, times: Annotated[int, typer.Option("--times")] = 1) -> None:
    """Looks."""
    seen.append((data, study, times))


@app.command()
@takes_study
def load(data: Data, study: StudyOptions) -> None:
    """Loads."""
    typer.echo(load_studies(data, study)[0].name)


def options(*words: str) -> StudyOptions:
    seen.clear()
    done = CliRunner().invoke(app, ["look", "logs.csv", *words])
    assert done.exit_code == 0, done.output
    return seen[0][1]


def test_a_command_has_an_option_for_every_field_and_keeps_its_own() -> None:
    shown = CliRunner().invoke(app, ["look", "--help"], env={"COLUMNS": "150"}).stdout

    for field in fields(StudyOptions):
        assert f"--{field.name.replace('_', '-')}" in shown
    assert "--times" in shown
    assert "Looks." in shown


def test_values_arrive_in_their_fields() -> None:
    found = options("--item", "nr", "--scale", "a=1:5", "--scale", "b=9:0", "--times", "3")

    assert (found.item, found.scale, found.judges) == ("nr", ["a=1:5", "b=9:0"], None)
    assert (seen[0][0], seen[0][2]) == (Path("logs.csv"), 3)


def test_options_become_a_reading() -> None:
    found = reading_of(
        options(
            *("--scale", "gpt*=9:0", "--rating-scale", "1:7", "--cost", "gpt=250", "--where", "a=b=c*"),
            *(
                "--judges",
                "gpt*, claude",
                "--judges",
                "x",
                "--judge-column",
                "gpt=col",
                "--rating",
                "depth=d",
            ),
        )
    )

    assert found.scale_of("gpt-4") == Scale(low=9, high=0)
    assert found.scale_of("claude") is None
    assert found.rating_scale == (1, 7)
    assert found.micro_usd == {"gpt": 250}
    assert found.where == (("a=b", "c*"),)
    assert found.judges == ("gpt*", "claude", "x")
    assert found.columns.judges == {"gpt": "col"}
    assert found.columns.ratings == ("depth=d",)


@pytest.mark.parametrize("words", [(), ("--judge-columns", "s_*_x")])
def test_without_options_a_file_is_read_as_it_says_itself(words: tuple[str, ...]) -> None:
    found = reading_of(options(*words))

    assert (found.scales, found.rating_scale, found.where, found.ratings) == ({}, None, (), None)


def test_what_was_left_out_is_told_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    path.write_text("id,rating,judge.a\n1,2,3\n2,,4\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["load", str(path)])

    assert (done.exit_code, done.stdout) == (0, "logs\n")
    assert "moa-scorer: logs: items that lack a rating of a criterion, and are left out: 1" in done.stderr


def test_every_mistake_of_a_file_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    path.write_text("id,rating,judge.a\n,2,3\n2,x,4\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["load", str(path)])

    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "moa-scorer: logs.csv, line 2, column id: the item's id is missing",
        "moa-scorer: logs.csv, line 3, column rating: 'x' is not a number",
    ]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("id,rating,gpt", "made: no judge has scored anything: name the columns, with --judge-columns"),
        (
            "id,stars,judge.gpt",
            "made: no item has a rating of every criterion: name the columns with --rating",
        ),
    ],
)
def test_a_study_without_judges_or_ratings_says_which_option_names_them(
    tmp_path: Path, header: str, told: str
) -> None:
    path = tmp_path / "made.csv"
    path.write_text(f"{header}\n1,3,4\n2,5,2\n")
    done = CliRunner().invoke(app, ["load", str(path)])

    assert done.exit_code == 1
    assert told in done.stderr
