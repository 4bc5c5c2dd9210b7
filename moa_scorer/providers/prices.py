"""What models cost: a dated table, looked up by model id, and the sums of a call."""

import re
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
    """For tokens that the vendor puts into its prompt cache; `input` where writing costs nothing extra."""

    @property
    def fresh(self) -> int:
        """For tokens that were not read from the cache: usages do not tell which were written to it, and
        vendors may write unasked, so all count as written where that is dearer."""
        return max(self.input, self.cache_write)

    def cost(self, usage: Usage) -> int:
        """Millionths of a US dollar, >= 0, rounded up; rather too much than too little.

        Servers that count cached tokens beside the others, not among them, report more of them than input.
        """
        total = (
            max(0, usage.input_tokens - usage.cached_tokens) * self.fresh
            + usage.cached_tokens * self.cached_input
            + usage.output_tokens * self.output
        )
        return -(-total // 1_000_000)

    def most(self, input_tokens: int, output_tokens: int) -> int:
        """The most that so many tokens cost, whatever the cache does."""
        return -(-(input_tokens * self.fresh + output_tokens * self.output) // 1_000_000)


FREE: Final = Price(input=0, cached_input=0, output=0, cache_write=0)
"""Of the operator's own endpoints."""

_DATED: Final = re.compile(r"-20\d\d-?\d\d-?\d\d$", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEntry:
    """One line of the table."""

    pattern: str
    """Model ids, as for `fnmatch`: `*` = any characters."""
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

        An entry for the very host comes before one for any, a longer pattern before a shorter one. A date at
        the end of an id, `-20261024` or `-2026-10-24`, may be missing in the pattern.
        """
        ids = {model, _DATED.sub("", model)}
        fitting = [
            e for e in self.entries if e.host in ("", host) and any(fnmatchcase(i, e.pattern) for i in ids)
        ]
        if fitting:
            return max(fitting, key=lambda e: (bool(e.host), len(e.pattern.replace("*", "")), e.pattern))
        return self.below.find(model, host) if self.below is not None else None


def twice_named(entries: Sequence[PriceEntry]) -> list[str]:
    """Patterns that stand twice for the same host: which of them held would depend on their order."""
    names = [f"{e.pattern} on {e.host}" if e.host else e.pattern for e in entries]
    return sorted({name for name in names if names.count(name) > 1})
