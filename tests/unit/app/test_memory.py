"""A server's memory is opened from its settings, says what it needs, and is closed when all is on disk."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Table, func, select

from moa_scorer.app.compose import Application
from moa_scorer.app.serving import upkeep
from moa_scorer.app.serving.memory import Opened, database_url, database_words, default_file, opened
from moa_scorer.app.serving.upkeep import Upkeep, Work, kept_up, remembering
from moa_scorer.app.settings import Settings
from moa_scorer.domain.errors import ConfigurationError, StorageUnavailable
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.cache_memory import MemoryCache
from moa_scorer.storage.records import SqlRecords
from moa_scorer.storage.usage import USAGE
from tests.fakes.judges import SystemClock
from tests.fakes.records import many_records, rated, recorded_catalog

ALL = RecordFilter(tenant=DEFAULT_TENANT)


@dataclass(slots=True)
class Server:
    """What of an application its memory needs."""

    settings: Settings
    pipeline: Pipeline

    @property
    def catalog(self) -> Catalog:
        return self.pipeline.catalog


@dataclass(slots=True)
class ForgetfulCache:
    """Notes what it was asked to forget."""

    forgotten: list[str] = field(default_factory=list)

    async def forget(self, names: Sequence[str]) -> int:
        self.forgotten += names
        return len(names)


def _server(settings: Settings) -> Application:
    pipeline = Pipeline(recorded_catalog(rated(20)), SystemClock())
    return cast(Application, Server(settings=settings, pipeline=pipeline))


@asynccontextmanager
async def _open(url: str) -> AsyncIterator[Opened]:
    async with opened(Settings(database=url), SystemClock()) as found:
        yield found


def test_records_are_kept_in_the_users_data_directory_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert database_url(Settings()) == f"sqlite:///{tmp_path}/moa-scorer/records.db"
    assert database_url(Settings(database="sqlite:////a.db")) == "sqlite:////a.db"
    assert database_url(Settings(database="off")) == ""
    monkeypatch.delenv("XDG_DATA_HOME")
    assert default_file() == Path.home() / ".local/share/moa-scorer/records.db"


def test_the_database_is_told_without_its_password() -> None:
    assert database_words(Settings(database="postgresql://me:secret@db/x")) == "postgresql://me:***@db/x"
    assert "off" in database_words(Settings(database="off"))


@pytest.mark.parametrize("url", ["mysql://me:secret@db/x", "records.db", "postgresql://"])
def test_a_wrong_setting_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="should be sqlite:///FILE") as error:
        Settings(database=url)

    assert "secret" not in str(error.value.errors()[0]["msg"])  # type: ignore[attr-defined]


async def test_a_server_makes_its_default_file_for_its_user_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    async with _open(""):
        assert default_file().exists()

    assert default_file().parent.stat().st_mode & 0o777 == 0o700


def _rights(folder: Path) -> dict[str, int]:
    """Of its files, by name."""
    return {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}


async def test_nobody_else_reads_a_database_that_a_server_makes_where_it_is_told(tmp_path: Path) -> None:
    async with _open(f"sqlite:///{tmp_path / 'records.db'}"):
        rights = _rights(tmp_path)

    assert rights["records.db"] == rights["records.db-wal"] == 0o600
    assert set(rights.values()) == {0o600}


async def test_records_that_were_put_are_there_after_the_end(database_url: str) -> None:
    _, made = await many_records(3)
    async with _open(database_url) as found:
        memory = found.memory()
        assert memory.records is not None
        puts = [asyncio.create_task(memory.records.put(record)) for record in made]
        await asyncio.sleep(0)
    await asyncio.gather(*puts)

    async with _open(database_url) as found:
        assert found.storage is not None
        assert await found.storage.records.count(ALL) == 3


async def test_without_a_database_answers_are_still_remembered() -> None:
    async with _open("off") as found:
        memory = found.memory()

    assert memory.records is None
    assert memory.ids is None
    assert isinstance(memory.cache, MemoryCache)


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@127.0.0.1:9/none", "sqlite:////no/such/folder/records.db"]
)
async def test_a_database_that_cannot_be_reached_keeps_a_server_from_starting(url: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be reached") as error:
        async with _open(url):
            pass

    assert "MOA_SCORER_DATABASE" in str(error.value)
    assert "secret" not in str(error.value)


async def test_what_is_served_is_kept_also_after_it_was_replaced(sqlite_url: str) -> None:
    application = _server(Settings(database=sqlite_url))
    catalog, _ = await many_records(1)
    async with opened(application.settings, SystemClock()) as found:
        assert found.storage is not None
        steps = Upkeep(application, found.storage)
        await steps.keep_served()
        application.pipeline.catalog = catalog
        assert not await found.storage.artefacts.has(catalog.snapshots[0].digest)
        await steps.keep_served()
        assert await found.storage.artefacts.has(catalog.snapshots[0].digest)


async def test_what_another_process_erased_is_forgotten(database_url: str) -> None:
    application = _server(Settings(database=database_url))
    _, made = await many_records(2)
    async with opened(application.settings, SystemClock()) as found:
        assert found.storage is not None
        steps, cache = Upkeep(application, found.storage), cast(Any, ForgetfulCache())
        await steps.forget_erased(cache)
        other = SqlRecords(found.storage.database, SystemClock())
        for record in made:
            await other.put(record)
        await other.erase(RecordFilter(tenant=DEFAULT_TENANT, names=(made[0].name,)))
        await steps.forget_erased(cache)
        await steps.forget_erased(cache)
        await other.aclose()

    assert cache.forgotten == [made[0].name]


async def test_old_records_are_deleted_by_the_server_itself(sqlite_url: str) -> None:
    application = _server(Settings(database=sqlite_url, retention_days=0.001))
    _, [record] = await many_records(1)
    async with remembering(application) as found:
        assert found.storage is not None
        await found.storage.records.put(record)
        steps = Upkeep(application, found.storage)
        await steps.purge()
        assert await found.storage.records.count(ALL) == 1  # the server's own task has the lease
    assert application.pipeline.memory.records is found.storage.records


async def test_sums_of_usage_are_folded_by_one_process(sqlite_url: str) -> None:
    application = _server(Settings(database=sqlite_url))
    _, made = await many_records(2)
    async with _open(sqlite_url) as found:
        assert found.storage is not None
        for record in made:
            early = application.pipeline.clock.now() - timedelta(hours=5)
            await found.storage.records.put(replace(record, created=early))
        assert await _count(found, USAGE) == 2
        for _ in range(2):
            await Upkeep(application, found.storage).fold_usage()
            assert await _count(found, USAGE) == 1


async def _count(found: Opened, table: Table) -> int:
    assert found.storage is not None
    async with found.storage.database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_step_that_fails_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(upkeep.events, "upkeep_failed", lambda *, work, error: told.append(f"{work} {error}"))
    failures: list[Exception] = [StorageUnavailable(), ZeroDivisionError()]
    done = asyncio.Event()

    async def step() -> None:
        if failures:
            raise failures.pop(0)
        done.set()

    async with kept_up([Work("work", 0.0, step)]):
        await done.wait()
    assert told == ["work ZeroDivisionError"]


async def test_a_step_that_hangs_does_not_keep_a_server_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "LAST_STEP", 0.0)
    async with kept_up([Work("work", 0.0, asyncio.Event().wait)]):  # type: ignore[arg-type]
        await asyncio.sleep(0)
