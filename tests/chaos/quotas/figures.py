"""What a race for a quota has to show, each a figure beside its limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from moa_scorer.domain.quota import Meter, Quota
from tests.chaos.figures import Figure
from tests.chaos.quotas.racing import OK, REFUSED, Race
from tests.chaos.sent import Sent
from tests.chaos.setup import PRICE

LONGER: Final = 1.05
"""Times as dear as another item one may be: their texts differ in length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One race at its end."""

    title: str
    quota: Quota
    race: Race
    wanted: int
    """Calls of the storm."""
    left: int
    """Of the quota, by the ledger."""
    most: int
    """Micro-USD that an item may cost at most."""
    sent: Sequence[Sent]
    """What the vendor was sent for any race."""
    lost: int = 0
    """Calls at work in a process that was killed."""

    @property
    def used(self) -> int:
        """By the ledger."""
        return self.quota.amount - self.left

    @property
    def billed(self) -> int:
        """By the vendor."""
        return sum(call.price(PRICE) for call in self.sent if call.item in self.race.asked)


def figures(ran: Ran) -> Iterator[Figure]:
    """All of a race."""
    yield Figure(name=f"{ran.title}: calls and how they ended", value=f"{ran.wanted:,}: {ran.race.words()}")
    yield _typed(ran)
    yield from _items(ran) if ran.quota.meter is Meter.ITEMS else _money(ran)


def _typed(ran: Ran) -> Figure:
    """Nothing but an answer or a refusal, but for the calls at work in a process that was killed."""
    others = sum(count for how, count in ran.race.ended.items() if how not in {OK, *REFUSED})
    name = f"{ran.title}: calls that ended otherwise"
    return Figure(name=name, value=str(others), limit=f"<= {ran.lost}", ok=others <= ran.lost)


def _items(ran: Ran) -> Iterator[Figure]:
    answered, amount = ran.race.ended[OK], ran.quota.amount
    name = f"{ran.title}: answered"
    yield Figure(name=name, value=f"{answered:,}", limit=f"= {amount:,}, the quota", ok=answered == amount)
    yield Figure(name=f"{ran.title}: left", value=f"{ran.left:,}", limit="= 0", ok=not ran.left)


def _money(ran: Ran) -> Iterator[Figure]:
    amount, stuck = ran.quota.amount, ran.used - ran.race.told
    yield Figure(
        name=f"{ran.title}: billed by the vendor, micro-USD",
        value=f"{ran.billed:,}",
        limit=f"<= {amount:,}, the quota",
        ok=ran.billed <= amount,
    )
    yield Figure(
        name=f"{ran.title}: counted by the ledger",
        value=f"{ran.used:,}",
        limit=f"{ran.billed:,} to {amount:,}",
        ok=ran.billed <= ran.used <= amount,
    )
    holds = 2 * ran.most * ran.lost
    yield Figure(
        name=f"{ran.title}: counted, and in no answer's cost",
        value=f"{stuck:,}",
        limit=f"<= {holds:,}, what {ran.lost} lost calls held" if ran.lost else "= 0",
        ok=0 <= stuck <= holds,
    )
    name = f"{ran.title}: left, where an item may cost about {ran.most:,}"
    most = round(ran.most * LONGER)
    yield Figure(name=name, value=f"{ran.left:,}", limit=f"< {most:,}", ok=ran.left < most)
