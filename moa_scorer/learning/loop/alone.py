"""One process at a time writes to a folder of snapshots."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOCK: Final = ".lock"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Waits until no other process is inside; where the platform has no such locks, it does not wait."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
