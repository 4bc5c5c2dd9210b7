"""Thresholds that turn a verdict into an action, as values; `moa_scorer.policy` applies them."""

from dataclasses import dataclass
from enum import StrEnum

from moa_scorer.domain.verdict import Decision


class Test(StrEnum):
    """What a rule compares with its threshold."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    SCORE_BELOW = "score_below"
    SCORE_AT_LEAST = "score_at_least"
    UPPER_BELOW = "upper_below"
    """The interval's upper bound; never matches without an interval."""
    LOWER_AT_LEAST = "lower_at_least"
    """The interval's lower bound; never matches without an interval."""
    INTERVAL_CROSSES = "interval_crosses"
    """lower < threshold <= upper; never matches without an interval."""
    NOT_VALID = "not_valid"
    """The certificate is anything but VALID; takes no threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If the test holds, the decision is `then`."""

    test: Test
    then: Decision
    threshold: float | None = None
    """In [0, 1]; None only for NOT_VALID."""
    criterion: str = ""
    """Criterion tested; empty = the overall score. An unscored criterion matches nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules in order, the first match wins."""

    name: str
    version: int
    """Revision number, from 1; `name@version` pins it."""
    title: str
    rules: tuple[Rule, ...]
    otherwise: Decision
    """When no rule matches."""
    on_unscored: Decision
    """When there is no score."""

    @property
    def revision(self) -> str:
        return f"{self.name}@{self.version}"
