"""Quotas counted in Redis: exact among all processes that share it."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from moa_scorer.domain.errors import ConfigurationError, StorageUnavailable
from moa_scorer.domain.quota import Hold, Left, Meter, Quota
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.circuit import Circuit, dropped
from moa_scorer.telemetry import events

T = TypeVar("T")

PREFIX: Final = "moa:quota:"
_RESERVE: Final = """
for i, key in ipairs(KEYS) do
  local used = tonumber(redis.call('GET', key) or '0')
  local amount, limit = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  if used > limit or used + amount > limit then return {i, math.max(0, limit - used)} end
end
local answer = {0}
for i, key in ipairs(KEYS) do
  local used = redis.call('INCRBY', key, ARGV[3 * i - 2])
  redis.call('EXPIRE', key, ARGV[3 * i])
  answer[i + 1] = ARGV[3 * i - 1] - used
end
return answer
"""
"""Each key with its amount, limit and seconds to live: all or nothing, in one step of the server.

Zero and what each has left, or the number of the key that has no room and what that has left.
"""
_SETTLE: Final = """
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then redis.call('INCRBY', key, ARGV[i]) end
end
"""
"""Each key with a difference. A window that is over and gone stays gone: it would live for ever."""
LIVES: Final = 2
"""Windows for which a key is kept, at least: work of the last second of one is settled in the next."""
LONGEST_WORK: Final = 3_600
"""Seconds for which a key is kept at least: no work takes longer."""
CONNECTIONS: Final = 16
"""Of a process, at most; who finds none free waits for one."""
PATIENCE: Final = 1.0
"""Seconds for a connection and for an answer, each."""


def connected(url: str) -> Redis:
    """`redis://…`, `rediss://…` or `unix://…`; connects to nothing yet. Raises ConfigurationError.

    Nothing is sent twice: what was counted and not acknowledged would be counted again.
    """
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        words = "quota_redis_url, else redis_url: not an address of Redis; use redis://HOST:PORT/0"
        raise ConfigurationError((words,)) from None
    return Redis.from_pool(pool)


class RedisLedger:
    """The `Ledger` of processes that share a Redis."""

    def __init__(self, redis: Redis) -> None:
        """Closed with the ledger."""
        self._redis = redis
        self._reserve: Any = redis.register_script(_RESERVE)
        self._settle: Any = redis.register_script(_SETTLE)
        self._circuit = Circuit(events.ledger_down, events.ledger_back)

    async def reserve(
        self, tenant: Tenant, quotas: Sequence[Quota], amounts: Mapping[Meter, int], now: float
    ) -> Hold | Left:
        """As in the port."""
        windows = tuple((quota, quota.window(now)) for quota in quotas)
        keys = [_key(tenant, quota, number) for quota, number in windows]
        arguments = [
            number
            for quota in quotas
            for number in (amounts.get(quota.meter, 0), quota.amount, _seconds_to_live(quota))
        ]
        full, *left = await self._asked(self._reserve(keys=keys, args=arguments))
        if full:
            quota = quotas[full - 1]
            return Left(quota=quota, amount=left[0], resets_in=quota.resets_in(now))
        return Hold(tenant=tenant, amounts=dict(amounts), windows=windows, left=tuple(left))

    async def settle(self, hold: Hold, used: Mapping[Meter, int]) -> None:
        """As in the port."""
        differences = {
            _key(hold.tenant, quota, number): used.get(quota.meter, 0) - hold.amounts.get(quota.meter, 0)
            for quota, number in hold.windows
        }
        if changed := {key: difference for key, difference in differences.items() if difference}:
            await self._asked(self._settle(keys=list(changed), args=list(changed.values())))

    async def left(self, tenant: Tenant, quotas: Sequence[Quota], now: float) -> Sequence[Left]:
        """As in the port."""
        if not quotas:
            return []
        keys = [_key(tenant, quota, quota.window(now)) for quota in quotas]
        used = await self._asked(self._redis.mget(keys))
        return [
            Left(quota=quota, amount=max(0, quota.amount - int(n or 0)), resets_in=quota.resets_in(now))
            for quota, n in zip(quotas, used, strict=True)
        ]

    async def aclose(self) -> None:
        """Ends the connections."""
        await self._redis.aclose()

    async def _asked(self, question: Awaitable[T]) -> T:
        """Redis' answer; raises StorageUnavailable where there is none, or Redis is left alone."""
        if self._circuit.is_open():
            dropped(question)
            raise StorageUnavailable(_DOWN)
        try:
            answer = await question
        except (RedisError, OSError) as error:
            self._circuit.failed(type(error).__name__)
            raise StorageUnavailable(_DOWN) from error
        self._circuit.worked()
        return answer


_DOWN: Final = "quotas are counted in Redis, and that cannot be reached; try again"


def _seconds_to_live(quota: Quota) -> int:
    return max(LIVES * quota.seconds, quota.seconds + LONGEST_WORK)


def _key(tenant: Tenant, quota: Quota, number: int) -> str:
    """The tenant in braces: its keys lie together in a cluster, as one script needs them."""
    return f"{PREFIX}{{{tenant}}}:{quota.meter}:{quota.seconds}:{number}"
