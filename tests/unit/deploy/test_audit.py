"""The audits: what they find, what they say of what cannot be looked up, and that they show no secret."""

import json
import random
import string
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy import audit
from deploy.check import Skipped


def planted(folder: Path) -> str:
    """A repository with a key in its history that is no longer in its files."""
    letters = string.ascii_letters + string.digits
    key = "ghp_" + "".join(random.Random(1).choices(letters, k=36))
    (folder / "settings.py").write_text(f'TOKEN = "{key}"\n')
    (folder / ".ci").mkdir()
    (folder / audit.RULES).write_bytes((audit.ROOT / audit.RULES).read_bytes())
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (
        ("init", "--quiet"),
        ("add", "."),
        (*who, "commit", "--quiet", "--message", "with"),
        ("rm", "--quiet", "settings.py"),
        (*who, "commit", "--quiet", "--message", "without"),
    ):
        subprocess.run(("git", *command), cwd=folder, check=True, capture_output=True)
    return key


def test_a_key_in_the_history_is_found_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = planted(tmp_path)
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    with pytest.raises(RuntimeError, match=r"settings\.py:1 github-pat") as found:
        audit.secrets()
    assert key not in str(found.value)


def test_a_key_of_our_own_form_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from moa_scorer.contract.api_keys import new_key
    from moa_scorer.domain.caller import ANYONE
    from tests.fakes.identities import NOW

    key, _ = new_key(ANYONE, NOW)
    (tmp_path / ".ci").mkdir()
    (tmp_path / audit.RULES).write_bytes((audit.ROOT / audit.RULES).read_bytes())
    (tmp_path / "notes.txt").write_text(f"key: {key}\n")
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    with pytest.raises(RuntimeError, match=r"notes\.txt:1 moa-scorer\.key"):
        audit.secrets()


def answering(monkeypatch: pytest.MonkeyPatch, stdout: str, stderr: str = "") -> None:
    """As if the auditor had said so."""

    def run(command: Any, **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, stdout, stderr)

    monkeypatch.setattr(audit.subprocess, "run", run)


def test_holes_are_named_with_where_they_are_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    hole = {"id": "PYSEC-1", "fix_versions": ["2.0"]}
    known = [
        {"name": "a", "version": "1.0", "vulns": [hole]},
        {"name": "b", "version": "1.0", "vulns": []},
    ]
    answering(monkeypatch, json.dumps({"dependencies": known}))
    with pytest.raises(RuntimeError, match=r"a 1\.0: PYSEC-1, mended in 2\.0"):
        audit.dependencies()
    answering(monkeypatch, json.dumps({"dependencies": [known[1], {"name": "c", "skip_reason": "unknown"}]}))
    assert audit.dependencies() == "no known hole in 1 packages; 1 could not be looked up"


@pytest.mark.parametrize(
    "said", ["", json.dumps({"dependencies": [{"name": "a", "skip_reason": "not found"}]})]
)
def test_a_database_that_cannot_be_reached_is_no_clean_bill(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    answering(monkeypatch, said, "ConnectionError: no route")
    with pytest.raises(Skipped, match="cannot be reached"):
        audit.dependencies()
