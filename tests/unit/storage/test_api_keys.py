"""API keys in a real database: only digests, and an end for good."""

from datetime import timedelta

from sqlalchemy import select

from moa_scorer.contract.api_keys import new_key
from moa_scorer.domain.audit_log import AuditAction
from moa_scorer.domain.caller import Caller, Role
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.api_keys import API_KEYS, SqlApiKeys
from moa_scorer.storage.audit_log import SqlAuditLog
from moa_scorer.storage.database import Database
from tests.fakes.identities import NOW, entry_of

ANN = Caller(name="ann", tenant=Tenant("acme"), roles=frozenset({Role.SCORE, Role.AUDIT}))
MADE = entry_of(AuditAction.KEY_CREATED)
REVOKED = entry_of(AuditAction.KEY_REVOKED)


async def test_a_key_comes_back_as_it_was_added_and_the_secret_is_nowhere(database: Database) -> None:
    store = SqlApiKeys(database)
    secret, key = new_key(ANN, NOW, timedelta(days=2))
    await store.add(key, MADE)
    assert await store.find(key.id) == key
    assert await store.find("another") is None
    async with database.reading() as connection:
        (row,) = (await connection.execute(select(API_KEYS))).all()
    assert secret.rpartition("_")[2] not in str(row)


async def test_a_revoked_key_stays_listed_and_cannot_be_revoked_again(database: Database) -> None:
    store = SqlApiKeys(database)
    _, key = new_key(ANN, NOW)
    await store.add(key, MADE)
    later = NOW + timedelta(hours=1)
    assert await store.revoke(key.id, later, REVOKED)
    assert not await store.revoke(key.id, later, REVOKED)
    assert not await store.revoke("another", later, REVOKED)
    written = await SqlAuditLog(database).page(10)
    assert [entry.action for entry in written] == [AuditAction.KEY_CREATED, AuditAction.KEY_REVOKED]
    (found,) = await store.all()
    assert found.revoked == later
    assert not found.holds(later)
