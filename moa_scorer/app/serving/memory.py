"""What a server remembers: the settings' database and cache, opened before it listens, closed at its end."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from moa_scorer.app.settings import Settings
from moa_scorer.domain.budget import Calendar
from moa_scorer.domain.caller import KeyStore
from moa_scorer.domain.errors import ConfigurationError, StorageUnavailable
from moa_scorer.domain.stores import Cache
from moa_scorer.scoring.keeping import Memory
from moa_scorer.telemetry import events

if TYPE_CHECKING:
    from moa_scorer.storage.artefacts import SqlArtefacts
    from moa_scorer.storage.audit_log import SqlAuditLog
    from moa_scorer.storage.database import Database
    from moa_scorer.storage.ids import SqlRequestIds
    from moa_scorer.storage.judge_states import SqlJudgeStates
    from moa_scorer.storage.ratings import SqlRatings
    from moa_scorer.storage.records import SqlRecords

OFF: Final = "off"
"""Setting of a server that keeps nothing."""
FILE: Final = "records.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """An open database and the stores in it."""

    database: "Database"
    records: "SqlRecords"
    ids: "SqlRequestIds"
    artefacts: "SqlArtefacts"
    ratings: "SqlRatings"
    judge_states: "SqlJudgeStates"
    audit_log: "SqlAuditLog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the settings let a server remember."""

    storage: Storage | None
    """None = no database."""
    cache: Cache | None
    audit_share: float = 0.0
    """Probability with which a record is drawn for the random audit."""

    @property
    def keys(self) -> KeyStore | None:
        """API keys, where there is a database."""
        if self.storage is None:
            return None
        from moa_scorer.storage.api_keys import SqlApiKeys

        return SqlApiKeys(self.storage.database)

    def memory(self) -> Memory:
        """The same, as scoring knows it."""
        if self.storage is None:
            return Memory(cache=self.cache)
        stores = self.storage
        return Memory(
            records=stores.records,
            ids=stores.ids,
            cache=self.cache,
            artefacts=stores.artefacts,
            ratings=stores.ratings,
            judge_states=stores.judge_states,
            audit_log=stores.audit_log,
            audit_share=self.audit_share,
        )


def default_file() -> Path:
    """Where records are when nobody said: in the user's data directory."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "moa-scorer" / FILE


def database_url(settings: Settings) -> str:
    """The URL of the database in use; empty = none."""
    if settings.database == OFF:
        return ""
    return settings.database or f"sqlite:///{default_file()}"


def database_words(settings: Settings) -> str:
    """The database in use as people are told of it, without its password."""
    from moa_scorer.storage.database import Database

    url = database_url(settings)
    return str(Database(url)) if url else "none, `database` is off"


@asynccontextmanager
async def opened(settings: Settings, clock: Calendar) -> AsyncIterator[Opened]:
    """Database and cache, open while the block runs; what waits is written at its end.

    Raises ConfigurationError saying what to do, where the database cannot be reached or is too new.
    """
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(opened_storage(database_url(settings), clock))
        cache = await stack.enter_async_context(_cache(settings))
        yield Opened(storage=storage, cache=cache, audit_share=settings.audit_share)


@asynccontextmanager
async def opened_storage(url: str, clock: Calendar) -> AsyncIterator[Storage | None]:
    """The database with the tables of this version; None for an empty URL."""
    if not url:
        yield None
        return
    from moa_scorer.storage.artefacts import SqlArtefacts
    from moa_scorer.storage.audit_log import SqlAuditLog
    from moa_scorer.storage.ids import SqlRequestIds
    from moa_scorer.storage.judge_states import SqlJudgeStates
    from moa_scorer.storage.ratings import SqlRatings
    from moa_scorer.storage.records import SqlRecords

    async with opened_database(url) as database:
        records = SqlRecords(database, clock)
        try:
            yield Storage(
                database=database,
                records=records,
                ids=SqlRequestIds(database, clock),
                artefacts=SqlArtefacts(database),
                ratings=SqlRatings(database),
                judge_states=SqlJudgeStates(database),
                audit_log=SqlAuditLog(database),
            )
        finally:
            await records.aclose()


@asynccontextmanager
async def opened_database(url: str) -> AsyncIterator["Database"]:
    """The database of a URL, with the tables of this version; raises ConfigurationError."""
    from moa_scorer.storage.database import Database
    from moa_scorer.storage.migrate import migrate

    database = Database(url)
    try:
        try:
            _make_file(database)
            await migrate(database)
        except StorageUnavailable as error:
            raise ConfigurationError((_unreachable(database, error.__cause__),)) from None
        events.database_opened(database=str(database))
        yield database
    finally:
        await database.aclose()


def _make_file(database: "Database") -> None:
    """The file of a database in one, and the folder of the default file: others read neither.

    Any other folder is the operator's to make. Raises ConfigurationError.
    """
    from moa_scorer.storage.private import made_private

    if database.dialect != "sqlite" or not database.url.database:
        return
    file = Path(database.url.database)
    if file == default_file():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not file.parent.is_dir():
        raise ConfigurationError((_words(database, f"there is no folder {file.parent}"),))
    try:
        made_private(file)
    except OSError as error:
        raise ConfigurationError((_words(database, error.strerror or type(error).__name__),)) from None


def _unreachable(database: "Database", cause: BaseException | None) -> str:
    """Why, in the driver's words: the first line of the innermost error."""
    innermost = getattr(cause, "orig", None) or cause
    why = str(innermost).splitlines()[0][:200] if innermost and str(innermost) else type(innermost).__name__
    return _words(database, why)


def _words(database: "Database", why: str) -> str:
    return (
        f"database {database}: cannot be reached: {why}. Start it or make its folder, set `database` "
        "(MOA_SCORER_DATABASE) to another one, or to `off` to keep no records"
    )


@asynccontextmanager
async def _cache(settings: Settings) -> AsyncIterator[Cache | None]:
    if not settings.cache:
        yield None
        return
    if settings.redis_url is None:
        from moa_scorer.storage.cache_memory import MemoryCache

        yield MemoryCache(settings.cache_items, settings.cache_seconds)
        return
    from moa_scorer.storage.cache_redis import RedisCache

    cache = RedisCache(settings.redis_url, settings.cache_seconds)
    try:
        yield cache
    finally:
        await cache.aclose()
