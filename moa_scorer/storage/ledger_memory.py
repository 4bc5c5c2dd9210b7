"""Quotas counted in this process: exact for one process, and each of several has the whole quota."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from moa_scorer.domain.quota import Hold, Left, Meter, Quota
from moa_scorer.domain.tenant import Tenant

_Key = tuple[Tenant, Meter, int, int]
"""Whose, of what, seconds of a window, its number: the same window when its amount is changed."""

MOST_WINDOWS: Final = 10_000
"""After which those that are over are dropped."""


class MemoryLedger:
    """The `Ledger` of a process without Redis."""

    def __init__(self) -> None:
        self._used: defaultdict[_Key, int] = defaultdict(int)

    @property
    def windows(self) -> int:
        """How many are counted."""
        return len(self._used)

    async def reserve(
        self, tenant: Tenant, quotas: Sequence[Quota], amounts: Mapping[Meter, int], now: float
    ) -> Hold | Left:
        """As in the port."""
        self._forget(now)
        windows = tuple((quota, quota.window(now)) for quota in quotas)
        for quota, number in windows:
            used = self._used[_key(tenant, quota, number)]
            if used + amounts.get(quota.meter, 0) > quota.amount or used > quota.amount:
                amount = max(0, quota.amount - used)
                return Left(quota=quota, amount=amount, resets_in=quota.resets_in(now))
        for quota, number in windows:
            self._used[_key(tenant, quota, number)] += amounts.get(quota.meter, 0)
        left = tuple(self._left(tenant, *window) for window in windows)
        return Hold(tenant=tenant, amounts=dict(amounts), windows=windows, left=left)

    async def settle(self, hold: Hold, used: Mapping[Meter, int]) -> None:
        """As in the port."""
        for quota, number in hold.windows:
            difference = used.get(quota.meter, 0) - hold.amounts.get(quota.meter, 0)
            if (key := _key(hold.tenant, quota, number)) in self._used:
                self._used[key] += difference

    async def left(self, tenant: Tenant, quotas: Sequence[Quota], now: float) -> Sequence[Left]:
        """As in the port."""
        return [
            Left(
                quota=quota,
                amount=self._left(tenant, quota, quota.window(now)),
                resets_in=quota.resets_in(now),
            )
            for quota in quotas
        ]

    def _left(self, tenant: Tenant, quota: Quota, number: int) -> int:
        return max(0, quota.amount - self._used.get(_key(tenant, quota, number), 0))

    def _forget(self, now: float) -> None:
        """Drops windows that are over, now and then; those that end may still be settled for a while."""
        if len(self._used) > MOST_WINDOWS:
            over = [key for key in self._used if (key[3] + 2) * key[2] <= now]
            for key in over:
                del self._used[key]


def _key(tenant: Tenant, quota: Quota, number: int) -> _Key:
    return tenant, quota.meter, quota.seconds, number
