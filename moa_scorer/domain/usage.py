"""What tenants have used, as operators are told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """What usage is told by."""

    TENANT = "tenant"
    PANEL = "panel"
    JUDGE = "judge"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was used for whatever it is told by."""

    by: Mapping[By, str]
    """A day as its first instant, in microseconds since 1970."""
    items: int
    """Answers with a record of their own; 0 by judge."""
    calls: int
    """Of models."""
    input_tokens: int
    output_tokens: int
    micro_usd: int
    shadow_micro_usd: int
    """Of these, for panels that were asked in the shadow."""
