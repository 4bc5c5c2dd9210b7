"""The result of reconciling ballots."""

from dataclasses import dataclass
from enum import StrEnum

from moa_scorer.domain.ballot import Abstention, Ballot


class IntervalKind(StrEnum):
    """What an interval's coverage is stated over."""

    MARGINAL = "marginal"
    """Covers with the stated probability on average over rated sets of this size."""
    PAC = "pac"
    """Covers with the stated probability, itself with 90 % confidence over rated sets."""


class CertificateStatus(StrEnum):
    """Whether a score may be read as a calibrated number."""

    VALID = "valid"
    STALE = "stale"
    """Fitted too long ago, or a drift alarm is open."""
    OUT_OF_DOMAIN = "out_of_domain"
    OUT_OF_SUPPORT = "out_of_support"
    UNCALIBRATED = "uncalibrated"


class Completion(StrEnum):
    """How much of the planned panel a verdict rests on."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DECIDED = "decided"
    """The tiers asked left no doubt about the decision, so stronger ones were not asked."""
    UNSCORED = "unscored"
    PROVISIONAL = "provisional"


class UnscoredReason(StrEnum):
    """Why there is no score."""

    QUORUM_MISSED = "quorum_missed"
    """Fewer judges than the quorum gave a usable judgment."""
    BUDGET_EXHAUSTED = "budget_exhausted"
    """As above, and at least one judge was cut off by the latency budget."""
    COST_CEILING = "cost_ceiling"
    """As above, and the cost ceiling left out at least one judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the mean of `raters` people is expected, in [0, 1]."""

    lower: float
    upper: float
    coverage: float
    """Stated probability, in (0, 1)."""
    kind: IntervalKind = IntervalKind.MARGINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Whether the number is calibrated for this content, and what that rests on."""

    status: CertificateStatus
    detail: str
    """Why, in a sentence for people; says what to do when not VALID."""
    snapshot: str = ""
    """Revision of the calibration snapshot used; empty when there is none."""
    raters: float = 0.0
    """Mean number of raters an item of the fit had: what the interval is about. 0 = no snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one column added to a fused score; contributions and baseline sum to the unclipped score."""

    column: str
    """`judge/criterion`, or `measures/NAME`."""
    value: float
    """The column's raw value."""
    amount: float
    """Signed, in units of the score."""
    weight: float = 0.0
    """The column's weight in the fusion, >= 0."""
    alone: float | None = None
    """The score that this column by itself would give, in [0, 1]."""
    deviation: float | None = None
    """`alone` less the fused score, in units of how far they usually stand apart; None without a snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionScore:
    """One criterion (or the overall) as fused."""

    name: str
    score: float
    """In [0, 1], higher is better."""
    value: float
    """The same on the rubric's own scale."""
    interval: Interval | None = None
    """Only with a VALID certificate."""
    baseline: float = 0.0
    """The fused score of an average rated item; 0 without a snapshot."""
    contributions: tuple[Contribution, ...] = ()
    """Of the overall only; with the baseline they sum to the score before it is clipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionUnscored:
    """One criterion that too few judges could answer."""

    name: str
    abstentions: tuple[tuple[str, Abstention], ...]
    """(judge, why), in panel order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A score with everything needed to trust or distrust it."""

    overall: CriterionScore
    """The head of its own for the rubric-weighted mean; named `overall`."""
    criteria: tuple[CriterionScore | CriterionUnscored, ...]
    """In rubric order."""
    certificate: Certificate
    effective_votes: float | None = None
    """Independent copies of its best judge that this mask is worth; None = not estimable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscored:
    """No number, and why."""

    reason: UnscoredReason
    abstentions: tuple[tuple[str, Abstention], ...]
    """(judge, why), in panel order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What layer 2 says of one item."""

    outcome: Scored | Unscored
    completion: Completion
    ballots: tuple[Ballot, ...]
    """One per planned judge that has an outcome, in panel order."""
    planned: int
    """Judges planned."""
    answered: int
    """Judges with at least one score."""
    degraded: str = ""
    """Why the verdict rests on fewer layers than planned, in words; empty = it does not."""

    @property
    def score(self) -> float | None:
        """The overall score, in [0, 1], higher is better; None = unscored."""
        return self.outcome.overall.score if isinstance(self.outcome, Scored) else None


class Decision(StrEnum):
    """What a policy says to do."""

    NONE = "none"
    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision and the rule that matched."""

    decision: Decision
    rule: str
    """Such as `upper_below:0.35`, `on_unscored`; empty without a policy."""
