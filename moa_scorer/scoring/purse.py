"""Holds a request's money together: nothing is sent that the ceiling does not cover."""

from dataclasses import dataclass, field
from typing import Final

from moa_scorer.domain.money import NOTHING_USED, Usage

LONGEST_RAW: Final = 16_384
"""Characters of a reply that are kept."""


@dataclass(slots=True)
class Purse:
    """What one request may spend and has spent. Used in one event loop only."""

    ceiling: int | None = None
    """Millionths of a US dollar; None = no ceiling."""
    spent: int = 0
    """Likewise, on what has been settled."""
    reserved: int = 0
    """Likewise, for calls under way."""
    tokens: int = 0
    """Of judges, in and out, as far as endpoints count them."""

    def reserve(self, micro_usd: int) -> bool:
        """Holds so much; False when spent, reserved and this together pass the ceiling."""
        if self.ceiling is not None and self.spent + self.reserved + micro_usd > self.ceiling:
            return False
        self.reserved += micro_usd
        return True

    def settle(self, reserved: int, usage: Usage) -> None:
        """Gives a reservation back and books what was really spent."""
        self.reserved -= reserved
        self.spent += usage.micro_usd
        self.tokens += usage.input_tokens + usage.output_tokens


@dataclass(slots=True)
class JudgeTab:
    """One judge's account: the `Tab` of the domain over a shared purse."""

    purse: Purse
    usage: Usage = NOTHING_USED
    """Of this judge alone."""
    model: str = ""
    """As its endpoint reported it; empty = no answer yet."""
    stand_in: str = ""
    """Model that answered in its place; empty = none did."""
    raw: list[str] = field(default_factory=list)
    """Replies as they came, each cut to `LONGEST_RAW`."""
    spans_redacted: int | None = None
    """Personal spans that the model was not shown; None = it was shown the content as received."""
    open: int = 0
    """Millionths of a US dollar that are reserved and not settled yet."""

    def reserve(self, micro_usd: int) -> bool:
        """As in `Tab`."""
        held = self.purse.reserve(micro_usd)
        self.open += micro_usd if held else 0
        return held

    def settle(self, reserved: int, usage: Usage) -> None:
        """As in `Tab`."""
        self.open -= reserved
        self.purse.settle(reserved, usage)
        self.usage += usage

    def close(self) -> None:
        """Books what a judge that ended left open: a call whose outcome is unknown counts as spent."""
        if self.open:
            self.settle(self.open, Usage(micro_usd=self.open))

    def answered_by(self, *, model: str, stand_in: str = "") -> None:
        """As in `Tab`; of several answers the last is noted, a stand-in always."""
        self.model = model
        self.stand_in = stand_in or self.stand_in

    def heard(self, raw: str) -> None:
        """As in `Tab`."""
        self.raw.append(raw[:LONGEST_RAW])

    def redacted(self, spans: int) -> None:
        """As in `Tab`."""
        self.spans_redacted = spans
