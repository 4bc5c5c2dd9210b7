"""`moa-scorer storage`: what it says, and what is in the database afterwards."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from moa_scorer.app.cli.root import app
from moa_scorer.domain.record import Record
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.storage.database import Database
from moa_scorer.storage.migrate import migrate
from moa_scorer.storage.records import SqlRecords
from tests.fakes.judges import SystemClock
from tests.fakes.records import many_records


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["storage", *map(str, words)])


async def _fill(url: str) -> None:
    database = Database(url)
    await migrate(database)
    records = SqlRecords(database, SystemClock())
    _, made = await many_records(5)
    await asyncio.gather(*(records.put(record) for record in made))
    await records.aclose()
    await database.aclose()


async def _all(url: str) -> list[Record]:
    database = Database(url)
    found = [r async for r in SqlRecords(database, SystemClock()).scan(RecordFilter(tenant=DEFAULT_TENANT))]
    await database.aclose()
    return found


@pytest.fixture
def filled(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Five records in the database of the settings."""
    asyncio.run(_fill(sqlite_url))
    monkeypatch.setenv("MOA_SCORER_DATABASE", sqlite_url)
    return sqlite_url


def test_info_says_what_is_in_use_and_how_much_is_in_it(filled: str) -> None:
    said = run("info").stdout

    assert filled in said
    assert "up to date" in said
    assert "       5 records" in said


def test_info_of_a_file_that_is_not_there_makes_none(tmp_path: Path) -> None:
    result = run("info", "--database", f"sqlite:///{tmp_path}/none.db")

    assert "not there yet" in result.stdout
    assert not (tmp_path / "none.db").exists()


def test_a_new_database_is_migrated_and_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"

    assert run("migrate", "--database", url).exit_code == 0
    assert "up to date" in run("info", "--database", url).stdout


@pytest.mark.parametrize("name", ["copy.db", "copy.jsonl.gz"])
def test_a_backup_is_put_back_somewhere_else(filled: str, tmp_path: Path, name: str) -> None:
    file, url = tmp_path / name, f"sqlite:///{tmp_path}/other.db"

    assert run("backup", file).exit_code == 0
    assert run("restore", file, "--database", url).exit_code == 0
    assert asyncio.run(_all(url)) == asyncio.run(_all(filled))


@pytest.mark.parametrize("name", ["copy.db", "copy.jsonl.gz"])
def test_nobody_else_reads_a_backup(filled: str, tmp_path: Path, name: str) -> None:
    run("backup", tmp_path / name)
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_neither_a_backup_nor_a_database_is_replaced_by_mistake(filled: str, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    assert run("backup", file).exit_code == 0

    again = run("backup", file)
    assert again.exit_code == 1
    assert "is there already" in again.stderr
    onto = run("restore", file)
    assert onto.exit_code == 1
    assert "--overwrite" in onto.stderr
    assert run("restore", file, "--overwrite").exit_code == 0


def test_purge_asks_first_and_deletes_what_is_old(filled: str) -> None:
    assert CliRunner().invoke(app, ["storage", "purge", "--days", "1"], input="n\n").exit_code == 1
    assert len(asyncio.run(_all(filled))) == 5
    assert "5 records deleted" in run("purge", "--days", "1", "--yes").stdout
    assert asyncio.run(_all(filled)) == []


def test_postgresql_is_backed_up_by_its_own_tools(tmp_path: Path) -> None:
    result = run("backup", tmp_path / "a.dump", "--database", "postgresql://me:secret@db/records")

    assert result.exit_code == 1
    assert "pg_dump" in result.stderr
    assert "secret" not in result.stderr


def test_a_server_that_keeps_nothing_has_nothing_to_look_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOA_SCORER_DATABASE", "off")
    result = run("info")

    assert result.exit_code == 1
    assert "off" in result.stderr
