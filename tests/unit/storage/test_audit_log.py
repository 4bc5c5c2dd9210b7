"""The audit log in a real database: in order, page by page, and never changed or deleted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from moa_scorer.domain.audit_log import AuditAction
from moa_scorer.storage.audit_log import AUDIT_LOG, SqlAuditLog
from moa_scorer.storage.database import Database
from moa_scorer.storage.migrate import migrate
from tests.fakes.identities import NOW, entry_of

FIRST = entry_of(AuditAction.JUDGE_QUARANTINED, "judges/gpt")
SECOND = replace(FIRST, at=NOW + timedelta(hours=1), action=AuditAction.JUDGE_RESTORED, why="mended\0")


async def test_entries_come_back_in_the_order_in_which_they_were_added_page_by_page(
    database: Database,
) -> None:
    log = SqlAuditLog(database)
    await log.add(FIRST)
    await log.add(SECOND)
    (first,) = await log.page(1)
    assert replace(first, number=0) == FIRST
    (second,) = await log.page(5, after=first.number)
    assert second.action is AuditAction.JUDGE_RESTORED
    assert await log.page(5, since=SECOND.at) == [second]
    assert await log.page(5, after=second.number) == []


@pytest.mark.parametrize("change", [update(AUDIT_LOG).values(who="nobody"), delete(AUDIT_LOG)])
async def test_an_entry_cannot_be_changed_or_deleted_by_whoever_asks(
    database_url: str, change: object
) -> None:
    database = Database(database_url)
    await migrate(database)
    log = SqlAuditLog(database)
    await log.add(FIRST)
    with pytest.raises(Exception) as refused:  # noqa: PT011 - each database says it in its own way
        async with database.writing() as connection:
            await connection.execute(change)  # type: ignore[call-overload]
    cause = refused.value.__cause__ or refused.value
    assert "the audit log is only added to" in str(cause)
    assert [entry.who for entry in await log.page(5)] == ["ann"]
    await database.aclose()
