"""A tenant's quotas around its work: held before, settled after, whatever happens."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from moa_scorer.domain.errors import QuotaExceeded, StorageUnavailable
from moa_scorer.domain.quota import Hold, Left, Meter, Quota, WhenDown
from moa_scorer.domain.tenant import ANY_TENANT, Tenant
from moa_scorer.scoring.concluding import Turn
from moa_scorer.scoring.holding import PATIENCE, Holds
from moa_scorer.scoring.plan import Plan
from moa_scorer.scoring.purse import Purse
from moa_scorer.telemetry import events

SPARE: Final = 2
"""Times its estimate that a request holds, where the quota has so much: for what is sent twice."""
_PAID: Final = frozenset({Meter.TOKENS, Meter.MICRO_USD})

Amounts = Mapping[Meter, int]


@dataclass(slots=True, kw_only=True)
class Quotas:
    """What tenants may use. Close it before its ledger."""

    of: Mapping[str, Sequence[Quota]] = field(default_factory=dict)
    """Tenant, or `*` for each that is not named, by itself -> its quotas; may be replaced at any time."""
    holds: Holds | None = None
    """Who counts; None = nobody, whatever `of` says."""
    when_down: WhenDown = WhenDown.CLOSED_FOR_MONEY

    async def call(self, tenant: Tenant) -> None:
        """Counts a call of the API; raises QuotaExceeded, StorageUnavailable."""
        await self._held(tenant, [{Meter.CALLS: 1}], PATIENCE)

    @asynccontextmanager
    async def item(self, tenant: Tenant, seconds: float = PATIENCE) -> AsyncIterator[None]:
        """Counts an item that is answered inside, or whose caller leaves; not one that fails.

        Whoever counts is waited for so many seconds. Raises QuotaExceeded, StorageUnavailable.
        """
        held = await self._held(tenant, [{Meter.ITEMS: 1}], seconds)
        try:
            yield
        except Exception:
            await self._settle(held, {}, 0.0)
            raise

    @asynccontextmanager
    async def purse(self, plan: Plan, turn: Turn) -> AsyncIterator[Purse]:
        """What the judges of a plan may spend: never more than is held of a quota of money.

        What they have spent inside is settled, also when it was cancelled. Raises as `item`.
        """
        held, ceiling = await self._paid_by(plan, turn.left)
        purse = Purse(ceiling=ceiling)
        try:
            yield purse
        finally:
            used = {Meter.TOKENS: purse.tokens, Meter.MICRO_USD: purse.spent + purse.reserved}
            await self._settle(held, used, turn.left)

    async def aclose(self) -> None:
        """Lets what is on its way come to its end."""
        if self.holds is not None:
            await self.holds.aclose()

    def _quotas(self, tenant: Tenant) -> Sequence[Quota]:
        return self.of.get(tenant, self.of.get(ANY_TENANT, ()))

    async def _paid_by(self, plan: Plan, seconds: float) -> tuple[Hold | None, int | None]:
        """What is held for a plan, and the most that it may cost, in micro-USD; None = no ceiling.

        A panel in the shadow is the operator's own wish, and no tenant pays for it.
        """
        tenant, ceiling = plan.request.tenant, plan.request.cost_ceiling
        meters = {quota.meter for quota in self._quotas(tenant)}
        if plan.request.shadow_of is not None or self.holds is None or _PAID.isdisjoint(meters):
            return None, ceiling
        if not _is_paid(plan):
            return None, 0 if Meter.MICRO_USD in meters else ceiling
        held = await self._held(tenant, list(_wishes(plan)), seconds)
        if held is None or Meter.MICRO_USD not in meters:
            return held, ceiling
        return held, held.amounts[Meter.MICRO_USD]

    async def _held(self, tenant: Tenant, wishes: Sequence[Amounts], seconds: float) -> Hold | None:
        """What is held from now on: the first of the wishes that there is room for. None = nobody counts."""
        quotas = [quota for quota in self._quotas(tenant) if quota.meter in wishes[0]]
        if self.holds is None or not quotas:
            return None
        try:
            for wish in wishes:
                found = await self.holds.take(tenant, quotas, wish, seconds)
                if isinstance(found, Hold):
                    return found
                full = _exceeded(found, wish)
        except StorageUnavailable:
            if self._refuses(wishes[0]):
                raise
            events.quota_uncounted()
            return None
        events.quota_refused(tenant=tenant, meter=full.meter)
        raise full

    def _refuses(self, wish: Amounts) -> bool:
        """Whether work that takes this is refused while nobody counts."""
        if self.when_down is WhenDown.CLOSED_FOR_MONEY:
            return not _PAID.isdisjoint(wish)
        return self.when_down is WhenDown.CLOSED

    async def _settle(self, held: Hold | None, used: Amounts, seconds: float) -> None:
        if held is not None and self.holds is not None:
            await self.holds.settle(held, used, seconds)


def _is_paid(plan: Plan) -> bool:
    """Whether judges may take tokens or money; the server's own take neither."""
    asked = (judge for layer in plan.layers for judge in layer.judges)
    return plan.estimate.micro_usd > 0 or any(judge.profile.endpoint for judge in asked)


def _wishes(plan: Plan) -> Iterator[Amounts]:
    """What would be good to hold for a plan, and what it takes at least.

    How many tokens there will be nobody knows: work may begin while there is one.
    """
    least, ceiling = plan.estimate.micro_usd, plan.request.cost_ceiling
    most = SPARE * least if ceiling is None else min(SPARE * least, ceiling)
    for micro_usd in dict.fromkeys((max(most, least), least)):
        yield {Meter.TOKENS: 1, Meter.MICRO_USD: micro_usd}


def _exceeded(full: Left, wish: Amounts) -> QuotaExceeded:
    quota = full.quota
    never = wish[quota.meter] > quota.amount
    return QuotaExceeded(quota.meter, quota.amount, quota.seconds, None if never else full.resets_in)
