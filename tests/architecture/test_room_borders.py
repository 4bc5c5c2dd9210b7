"""The import contracts hold, and each of them can fail."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

LINT_IMPORTS = (
    "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
)

VIOLATIONS = [
    pytest.param("domain/content.py", "import os", "the core is pure", id="os in the domain"),
    pytest.param("calibration/planted.py", "import time", "the core is pure", id="a clock in calibration"),
    pytest.param("measures/planted.py", "import random", "the core is pure", id="chance in the measures"),
    pytest.param(
        "domain/content.py",
        "import numpy",
        "the domain needs the standard library only",
        id="numpy in the domain",
    ),
    pytest.param(
        "domain/content.py", "import moa_scorer.policy", "rooms import downwards only", id="an upward import"
    ),
    pytest.param(
        "judges/planted.py",
        "import moa_scorer.scoring",
        "rooms import downwards only",
        id="a sideways import",
    ),
    pytest.param("kitchen/__init__.py", "", "rooms import downwards only", id="a room that no layer names"),
    pytest.param(
        "client/planted.py",
        "import moa_scorer.domain.content",
        "the client imports the generated code only",
        id="the domain in the client",
    ),
    pytest.param(
        "scoring/planted.py",
        "import scipy.stats",
        "serving never imports the fitting libraries",
        id="scipy while serving",
    ),
]


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A copy of the package and its contracts that a test may spoil."""
    shutil.copytree(
        root / "moa_scorer", tmp_path / "moa_scorer", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.fixture
def lint(checkout: Path) -> Callable[[], tuple[int, str]]:
    def run() -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", LINT_IMPORTS, "--no-cache"], cwd=checkout, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_contracts_hold(lint: Callable[[], tuple[int, str]]) -> None:
    code, report = lint()

    assert code == 0, report
    assert " 0 broken" in report


@pytest.mark.parametrize(("file", "line", "contract"), VIOLATIONS)
def test_a_planted_violation_is_reported(
    checkout: Path, lint: Callable[[], tuple[int, str]], file: str, line: str, contract: str
) -> None:
    spoiled = checkout / "moa_scorer" / file
    spoiled.parent.mkdir(exist_ok=True)
    before = spoiled.read_text() if spoiled.exists() else ""
    spoiled.write_text(f"{before}\n{line}\n")

    code, report = lint()

    assert code != 0
    assert f"{contract} BROKEN" in report
