"""A copy of a SQLite database, taken while it is written to."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.storage.private import made_private

PAGES: Final = 256
"""Copied at a time: a writer waits for no more than that."""

Told = Callable[[int, int], None]
"""Pages left, pages in all."""


def copy_database(source: Path, target: Path, told: Told | None = None) -> None:
    """Writes all of one SQLite file into another, which is created or replaced as a whole.

    Others may use the source meanwhile, nobody the target. Raises ConfigurationError.
    """
    if not source.is_file():
        raise ConfigurationError((f"{source}: no such file",))

    def progress(_: int, left: int, pages: int) -> None:
        if told is not None:
            told(left, pages)

    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(made_private(target))) as new:
            old.backup(new, pages=PAGES, progress=progress)
            [[verdict]] = new.execute("PRAGMA quick_check").fetchall()
    except (sqlite3.Error, OSError) as error:
        raise ConfigurationError((f"{source} to {target}: {error}",)) from None
    if verdict != "ok":
        raise ConfigurationError((f"{target}: the copy is damaged: {verdict}",))
