"""Quotas over a ledger in memory, with a clock that is set and a ledger that can be broken."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.quota import Hold, Left, Meter, Quota, WhenDown
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.scoring.charging import Quotas
from moa_scorer.scoring.holding import Holds
from moa_scorer.storage.ledger_memory import MemoryLedger
from tests.fakes.judges import SystemClock

HOUR = 3_600


@dataclass(slots=True)
class SetClock(SystemClock):
    """A calendar that stands still until it is moved."""

    moved: float = 0.0
    """Seconds."""

    def now(self) -> datetime:
        return datetime(2026, 7, 1, 12, tzinfo=UTC) + timedelta(seconds=self.moved)


@dataclass(slots=True)
class TestLedger(MemoryLedger):
    """Can be away, and answers when it is let."""

    __test__ = False
    down: bool = False
    open: asyncio.Event = field(default_factory=asyncio.Event)
    """Until it is set nothing is answered."""
    writes: asyncio.Event = field(default_factory=asyncio.Event)
    """Until it is set nothing is settled."""

    def __post_init__(self) -> None:
        MemoryLedger.__init__(self)
        self.open.set()
        self.writes.set()

    async def reserve(
        self, tenant: Tenant, quotas: Sequence[Quota], amounts: Mapping[Meter, int], now: float
    ) -> Hold | Left:
        self._look()
        found = await MemoryLedger.reserve(self, tenant, quotas, amounts, now)
        await self.open.wait()
        return found

    async def settle(self, hold: Hold, used: Mapping[Meter, int]) -> None:
        self._look()
        await self.writes.wait()
        await MemoryLedger.settle(self, hold, used)

    def _look(self) -> None:
        if self.down:
            raise StorageUnavailable


@dataclass(slots=True, kw_only=True)
class Counted:
    """Quotas of every tenant, and what is known of them."""

    quotas: Quotas
    ledger: TestLedger
    clock: SetClock

    async def used(self, meter: Meter, tenant: Tenant = DEFAULT_TENANT) -> int:
        """What counts as used or held of a meter now."""
        [quota] = [each for each in self.quotas.of["*"] if each.meter is meter]
        [left] = await self.ledger.left(tenant, [quota], self.clock.now().timestamp())
        return quota.amount - left.amount


def counted(when_down: WhenDown = WhenDown.CLOSED_FOR_MONEY, **amounts: int) -> Counted:
    """So much of each meter an hour."""
    clock, ledger = SetClock(), TestLedger()
    of = tuple(Quota(meter=Meter(name), amount=amount, seconds=HOUR) for name, amount in amounts.items())
    quotas = Quotas(of={"*": of}, holds=Holds(ledger, clock), when_down=when_down)
    return Counted(quotas=quotas, ledger=ledger, clock=clock)
