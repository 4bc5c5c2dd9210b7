"""What models cost: a dated table, looked up by model id, and the sums of a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Final

from moa_scorer.domain.money import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Millionths of a US dollar for a million tokens: 3,000,000 = 3 dollars. Whole, so sums are exact."""

    input: int
    cached_input: int
    """For tokens that the vendor read from its prompt cache."""
    output: int
    cache_write: int
    """For tokens of a prompt that is marked for the cache; `input` where writing costs nothing extra."""

    def cost(self, usage: Usage, *, marks_cache: bool = False) -> int:
        """Millionths of a US dollar, rounded up.

        Usages do not tell which tokens were written to a cache: where prompts are marked for it, all that
        were not read from it count as written.
        """
        fresh = self.cache_write if marks_cache else self.input
        total = (
            (usage.input_tokens - usage.cached_tokens) * fresh
            + usage.cached_tokens * self.cached_input
            + usage.output_tokens * self.output
        )
        return -(-total // 1_000_000)

    def most(self, input_tokens: int, output_tokens: int) -> int:
        """The most that so many tokens cost, whatever the cache does."""
        dearest = max(self.input, self.cache_write)
        return -(-(input_tokens * dearest + output_tokens * self.output) // 1_000_000)


FREE: Final = Price(input=0, cached_input=0, output=0, cache_write=0)
"""Of the operator's own endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEntry:
    """One line of the table."""

    pattern: str
    """Model ids, with `*` for any characters."""
    host: str = ""
    """Host of the endpoint that it holds for; empty = any."""
    price: Price
    as_of: date
    """Day on which the price was looked up."""
    source: str
    """Where it was found, in words."""


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Entries, and below them those of an older table that they override."""

    entries: tuple[PriceEntry, ...] = ()
    below: "PriceTable | None" = None

    def find(self, model: str, host: str = "") -> PriceEntry | None:
        """The entry that names the model most closely; None = no price is known.

        An entry for the very host comes before one for any, a longer pattern before a shorter one.
        """
        fitting = [e for e in self.entries if e.host in ("", host) and fnmatchcase(model, e.pattern)]
        if fitting:
            return max(fitting, key=lambda e: (bool(e.host), len(e.pattern.replace("*", "")), e.pattern))
        return self.below.find(model, host) if self.below is not None else None


def twice_named(entries: Sequence[PriceEntry]) -> list[str]:
    """Patterns that stand twice for the same host: which of them held would depend on their order."""
    names = [f"{e.pattern} on {e.host}" if e.host else e.pattern for e in entries]
    return sorted({name for name in names if names.count(name) > 1})
