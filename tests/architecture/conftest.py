import os
import shutil
import subprocess
from pathlib import Path

import pytest

_NOT_OURS = {"build", "dist", "__pycache__"}


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tracked(root: Path) -> list[Path]:
    """The project's files, relative to its top: what git tracks; without git all but build products."""
    if shutil.which("git") and (root / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
        ).stdout.split("\0")
        return [Path(name) for name in listed if name and (root / name).is_file()]
    return _walk(root)


def _walk(root: Path) -> list[Path]:
    found: list[Path] = []
    for folder, folders, names in os.walk(root):
        hidden = Path(folder) == root
        folders[:] = [f for f in folders if f not in _NOT_OURS and not (hidden and f.startswith("."))]
        found += [Path(folder, name).relative_to(root) for name in names]
    return found
