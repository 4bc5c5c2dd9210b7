"""Brings a database to the tables of this version, once, however many processes open it."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.storage.database import Database

REVISIONS: Final = ("0001",)
"""Every version of the tables there was, the newest last."""
HEAD: Final = REVISIONS[-1]
FOLDER: Final = Path(__file__).with_name("migrations")
_MIGRATING: Final = 0x6D6F62
"""Key of the lock under which one process at a time migrates a PostgreSQL database."""


async def revision_of(database: Database) -> str:
    """The version of its tables; empty = it has none. Raises StorageUnavailable."""
    async with database.reading() as connection:
        return await connection.run_sync(_revision)


async def migrate(database: Database) -> bool:
    """Brings the tables to HEAD; whether there was anything to do.

    Raises StorageUnavailable, and ConfigurationError where a newer version has been at work.
    """
    found = await revision_of(database)
    if found == HEAD:
        return False
    if found and found not in REVISIONS:
        raise ConfigurationError((_newer(database, found),))
    async with database.writing() as connection:
        if database.dialect == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        await connection.run_sync(_upgrade)
    return True


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def _upgrade(connection: Connection) -> None:
    """A process that waited for another one finds nothing left to do."""
    from alembic import command  # loaded where there is something to do
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    command.upgrade(config, "head")


def _newer(database: Database, found: str) -> str:
    return (
        f"database {database}: its tables are of version {found}, and this program knows them up to {HEAD}: "
        "a newer MoA Scorer has migrated it. Run that one, or set `database` to another place"
    )
