"""Whether files changed, told by their times and sizes alone."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from moa_scorer.app.files.catalogue import FOLDERS, PROMPTS, defaults_dir

Stamp = tuple[int, int, int]
"""Time of the last change in nanoseconds, bytes, and the file's number on its disk."""


def stamps(catalog_dir: Path | None, others: Iterable[Path | None] = ()) -> dict[str, Stamp]:
    """The stamp of every file of the packaged catalogue, of `catalog_dir`, and of the others that exist."""
    roots = [defaults_dir(), *([catalog_dir] if catalog_dir else [])]
    found: dict[str, Stamp] = {}
    for root in roots:
        for name in ("", *FOLDERS, PROMPTS):
            found.update(_of_folder(root / name))
    for path in others:
        if path is not None and path.is_file():
            found[str(path)] = _stamp(path.stat())
    return found


def differing(old: Mapping[str, Stamp], new: Mapping[str, Stamp]) -> tuple[str, ...]:
    """Paths of files that came, went or changed, in order."""
    return tuple(sorted(path for path in {*old, *new} if old.get(path) != new.get(path)))


def _of_folder(folder: Path) -> Iterator[tuple[str, Stamp]]:
    """Its files; nothing where it is gone, and no file that goes while it is looked at."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file():
                    yield entry.path, _stamp(entry.stat())
    except OSError:
        return


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_mtime_ns, status.st_size, status.st_ino
