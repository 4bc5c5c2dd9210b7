"""What the README tells people to copy works."""

import re
import tomllib
from pathlib import Path

import pytest

from moa_scorer.app.checks import check_everything
from moa_scorer.app.settings import load_settings
from tests.fakes.identities import Authority, Issuer

README = Path(__file__).resolve().parents[3] / "README.md"
NAME = "production.toml"


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """The settings file of the README, with the files that it names beside it."""
    blocks = re.findall(r"^```toml\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    [block] = [found for found in blocks if found.startswith(f"# {NAME}")]
    said = tomllib.loads(block)
    key, certificate = Authority.make().issued("scorer.example.com")
    for name, content in ((said["tls"]["key"], key), (said["tls"]["certificate"], certificate)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    Issuer().write_keys(tmp_path / said["auth"]["jwt"]["jwks_file"])
    (tmp_path / NAME).write_text(block, encoding="utf-8")
    return tmp_path / NAME


def test_the_settings_for_production_are_read_as_they_stand(production: Path) -> None:
    settings = load_settings(production)

    assert not settings.auth.open
    assert settings.tls.certificate == production.parent / "tls/server.pem"


def test_nothing_in_them_keeps_a_server_from_starting(production: Path) -> None:
    report = check_everything(production, None)

    assert report.mistakes == ()
    assert report.warnings == ()
