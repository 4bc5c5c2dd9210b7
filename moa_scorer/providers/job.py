"""One request as it goes out, and what it may cost."""

from dataclasses import dataclass, replace
from typing import Final

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.money import NOTHING_USED, Tab, Usage
from moa_scorer.providers.failures import Failed, failed
from moa_scorer.providers.model import ModelReply, ModelRequest
from moa_scorer.providers.prices import Price
from moa_scorer.providers.wire import HttpCall

OVERSPENT: Final = failed("asking would pass the cost ceiling", reason=AbstentionReason.BUDGET)
UNPRICED: Final = failed(
    "no price is known for the model, so no cost ceiling covers it: add it to prices.yaml",
    reason=AbstentionReason.BUDGET,
)

UNBOUNDED: Final = 2**62
"""What a call of unknown price reserves: more than any ceiling, so that only a tab without one covers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request as it goes out: encoded once, however often it is sent."""

    request: ModelRequest
    call: HttpCall
    budget: Budget
    tab: Tab
    tokens: int
    """Likely to be taken, input and output."""
    price: Price | None
    """None = not known."""
    most: int
    """Millionths of a US dollar that one send may cost; 0 without a price."""
    model: str = ""
    """Id of the model that is asked for; empty = not said."""

    @property
    def reserved(self) -> int:
        """What is held of the ceiling while a send is on its way."""
        return UNBOUNDED if self.price is None else self.most

    def reserve(self) -> Failed | None:
        """Holds the money for one send; why not, when the ceiling does not cover it."""
        if self.tab.reserve(self.reserved):
            return None
        return UNPRICED if self.price is None else OVERSPENT

    def settle(self, outcome: ModelReply | Failed | None) -> None:
        """Books what a send took: where the vendor may bill it and does not say how much, all of it."""
        self.tab.settle(self.reserved, self._usage(outcome))

    def priced(self, usage: Usage) -> Usage:
        """The usage of a reply with its cost: the most it may be where the vendor counts no tokens."""
        if self.price is None:
            return usage
        return replace(usage, micro_usd=self.price.cost(usage) if usage.input_tokens else self.most)

    def _usage(self, outcome: ModelReply | Failed | None) -> Usage:
        if isinstance(outcome, ModelReply):
            return outcome.usage
        if outcome is not None and outcome.unsent:
            return NOTHING_USED
        return Usage(calls=1, micro_usd=self.most if outcome is None or outcome.may_cost else 0)
