import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.app.diagnosis import diagnose
from moa_scorer.app.finding import Finding


def _configure(text: str) -> None:
    Path("moa-scorer.toml").write_text(text)


async def _found(config: Path | None = None) -> dict[str, Finding]:
    return {finding.topic: finding for finding in await diagnose(config)}


async def test_missing_models_are_bad_and_come_with_the_remedy(tmp_path: Path) -> None:
    _configure(f'models_dir = "{tmp_path}/none"\n')
    found = await _found()

    assert found["model files"].state == "bad"
    assert "moa-scorer models fetch" in found["model files"].remedy
    assert found["judge civility"].state == "bad"
    assert "moa-scorer models fetch" in found["judge civility"].remedy
    assert "integrity" in found["judges"].words
    assert found["settings"].words == "from moa-scorer.toml"


async def test_a_missing_model_of_a_judge_that_the_default_panel_does_not_ask_is_a_note(
    tmp_path: Path,
) -> None:
    _configure(f'models_dir = "{tmp_path}/none"\npanel = "embedded-fast"\n')
    found = await _found()

    assert (found["judge fluency"].state, found["judge civility"].state) == ("note", "bad")


async def test_wrong_settings_are_found_and_end_the_look() -> None:
    _configure("wrokers = 1\n")
    found = await _found()

    assert "unknown key" in found["settings"].words
    assert "catalogue" not in found


async def test_a_wrong_catalogue_is_found(catalogue: Path, edit: Callable[[str, str, str], None]) -> None:
    edit("panels/mine.yaml", "quorum: 1", "quorum: 9")
    _configure(f'catalog_dir = "{catalogue}"\n')

    assert (await _found())["catalogue"].state == "bad"


async def test_the_catalogue_that_is_named_is_looked_at_instead_of_the_settings_one(
    catalogue: Path, edit: Callable[[str, str, str], None]
) -> None:
    _configure('catalog_dir = "nowhere"\n')
    named = {finding.topic: finding for finding in await diagnose(None, catalogue)}
    edit("panels/mine.yaml", "quorum: 1", "quorum: 9")
    broken = {finding.topic: finding for finding in await diagnose(None, catalogue)}

    assert "catalogue" not in named
    assert "calibration" in named
    assert "panels/mine.yaml" in broken["catalogue"].words


async def test_what_serve_would_refuse_is_found_with_its_setting() -> None:
    _configure('database = "off"\n[auth]\napi_keys = true\n[tls]\ncertificate = "gone.pem"\nkey = "k.pem"\n')
    bad = [finding.words for finding in await diagnose(None) if finding.topic == "settings"]

    assert [words.partition(":")[0] for words in bad[1:]] == ["auth.api_keys", "tls.certificate", "tls.key"]


def test_the_command_shows_the_findings_and_fails_when_one_is_bad(tmp_path: Path) -> None:
    _configure(f'models_dir = "{tmp_path}/none"\n')
    done = CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "200"})

    assert done.exit_code == 1
    assert "✓ python: 3." in done.stdout
    assert "✗ model files: not usable" in done.stdout
    assert "→ moa-scorer models fetch" in done.stdout


def test_the_judges_are_listed_with_what_they_lack(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["judges", "--json", "--models-dir", str(tmp_path)])
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    table = CliRunner().invoke(app, ["judges", "--models-dir", str(tmp_path)], env={"COLUMNS": "160"}).stdout

    assert rows["civility"]["ready"] is False
    assert "moa-scorer models fetch" in rows["civility"]["missing"]
    assert rows["integrity"]["ready"] is True
    assert rows["integrity"]["panels"] == ["embedded-fast@1", "embedded-local-llm@1", "embedded@1"]
    assert "missing" in table
