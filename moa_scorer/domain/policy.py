"""Thresholds that turn a verdict into an action, as values; `moa_scorer.policy` applies them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from moa_scorer.domain.verdict import CertificateStatus, Completion, Decision


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
    WIDER_THAN = "wider_than"
    """The interval's upper less its lower bound is above the threshold; never matches without an interval."""
    TAMPER_AT_LEAST = "tamper_at_least"
    """The risk that the text addresses its judges; never matches where the text was not looked at."""
    CERTIFICATE = "certificate"
    """The certificate is one of `certificates`; takes no threshold."""
    COMPLETION = "completion"
    """The completion is one of `completions`; takes no threshold."""


WITHOUT_THRESHOLD: Final = frozenset({Test.NOT_VALID, Test.CERTIFICATE, Test.COMPLETION})
OF_THE_ITEM: Final = WITHOUT_THRESHOLD | {Test.TAMPER_AT_LEAST}
"""Tests of the item as a whole: they name no criterion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If the test holds, the decision is `then`."""

    test: Test
    then: Decision
    threshold: float | None = None
    """In [0, 1]; None only for `WITHOUT_THRESHOLD`."""
    criterion: str = ""
    """Criterion tested; empty = the overall score. An unscored criterion matches nothing."""
    certificates: tuple[CertificateStatus, ...] = ()
    """Of CERTIFICATE."""
    completions: tuple[Completion, ...] = ()
    """Of COMPLETION."""


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
