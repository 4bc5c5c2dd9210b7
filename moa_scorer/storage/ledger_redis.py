"""Quotas counted in Redis: exact among all processes that share it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.quota import Hold, Left, Meter, Quota
from moa_scorer.domain.tenant import Tenant

PREFIX: Final = "moa:quota:"
_RESERVE: Final = """
for i, key in ipairs(KEYS) do
  local used = tonumber(redis.call('GET', key) or '0')
  local amount, limit = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  if used > limit or used + amount > limit then return {i, math.max(0, limit - used)} end
end
for i, key in ipairs(KEYS) do
  redis.call('INCRBY', key, ARGV[3 * i - 2])
  redis.call('EXPIRE', key, ARGV[3 * i])
end
return {0, 0}
"""
"""Each key with its amount, limit and seconds to live: all or nothing, in one step of the server."""


class RedisLedger:
    """The `Ledger` of processes that share a Redis."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._reserve: Any = redis.register_script(_RESERVE)

    async def reserve(
        self, tenant: Tenant, quotas: Sequence[Quota], amounts: Mapping[Meter, int], now: float
    ) -> Hold | Left:
        """As in the port."""
        windows = tuple((quota, quota.window(now)) for quota in quotas)
        keys = [_key(tenant, quota, number) for quota, number in windows]
        arguments = [
            number
            for quota in quotas
            for number in (amounts.get(quota.meter, 0), quota.amount, 2 * quota.seconds)
        ]
        try:
            full, left = await self._reserve(keys=keys, args=arguments)
        except (RedisError, OSError) as error:
            raise StorageUnavailable(_DOWN) from error
        if full:
            quota = quotas[full - 1]
            return Left(quota=quota, amount=left, resets_in=quota.resets_in(now))
        return Hold(tenant=tenant, amounts=dict(amounts), windows=windows)

    async def settle(self, hold: Hold, used: Mapping[Meter, int]) -> None:
        """As in the port."""
        differences = [
            (_key(hold.tenant, quota, number), used.get(quota.meter, 0) - hold.amounts.get(quota.meter, 0))
            for quota, number in hold.windows
        ]
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                for key, difference in differences:
                    if difference:
                        pipe.incrby(key, difference)
                await pipe.execute()
        except (RedisError, OSError) as error:
            raise StorageUnavailable(_DOWN) from error

    async def left(self, tenant: Tenant, quotas: Sequence[Quota], now: float) -> Sequence[Left]:
        """As in the port."""
        if not quotas:
            return []
        try:
            used = await self._redis.mget([_key(tenant, quota, quota.window(now)) for quota in quotas])
        except (RedisError, OSError) as error:
            raise StorageUnavailable(_DOWN) from error
        return [
            Left(quota=quota, amount=max(0, quota.amount - int(n or 0)), resets_in=quota.resets_in(now))
            for quota, n in zip(quotas, used, strict=True)
        ]


_DOWN: Final = "quotas are counted in Redis, and that cannot be reached; try again"


def _key(tenant: Tenant, quota: Quota, number: int) -> str:
    """The tenant in braces: its keys lie together in a cluster, as one script needs them."""
    return f"{PREFIX}{{{tenant}}}:{quota.meter}:{quota.seconds}:{number}"
