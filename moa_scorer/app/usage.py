"""What tenants have used, from the database, and what they have left of their quotas, from Redis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from moa_scorer.app.clock import SystemClock
from moa_scorer.app.quotas import opened_ledger
from moa_scorer.app.settings import Settings
from moa_scorer.app.settings_quotas import quotas_of
from moa_scorer.app.stored import stored
from moa_scorer.domain.errors import ConfigurationError, StorageUnavailable
from moa_scorer.domain.quota import Left
from moa_scorer.domain.tenant import ANY_TENANT, Tenant
from moa_scorer.domain.usage import By, Used
from moa_scorer.storage.schema import micros
from moa_scorer.storage.usage import usage


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """What `moa-scorer usage` says."""

    used: Sequence[Used]
    left: Mapping[str, Sequence[Left]] = field(default_factory=dict)
    """Tenant -> what it has left of each quota now; empty where each process counts for itself."""


async def usage_report(
    settings: Settings,
    by: Sequence[By],
    *,
    since: datetime | None = None,
    tenant: str = "",
    records: Path | None = None,
) -> UsageReport:
    """Usage from an instant on, of one tenant or of all, of the settings' database or of a backup.

    Raises ConfigurationError.
    """
    async with stored(settings, records) as storage:
        start = None if since is None else micros(since)
        used = await usage(storage.database, by, since=start, tenant=tenant)
        tenants = await usage(storage.database, [By.TENANT], since=start, tenant=tenant)
    if records is not None or settings.ledger_url is None:
        return UsageReport(used=used)
    named = {each.by[By.TENANT] for each in tenants}
    if not tenant:
        named |= settings.quotas.keys() - {ANY_TENANT}
    return UsageReport(used=used, left=await _left(settings, sorted(named)))


async def _left(settings: Settings, tenants: Sequence[str]) -> dict[str, Sequence[Left]]:
    """Tenant -> what it has left; without those that have no quota. Raises ConfigurationError."""
    quotas, now = quotas_of(settings.quotas), SystemClock().now().timestamp()
    found = {}
    try:
        async with opened_ledger(settings) as ledger:
            for tenant in tenants:
                if own := quotas.get(tenant, quotas.get(ANY_TENANT, ())):
                    found[tenant] = await ledger.left(Tenant(tenant), own, now)
    except StorageUnavailable:
        words = "the Redis that counts quotas (`quota_redis_url`, else `redis_url`) cannot be reached"
        raise ConfigurationError((words,)) from None
    return found
