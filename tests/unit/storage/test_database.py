"""A database answers, or says in one word that it does not."""

from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from moa_scorer.domain.errors import ConfigurationError, StorageUnavailable
from moa_scorer.storage.database import Database, parsed
from moa_scorer.storage.records_table import ARTEFACTS


def _artefact(digest: str) -> dict[str, object]:
    return {"digest": digest, "kind": "k", "bytes": b"\x00"}


async def _write(database: Database, *digests: str) -> None:
    async with database.writing() as connection:
        for digest in digests:
            await connection.execute(insert(ARTEFACTS), [_artefact(digest)])


async def _count(database: Database) -> int:
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(ARTEFACTS))).scalar_one()


async def test_a_transaction_is_written_whole_or_not_at_all(database: Database) -> None:
    await _write(database, "a")

    with pytest.raises(IntegrityError):
        await _write(database, "b", "a")

    assert await _count(database) == 1


async def test_a_sqlite_file_survives_a_loss_of_power(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.reading() as connection:
        found = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    await database.aclose()

    assert found == ["wal", 2, 1]


async def test_a_database_in_memory_is_one_database() -> None:
    database = Database("sqlite://")
    await database.create_all()
    await _write(database, "a")

    assert await _count(database) == 1
    await database.aclose()


async def test_a_database_that_cannot_be_reached_is_unavailable() -> None:
    database = Database("postgresql://someone:secret@127.0.0.1:9/none")

    with pytest.raises(StorageUnavailable):
        await _count(database)
    await database.aclose()


@pytest.mark.parametrize("url", ["mysql://someone:secret@host/db", "no url", "sqlite"])
def test_a_wrong_url_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parsed(url)

    assert "sqlite:///FILE or postgresql://" in str(error.value)
    assert "secret" not in str(error.value)


def test_a_database_names_itself_without_its_password(tmp_path: Path) -> None:
    assert str(Database("postgresql://me:secret@host/db")) == "postgresql://me:***@host/db"
    assert str(Database(f"sqlite:///{tmp_path}/r.db")) == f"sqlite:///{tmp_path}/r.db"
