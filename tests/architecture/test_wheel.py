"""The built wheel is the whole product: it checks and serves from an empty folder, with its own defaults."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from moa_scorer.api.v1 import catalog_service_pb2, catalog_service_pb2_grpc

KINDS = ("endpoints", "judges", "panels", "rubrics", "policies", "snapshots")


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=root,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files in a folder of their own, away from the checkout."""
    target = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


@pytest.fixture
def environment(installed: Path) -> dict[str, str]:
    """Finds the wheel's package before any other; holds none of the project's own variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOA_SCORER_")}
    return kept | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python in an empty folder against the wheel's files."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return call


@pytest.fixture
def port(environment: dict[str, str], tmp_path: Path) -> Iterator[int]:
    """A server of the wheel's, started in an empty folder on a free port; drained at the end."""
    log = tmp_path.with_suffix(".log")
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "moa_scorer.app.cli", "serve"),
                *("--address", "127.0.0.1:0", "--panel", "embedded-fast"),
            ],
            cwd=tmp_path,
            env=environment | {"MOA_SCORER_LOG_FORMAT": "json"},
            stdout=sink,
            stderr=sink,
        )
    try:
        yield _listening(process, log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def _listening(process: subprocess.Popen[bytes], log: Path) -> int:
    for _ in range(300):
        said = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
        if port := next((line["port"] for line in said if line["event"] == "server_listening"), None):
            return int(port)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _wait_until_serving(channel: grpc.Channel) -> None:
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=""), timeout=60)
    for answer in watch:
        if answer.status == health_pb2.HealthCheckResponse.SERVING:
            return


def test_the_wheel_holds_every_default_and_the_descriptor_set(root: Path, wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    defaults = {
        f"moa_scorer/defaults/{kind}/{path.name}"
        for kind in KINDS
        for path in (root / "deploy" / kind).iterdir()
        if not path.name.startswith(".")
    }

    assert "moa_scorer/defaults/panels/embedded.yaml" in defaults
    assert defaults - names == set()
    assert "moa_scorer/api/descriptor_set.binpb" in names
    assert "moa_scorer/client/service_config.json" in names


def test_the_wheel_holds_nothing_but_the_package_and_its_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    strange = re.compile(r"(?!moa_scorer(-[\w.]+\.dist-info)?/)|.*(__pycache__|\.pyc$|/\.)")

    assert [name for name in names if strange.match(name)] == []
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_in_an_empty_folder_the_package_is_the_wheels_and_its_configuration_passes_the_check(
    run: Callable[..., subprocess.CompletedProcess[str]], installed: Path
) -> None:
    where = run("-c", "import moa_scorer; print(moa_scorer.__file__)")
    check = run("-m", "moa_scorer.app.cli", "check")

    assert Path(where.stdout.strip()).is_relative_to(installed)
    assert check.returncode == 0, check.stdout + check.stderr


def test_in_an_empty_folder_the_wheel_serves_its_own_panels_and_rubrics(port: int, root: Path) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        _wait_until_serving(channel)
        catalog = catalog_service_pb2_grpc.CatalogServiceStub(channel)
        panels = catalog.ListPanels(catalog_service_pb2.ListPanelsRequest(), timeout=10).panels
        rubrics = catalog.ListRubrics(catalog_service_pb2.ListRubricsRequest(), timeout=10).rubrics

    assert len(panels) == len(list((root / "deploy" / "panels").glob("*.yaml")))
    assert len(rubrics) == len(list((root / "deploy" / "rubrics").glob("*.yaml")))


def test_the_client_loads_nothing_heavier_than_grpc_and_protobuf(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    heavy = [
        "numpy",
        "pydantic",
        "yaml",
        "structlog",
        "onnxruntime",
        "typer",
        "rich",
        "uvloop",
        "moa_scorer.domain",
    ]
    loaded = run("-c", f"import sys, moa_scorer.client; print([m for m in {heavy} if m in sys.modules])")

    assert loaded.stdout.strip() == "[]", loaded.stderr
