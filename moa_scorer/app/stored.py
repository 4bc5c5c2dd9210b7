"""Stored records to read: those of the settings' database, or of a backup of one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Final

from moa_scorer.app.clock import SystemClock
from moa_scorer.app.memory import Storage, database_url, opened_database, opened_storage
from moa_scorer.app.settings import Settings
from moa_scorer.domain.errors import ConfigurationError

PORTABLE: Final = ".jsonl.gz"
"""How the names of backups end that hold lines of JSON."""


@asynccontextmanager
async def stored(settings: Settings, backup: Path | None = None) -> AsyncIterator[Storage]:
    """The settings' storage, or a copy of a backup: a SQLite file, or lines of JSON.

    Raises ConfigurationError where there is none or it cannot be read.
    """
    with TemporaryDirectory() as folder:
        url = await _copied(backup, f"{folder}/records.db") if backup else database_url(settings)
        async with opened_storage(url, SystemClock()) as storage:
            if storage is None:
                words = "no records are kept: `database` is off; name a backup with --records"
                raise ConfigurationError((words,))
            yield storage


async def _copied(backup: Path, file: str) -> str:
    """The URL of a database of its own with what is in the backup."""
    url = f"sqlite:///{file}"
    if backup.name.endswith(PORTABLE):
        from moa_scorer.storage.portable import load

        async with opened_database(url) as database:
            await load(database, backup, lambda: None)
        return url
    try:
        await asyncio.to_thread(copyfile, backup, file)
    except OSError as error:
        words = f"{backup}: {error.strerror}; `moa-scorer storage backup` makes such a file"
        raise ConfigurationError((words,)) from None
    return url
