"""Settings -> who counts what tenants use: a Redis for all processes, or each process for itself."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

from moa_scorer.app.settings import Settings
from moa_scorer.app.settings_quotas import quotas_of
from moa_scorer.domain.budget import Calendar
from moa_scorer.domain.quota import Ledger
from moa_scorer.domain.tenant import ANY_TENANT
from moa_scorer.scoring.charging import Quotas
from moa_scorer.scoring.holding import Holds
from moa_scorer.telemetry import events

EACH_FOR_ITSELF: Final = "by each process for itself: tenants have them once in every process"
TOGETHER: Final = "by all processes together, in Redis"
NO_REDIS: Final = "set `redis_url` (MOA_SCORER_REDIS_URL): all processes count together then"


@asynccontextmanager
async def counting(settings: Settings, clock: Calendar) -> AsyncIterator[Quotas]:
    """The quotas of the settings, counted while the block runs; raises ConfigurationError."""
    if settings.quotas:
        events.quotas_in_force(
            tenants=len(settings.quotas),
            counted="redis" if settings.ledger_url else "process",
            workers=settings.workers,
        )
    async with opened_ledger(settings) as ledger:
        quotas = Quotas(
            of=quotas_of(settings.quotas), holds=Holds(ledger, clock), when_down=settings.quota_when_down
        )
        try:
            yield quotas
        finally:
            await quotas.aclose()


@asynccontextmanager
async def opened_ledger(settings: Settings) -> AsyncIterator[Ledger]:
    """Whoever counts; connects to nothing before there is something to count."""
    if settings.ledger_url is None:
        from moa_scorer.storage.ledger_memory import MemoryLedger

        yield MemoryLedger()
        return
    from moa_scorer.storage.ledger_redis import RedisLedger, connected

    ledger = RedisLedger(connected(settings.ledger_url))
    try:
        yield ledger
    finally:
        await ledger.aclose()


def quota_lines(settings: Settings) -> Iterator[str]:
    """What `check` and `doctor` say of quotas."""
    if not settings.quotas:
        return
    yield f"quotas are counted {TOGETHER if settings.ledger_url else EACH_FOR_ITSELF}"
    for tenant, quotas in settings.quotas.items():
        who = "any other tenant" if tenant == ANY_TENANT else f"tenant {tenant}"
        yield f"  {who}: {', '.join(quota.words() for quota in quotas) or 'no quota'}"


def is_loose(settings: Settings) -> bool:
    """Whether tenants have their quotas more than once, because several processes count for themselves."""
    return bool(settings.quotas) and settings.ledger_url is None and settings.workers > 1
