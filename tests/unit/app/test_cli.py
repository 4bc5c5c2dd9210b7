import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app

HEAVY = {"numpy", "grpc", "pydantic", "structlog", "onnxruntime", "yaml", "uvloop", "google"}


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['moa-scorer', '--help']; from moa_scorer.app.cli import main\n"
        "try: main()\nexcept SystemExit: print(*sorted({m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert HEAVY & set(done.stdout.splitlines()[-1].split()) == set()


def test_settings_are_read_before_anything_that_starts_threads_is_loaded() -> None:
    code = "import sys, moa_scorer.app.settings; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "onnxruntime", "grpc", "sqlalchemy"} & set(loaded.stdout.split())


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "score",
        "check",
        "judges",
        "doctor",
        "models",
        "local-llm",
        "reconcile",
        "snapshots",
        "rate",
        "plan-ratings",
        "drift",
        "fit",
    ],
)
def test_every_command_is_listed_and_explains_itself(command: str) -> None:
    assert command in CliRunner().invoke(app, ["--help"]).stdout
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert "Usage: " in done.stdout


def test_commands_stand_under_what_they_are_for() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"}).stdout
    told = [
        *("Score content", "reconcile", "Rate and fit", "plan-ratings"),
        *("What it is worth", "evaluate", "Operate", "snapshots"),
    ]
    places = [re.search(rf"^╭─ {one}|^│ {one} ", shown, re.MULTILINE) for one in told]

    assert all(places)
    assert [p.start() for p in places if p] == sorted(p.start() for p in places if p)


@pytest.mark.parametrize(
    "command",
    [
        *("serve", "score", "check", "reconcile", "fit", "rate", "plan-ratings", "evaluate", "compare"),
        *(
            "report",
            "card",
            "next-judge",
            "thresholds",
            "drift",
            "diff",
            "shadow",
            "snapshots",
            "snapshots alarms",
        ),
    ],
)
def test_the_help_teaches_by_examples(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "120"})

    assert any(f"moa-scorer {command} " in line and "Usage" not in line for line in done.stdout.splitlines())


def test_the_help_tells_what_exit_statuses_mean() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"}).stdout

    for status in (
        "0  all well",
        "1  a check failed",
        "2  wrong usage",
        "3  everything was served",
        "4  the server",
    ):
        assert status in shown


def test_the_version_is_the_packages() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("moa-scorer ")


def test_check_is_content_with_what_is_right(catalogue: Path) -> None:
    done = CliRunner().invoke(app, ["check", str(catalogue)])

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("all well: 6 endpoints, 20 judges, 10 panels, 5 rubrics, 5 policies")


@pytest.mark.parametrize("naming", [[], ["--catalog-dir"]])
def test_check_takes_the_catalogue_as_an_argument_and_as_the_option_of_other_commands(
    naming: list[str], catalogue: Path, edit: Callable[[str, str, str], None]
) -> None:
    right = CliRunner().invoke(app, ["check", *naming, str(catalogue)])
    edit("panels/mine.yaml", "quorum: 1", "quorum: 9")
    wrong = CliRunner().invoke(app, ["check", *naming, str(catalogue)])

    assert (right.exit_code, wrong.exit_code) == (0, 1)
    assert right.stdout.startswith("all well: ")
    assert "panels/mine.yaml" in wrong.stderr


def test_check_of_two_catalogues_at_once_is_wrong_usage(catalogue: Path) -> None:
    done = CliRunner().invoke(app, ["check", str(catalogue), "--catalog-dir", str(catalogue)])

    assert done.exit_code == 2
    assert "name one catalogue" in done.stderr


@pytest.mark.parametrize("command", ["check", "doctor", "judges"])
def test_a_broken_catalogue_is_an_exit_status_and_named(
    command: str, catalogue: Path, edit: Callable[[str, str, str], None]
) -> None:
    edit("panels/mine.yaml", "quorum: 1", "quorum: 9")
    done = CliRunner().invoke(app, [command, "--catalog-dir", str(catalogue)], env={"COLUMNS": "400"})

    assert done.exit_code == 1
    assert "panels/mine.yaml" in done.output


def test_check_tells_every_mistake_of_settings_and_catalogue(
    catalogue: Path, edit: Callable[[str, str, str], None]
) -> None:
    edit("panels/mine.yaml", "civility]", "civillity]")
    edit("policies/mine.yaml", "otherwise: accept", "otherwise: perhaps")
    Path("moa-scorer.toml").write_text("wrokers = 2\n")
    done = CliRunner().invoke(app, ["check", str(catalogue)])

    assert done.exit_code == 1
    assert done.stdout == ""
    first, second, third, last = done.stderr.splitlines()
    assert first == "moa-scorer: moa-scorer.toml: wrokers: unknown key; did you mean 'workers'?"
    assert "panels/mine.yaml: judges[1]: unknown judge 'civillity'; did you mean 'civility'?" in second
    assert "policies/mine.yaml: otherwise: should be 'none', 'accept', 'review' or 'reject'" in third
    assert last == "moa-scorer: 3 mistakes"


def test_check_finds_names_in_the_settings_that_nothing_goes_by() -> None:
    Path("moa-scorer.toml").write_text('panel = "embeded"\n[rubrics]\nessay = "esay"\n')
    done = CliRunner().invoke(app, ["check"])

    assert done.exit_code == 1
    assert "settings: panel: unknown panel 'embeded'; did you mean 'embedded'?" in done.stderr
    assert "settings: rubrics.essay: unknown rubric 'esay'" in done.stderr


def test_serve_refuses_wrong_settings_before_it_starts() -> None:
    done = CliRunner().invoke(app, ["serve", "--address", "nowhere", "--log-level", "loud"])

    assert done.exit_code == 1
    assert [line.split(": ")[2] for line in done.stderr.splitlines()] == ["--address", "--log-level"]


def test_models_are_listed_and_a_missing_one_fails_the_verification(tmp_path: Path) -> None:
    listed = CliRunner().invoke(
        app, ["models", "list", "--models-dir", str(tmp_path)], env={"COLUMNS": "160"}
    )
    verified = CliRunner().invoke(app, ["models", "verify", "--models-dir", str(tmp_path)])

    assert listed.exit_code == 0
    assert "missing" in listed.stdout
    assert verified.exit_code == 1
    assert "moa-scorer models fetch" in verified.stderr


def test_models_path_names_the_directory_the_file_or_what_there_is(tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, ["models", "path", *arguments, "--models-dir", str(tmp_path)])
        return done.exit_code, done.stdout.strip(), done.stderr

    assert run() == (0, str(tmp_path), "")
    assert run("minilm.onnx")[0] == 1
    code, _, said = run("no-such-file")
    assert code == 2
    assert "minilm.onnx" in said


def test_a_model_file_of_ones_own_is_used_instead(tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(b"x")
    Path("moa-scorer.toml").write_text(f'[model_files]\n"minilm.onnx" = "{own}"\n')
    done = CliRunner().invoke(app, ["models", "path", "minilm.onnx"])

    assert done.stdout.strip() == str(own)
