"""Stored records to read: those of the settings' database, or of a backup of one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from moa_scorer.app.clock import SystemClock
from moa_scorer.app.serving.memory import Storage, database_url, opened_database, opened_storage
from moa_scorer.app.settings import Settings
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.record import Record

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


async def answers(records: AsyncIterator[Record]) -> AsyncIterator[Record]:
    """Without those of panels in the shadow: nobody was answered by them."""
    async for record in records:
        if record.request.shadow_of is None:
            yield record


async def _copied(backup: Path, file: str) -> str:
    """The URL of a database of its own with what is in the backup; raises ConfigurationError."""
    if not await asyncio.to_thread(backup.is_file):
        raise ConfigurationError((f"{backup}: no such file",))
    url = f"sqlite:///{file}"
    if backup.name.endswith(PORTABLE):
        from moa_scorer.storage.portable import load

        async with opened_database(url) as database:
            await load(database, backup, lambda: None)
    else:
        await asyncio.to_thread(_copy, backup, Path(file))
    return url


def _copy(backup: Path, file: Path) -> None:
    from moa_scorer.storage.backup import copy_database

    try:
        copy_database(backup, file)
    except ConfigurationError:
        words = f"{backup}: is no backup; `moa-scorer storage backup FILE` makes one"
        raise ConfigurationError((words,)) from None
