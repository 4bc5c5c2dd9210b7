"""One database behind an async engine: connections, transactions, and what an error means."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool

from moa_scorer.domain.errors import ConfigurationError, StorageUnavailable
from moa_scorer.storage.inline import InlineWriter, Work
from moa_scorer.storage.schema import declared
from moa_scorer.storage.unbroken import Transactions

T = TypeVar("T")

BUSY_SECONDS: Final = 5.0
"""How long a process waits for another one that writes to the same SQLite file."""
CONNECT_SECONDS: Final = 5.0
POOL: Final = 5
"""Connections kept open by a process; as many again are opened when all are busy."""
DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_OURS: Final = (IntegrityError, DataError, ProgrammingError)
_OUR_STATES: Final = ("22", "23", "42")
"""Classes of PostgreSQL's error codes: wrong data, a broken constraint, a wrong statement."""


def parsed(url: str) -> URL:
    """The URL with its driver; raises ConfigurationError, which never repeats a password."""
    try:
        found = make_url(url)
    except ArgumentError:
        raise ConfigurationError((f"database: not a URL; {_KNOWN}",)) from None
    kind = found.get_backend_name()
    if kind not in DRIVERS:
        raise ConfigurationError((f"database: unknown kind '{kind}'; {_KNOWN}",))
    return found.set(drivername=DRIVERS[kind])


_KNOWN: Final = "use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"


class Database:
    """Connections to one database, for one event loop. Close it at the end."""

    def __init__(self, url: str) -> None:
        """`sqlite:///FILE`, `sqlite://` (in memory) or `postgresql://…`; connects to nothing yet.

        Raises ConfigurationError for any other URL, and where the driver is not installed.
        """
        self.url = parsed(url)
        try:
            self.engine = _engine(self.url)
        except ModuleNotFoundError as error:
            words = f'database: {error.name} is missing: pip install "moa-scorer[postgres]"'
            raise ConfigurationError((words,)) from None
        self._writing = self.engine.execution_options(writes=True)
        self._inline = _inline(self.url)
        self._unbroken = Transactions() if self.dialect == "sqlite" else None
        self._reading = self.engine
        if self.dialect == "postgresql":
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    def __str__(self) -> str:
        """The URL as people write it, without its password."""
        plain = self.url.set(drivername=self.dialect)
        return plain.render_as_string(hide_password=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads: it sees one state of the database. Raises StorageUnavailable."""
        with reached():
            async with self._transaction(self._reading, commit=False) as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end, or undone by an exception.

        In SQLite it is the only one that writes, from its first statement on. Raises StorageUnavailable.
        """
        with reached():
            async with self._transaction(self._writing, commit=True) as connection:
                yield connection

    async def write(self, work: Work[T]) -> T:
        """The same for work that awaits nothing but `execute`: a file is written in one trip to a thread."""
        if self._inline is None:
            async with self.writing() as connection:
                return await work(connection)
        with reached():
            return await self._inline.write(work)

    async def create_all(self) -> None:
        """Makes every table, for tests that do not ask for the migrations."""
        async with self.writing() as connection:
            await connection.run_sync(declared().create_all)

    async def aclose(self) -> None:
        """Closes all connections."""
        if self._inline is not None:
            await self._inline.aclose()
        if self._unbroken is not None:
            await self._unbroken.aclose()
        await self.engine.dispose()

    def _transaction(
        self, engine: AsyncEngine, *, commit: bool
    ) -> AbstractAsyncContextManager[AsyncConnection]:
        if self._unbroken is not None:
            return self._unbroken.of(engine, commit=commit)
        return engine.begin() if commit else engine.connect()


@contextmanager
def reached() -> Iterator[None]:
    """Raises StorageUnavailable for whatever keeps a database from answering."""
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError) as error:
        if _is_ours(error):
            raise
        raise StorageUnavailable from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] == "asyncpg":  # raised while connecting: not translated
            raise StorageUnavailable from error
        raise


def _is_ours(error: Exception) -> bool:
    """Whether a statement was wrong, whatever the state of the database."""
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return isinstance(error, _OURS) or state[:2] in _OUR_STATES or str(error.orig).startswith("no such ")


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() == "postgresql":
        seconds = {"timeout": CONNECT_SECONDS}
        return create_async_engine(
            url, pool_size=POOL, max_overflow=POOL, pool_pre_ping=True, connect_args=seconds
        )
    size = POOL if url.database else 1
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        connect_args={"timeout": BUSY_SECONDS},
    )
    _listen(engine.sync_engine)
    return engine


def _inline(url: URL) -> InlineWriter | None:
    """For a SQLite file; one in memory belongs to one connection."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    engine = create_engine(
        url.set(drivername="sqlite"),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    _listen(engine)
    return InlineWriter(engine.execution_options(writes=True))


def _listen(engine: Engine) -> None:
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)


def _prepare(connection: Any, _: object) -> None:
    """A committed transaction outlives a loss of power, readers do not wait for the writer, and what is
    deleted is overwritten."""
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A transaction that reads first and writes later would fail when another has written in between."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
