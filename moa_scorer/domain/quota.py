"""What a tenant may use in a window of time: reserved before the work, settled after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from moa_scorer.domain.tenant import Tenant


class Meter(StrEnum):
    """What is counted."""

    CALLS = "calls"
    """Calls of the API, whatever they do."""
    ITEMS = "items"
    """Items answered, from the cache too."""
    TOKENS = "tokens"
    """Tokens of judges, in and out. They are known only afterwards: calls at work may go beyond the quota."""
    MICRO_USD = "micro_usd"
    """Millionths of a US dollar by the price table."""


class WhenDown(StrEnum):
    """What is served while the ledger cannot be reached."""

    CLOSED = "closed"
    """Nothing of a tenant with a quota."""
    CLOSED_FOR_MONEY = "closed_for_money"
    """What takes no tokens and no money, uncounted."""
    OPEN = "open"
    """Everything, uncounted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """So much in each window; windows follow each other without a gap since 1970."""

    meter: Meter
    amount: int
    """>= 0."""
    seconds: int
    """Length of a window, > 0."""

    def window(self, now: float) -> int:
        """Number of the window at an instant, in seconds since 1970."""
        return int(now // self.seconds)

    def resets_in(self, now: float) -> float:
        """Seconds until the next window."""
        return self.seconds - now % self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What was reserved; settled exactly once. One that never is stays used until its windows end."""

    tenant: Tenant
    amounts: Mapping[Meter, int]
    windows: tuple[tuple[Quota, int], ...]
    """The quotas it counts against, each with the number of its window."""
    left: tuple[int, ...] = ()
    """What each of them had left with this hold in it, >= 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a quota has left in its window."""

    quota: Quota
    amount: int
    """>= 0."""
    resets_in: float
    """Seconds."""


class Ledger(Protocol):
    """Counts what tenants use. Exact among all processes that share one."""

    async def reserve(
        self, tenant: Tenant, quotas: Sequence[Quota], amounts: Mapping[Meter, int], now: float
    ) -> Hold | Left:
        """All amounts at once within all quotas, or nothing and the quota that has no room.

        `now` in seconds since 1970. Raises StorageUnavailable.
        """
        ...

    async def settle(self, hold: Hold, used: Mapping[Meter, int]) -> None:
        """Puts what was used in the place of what was reserved. Raises StorageUnavailable."""
        ...

    async def left(self, tenant: Tenant, quotas: Sequence[Quota], now: float) -> Sequence[Left]:
        """Of each quota. Raises StorageUnavailable."""
        ...
