"""Quotas counted in this process: exact for one process, and each of several has the whole quota."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from moa_scorer.domain.quota import Hold, Left, Meter, Quota
from moa_scorer.domain.tenant import Tenant

_Key = tuple[Tenant, Quota, int]


class MemoryLedger:
    """The `Ledger` of a process without Redis."""

    def __init__(self) -> None:
        self._used: defaultdict[_Key, int] = defaultdict(int)

    async def reserve(
        self, tenant: Tenant, quotas: Sequence[Quota], amounts: Mapping[Meter, int], now: float
    ) -> Hold | Left:
        """As in the port."""
        self._forget(now)
        windows = tuple((quota, quota.window(now)) for quota in quotas)
        for quota, number in windows:
            used = self._used[tenant, quota, number]
            if used + amounts.get(quota.meter, 0) > quota.amount or used > quota.amount:
                left = max(0, quota.amount - used)
                return Left(quota=quota, amount=left, resets_in=quota.resets_in(now))
        for quota, number in windows:
            self._used[tenant, quota, number] += amounts.get(quota.meter, 0)
        return Hold(tenant=tenant, amounts=dict(amounts), windows=windows)

    async def settle(self, hold: Hold, used: Mapping[Meter, int]) -> None:
        """As in the port."""
        for quota, number in hold.windows:
            difference = used.get(quota.meter, 0) - hold.amounts.get(quota.meter, 0)
            self._used[hold.tenant, quota, number] += difference

    async def left(self, tenant: Tenant, quotas: Sequence[Quota], now: float) -> Sequence[Left]:
        """As in the port."""
        return [
            Left(
                quota=quota,
                amount=max(0, quota.amount - self._used.get((tenant, quota, quota.window(now)), 0)),
                resets_in=quota.resets_in(now),
            )
            for quota in quotas
        ]

    def _forget(self, now: float) -> None:
        """Drops windows that are over, now and then; those that end may still be settled for a while."""
        if len(self._used) > 10_000:
            over = [key for key in self._used if key[2] < key[1].window(now) - 1]
            for key in over:
                del self._used[key]
