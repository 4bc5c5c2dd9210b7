"""The cache that the settings ask for, and erasures of other processes that it hears of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from moa_scorer.app.settings import Settings
from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.stores import Cache
from moa_scorer.storage.cache_memory import MemoryCache
from moa_scorer.storage.database import Database
from moa_scorer.storage.erasing import erased_since

PAUSE: Final = 1.0
"""Seconds between two looks at what others erased."""


def make_cache(settings: Settings) -> Cache | None:
    """In Redis where the settings name one, else in this process; None = nothing is remembered."""
    if not settings.cache:
        return None
    if settings.redis_url is None:
        return MemoryCache(settings.cache_items, settings.cache_seconds)
    from moa_scorer.storage.cache_redis import RedisCache

    return RedisCache(settings.redis_url, settings.cache_seconds)


@asynccontextmanager
async def forgetting(cache: Cache, database: Database) -> AsyncIterator[None]:
    """Meanwhile the cache forgets what any process erases."""
    task = asyncio.create_task(_forget_erased(cache, database))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _forget_erased(cache: Cache, database: Database) -> None:
    cursor: int | None = None
    while True:
        with suppress(StorageUnavailable):
            erased = await erased_since(database, cursor)
            if erased.names:
                await cache.forget(erased.names)
            cursor = erased.cursor
        await asyncio.sleep(PAUSE)
