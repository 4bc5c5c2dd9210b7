"""Backups: SQLite files as they are, or lines of JSON for any database, with a bar on long ones."""

import asyncio
from pathlib import Path

from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.serving.memory import opened_database
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.storage.backup import copy_database
from moa_scorer.storage.database import Database, parsed
from moa_scorer.storage.portable import export, load, rows_in


def back_up(url: str, file: Path, *, portable: bool) -> str:
    """Writes the file; what was done, in words. Raises ConfigurationError."""
    if portable:
        return asyncio.run(_export(url, file))
    copy_database(_sqlite_file(url, f"pg_dump --format=custom --file={file} URL"), file)
    return f"{file}: a copy of the database"


def put_back(url: str, file: Path, *, portable: bool, overwrite: bool) -> str:
    """Puts the file's records into the database; what was done, in words. Raises ConfigurationError."""
    if portable:
        return asyncio.run(_load(url, file))
    target = _sqlite_file(url, f"pg_restore --clean --if-exists --dbname=URL {file}")
    if target.exists() and not overwrite:
        raise ConfigurationError((f"{target} is there already: say --overwrite to replace it",))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy_database(file, target)
    return f"{target}: as in {file}"


def _sqlite_file(url: str, instead: str) -> Path:
    """The file of a SQLite database; raises ConfigurationError saying what to do for another one."""
    place = parsed(url)
    if place.get_backend_name() != "sqlite" or not place.database:
        words = f"database {Database(url)}: use `{instead}`, or a file that ends in .jsonl.gz"
        raise ConfigurationError((words,))
    return Path(place.database)


async def _export(url: str, file: Path) -> str:
    async with opened_database(url) as database:
        with Progress(await rows_in(database), "writing") as progress:
            count = await export(database, file, progress.advance)
    return f"{file}: {count} rows"


async def _load(url: str, file: Path) -> str:
    async with opened_database(url) as database:
        with Progress(None, "reading") as progress:
            count = await load(database, file, progress.advance)
        return f"{database}: {count} rows"
