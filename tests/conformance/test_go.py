"""The implementation in Go says what the vectors say, and notices when a number changes."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.make import HERE

FILES = tuple(HERE / f"{name}.vectors.json" for name in ("small", "few", "shipped"))


@pytest.fixture(scope="module")
def conformance(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the Go implementation on files of vectors."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no 'go' on the PATH: the portable format is not checked against its Go implementation")
    program = tmp_path_factory.mktemp("go") / "conformance"
    offline = {**os.environ, "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOWORK": "off"}
    subprocess.run([go, "build", "-o", str(program), "."], cwd=HERE / "go", env=offline, check=True)

    def run(*files: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([program, *files], capture_output=True, text=True, check=False)

    return run


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_every_vector_is_met_within_1e_12(conformance: Run) -> None:
    done = conformance(*FILES)

    assert done.returncode == 0, done.stdout
    assert ", 0 failed, largest difference " in done.stdout


def change(case: dict[str, Any], *path: str) -> None:
    """Moves one number of what is expected by a billionth."""
    inner = case["expected"]
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] += 1e-9


@pytest.mark.parametrize(
    "path",
    [
        ("heads", "overall", "score"),
        ("heads", "clarity", "value"),
        ("heads", "overall", "baseline"),
        ("heads", "depth", "lower"),
        ("heads", "overall", "upper"),
        ("contributions", "ann/clarity"),
        ("p",),
    ],
    ids=".".join,
)
def test_one_changed_number_is_noticed(conformance: Run, tmp_path: Path, path: tuple[str, ...]) -> None:
    given = json.loads(FILES[0].read_text())
    change(given["cases"][0], *path)
    shutil.copy(HERE / given["portable"], tmp_path)
    (tmp_path / "changed.json").write_text(json.dumps(given))
    done = conformance(tmp_path / "changed.json")

    assert done.returncode == 1
    assert "changed.json: full: " in done.stdout
    assert ", 1 failed, " in done.stdout


def test_one_changed_weight_is_noticed(conformance: Run, tmp_path: Path) -> None:
    import gzip

    given = json.loads(FILES[0].read_text())
    exported = json.loads(gzip.decompress((HERE / given["portable"]).read_bytes()))
    for fit in exported["masks"]:
        fit["heads"]["overall"]["start"] += 1e-9
    (tmp_path / given["portable"]).write_bytes(gzip.compress(json.dumps(exported).encode()))
    (tmp_path / "same.json").write_text(json.dumps(given))

    assert conformance(tmp_path / "same.json").returncode == 1
