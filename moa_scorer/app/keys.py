"""API keys in the settings' database, for the command line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from moa_scorer.app.clock import SystemClock
from moa_scorer.app.operator import operator
from moa_scorer.app.serving.memory import database_url, opened_database
from moa_scorer.app.settings import Settings
from moa_scorer.contract.api_keys import new_key
from moa_scorer.domain.audit_log import AuditAction, AuditEntry
from moa_scorer.domain.caller import ApiKey, Caller
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.storage.api_keys import SqlApiKeys


async def made(settings: Settings, caller: Caller, lifetime: timedelta | None) -> str:
    """A new key, kept as its digest; raises ConfigurationError without a database."""
    now = SystemClock().now()
    key, kept = new_key(caller, now, lifetime)
    async with _store(settings) as store:
        await store.add(kept, _entry(AuditAction.KEY_CREATED, kept, now))
    return key


async def listed(settings: Settings) -> list[tuple[ApiKey, str]]:
    """Every key with `valid`, `valid until …`, `expired …` or `revoked …`."""
    now = SystemClock().now()
    async with _store(settings) as store:
        return [(key, _state(key, now)) for key in await store.all()]


async def revoked(settings: Settings, key_id: str) -> bool:
    """Whether there was such a key to revoke."""
    now = SystemClock().now()
    async with _store(settings) as store:
        key = await store.find(key_id)
        return key is not None and await store.revoke(key_id, now, _entry(AuditAction.KEY_REVOKED, key, now))


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[SqlApiKeys]:
    url = database_url(settings)
    if not url:
        raise ConfigurationError(("settings: database: is off, and keys are kept in it",))
    async with opened_database(url) as database:
        yield SqlApiKeys(database)


def _entry(action: AuditAction, key: ApiKey, now: datetime) -> AuditEntry:
    """What is done to a key, with what it lets its holder do."""
    said = f"{key.caller.name} of {key.caller.tenant}: {' '.join(sorted(key.caller.roles))}"
    created = action is AuditAction.KEY_CREATED
    return AuditEntry(
        at=now,
        tenant=key.caller.tenant,
        who=operator().name,
        action=action,
        subject=f"keys/{key.id}",
        before="" if created else said,
        after=said if created else "",
    )


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked is not None:
        return f"revoked {key.revoked:%Y-%m-%d %H:%M}"
    if key.expires is None:
        return "valid"
    return f"{'valid until' if key.holds(now) else 'expired'} {key.expires:%Y-%m-%d %H:%M}"
