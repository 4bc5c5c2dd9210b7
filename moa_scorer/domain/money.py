"""What asking models takes, and the ports through which it is held within a ceiling."""

from dataclasses import dataclass
from typing import Final, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Calls, tokens and money. Sums of usages are usages."""

    calls: int = 0
    """Upstream requests sent, retries and hedges included."""
    input_tokens: int = 0
    """Tokens of the prompts, cached ones included."""
    cached_tokens: int = 0
    """Of these, tokens that the vendor read from its prompt cache."""
    output_tokens: int = 0
    micro_usd: int = 0
    """Millionths of a US dollar by the price table, each call rounded up."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            micro_usd=self.micro_usd + other.micro_usd,
        )


NOTHING_USED: Final = Usage()


class Tab(Protocol):
    """One judge's account within one request. Every upstream call is reserved before it is sent and settled
    exactly once, also when it was cancelled or its outcome is unknown."""

    def reserve(self, micro_usd: int) -> bool:
        """Holds so much of the request's ceiling; False = not within it, and nothing may be sent."""
        ...

    def settle(self, reserved: int, usage: Usage) -> None:
        """Gives the reservation back and books what was used."""
        ...

    def answered_by(self, *, model: str, stand_in: str = "") -> None:
        """Notes which model answered, as reported, and which endpoint stood in for the judge's own."""
        ...

    def heard(self, raw: str) -> None:
        """Keeps a reply as received, for view FULL."""
        ...

    def redacted(self, spans: int) -> None:
        """Notes that the model is shown the content without what is personal, so many spans of it."""
        ...
