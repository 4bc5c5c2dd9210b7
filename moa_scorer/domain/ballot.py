"""What one judge returns: a judgment per criterion, or why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from moa_scorer.domain.money import NOTHING_USED, Usage


class AbstentionReason(StrEnum):
    """Why a judge gave no judgment. Names match the contract's enum."""

    TIMEOUT = "timeout"
    """The latency budget ended before the judge did."""
    RATE_LIMITED = "rate_limited"
    """The queue before the judge was full, or its vendor asked to wait longer than the budget."""
    REFUSED = "refused"
    """The model declined to judge."""
    UNPARSEABLE = "unparseable"
    """The model's reply could not be read."""
    PROVIDER_ERROR = "provider_error"
    """The judge failed."""
    CIRCUIT_OPEN = "circuit_open"
    """The endpoint failed so often that it is left alone for a while."""
    BUDGET = "budget"
    """Asking would have overspent the cost ceiling."""
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    NO_CONTEXT = "no_context"
    """The criterion needs a prompt, title or source and there is none."""
    NOT_APPLICABLE = "not_applicable"
    MODEL_MISSING = "model_missing"
    """Weights are not installed; `detail` says how to mend it."""
    SAME_FAMILY = "same_family"
    """The content was written by a model of the judge's own family."""
    SENSITIVITY = "sensitivity"
    """The content must not leave the operator's own machines, and the judge is a vendor's."""
    FABRICATED_EVIDENCE = "fabricated_evidence"
    """Too many of the judge's quotes are not in the content."""
    TAMPER_MASKED = "tamper_masked"
    """The reply shows that the content, not the judge, dictated it."""
    DRIFT_MASKED = "drift_masked"
    """It answers unlike it did when people rated; the others' weights take over until that is settled."""
    QUARANTINED = "quarantined"
    """An operator took the judge out of service."""
    NOT_NEEDED = "not_needed"
    """The panel stopped early: enough had answered and the grace was over, or the decision was settled."""
    CANCELLED = "cancelled"


class ScoreKind(StrEnum):
    """How a number was read off a judge; each kind has curves of its own."""

    SINGLE = "single"
    """One number."""
    SAMPLES = "samples"
    """The mean of several samples of the model."""
    LOGPROBS = "logprobs"
    """The expected value over the log-probabilities of the score's tokens."""


class Polarity(StrEnum):
    """Whether a span speaks for or against the content."""

    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One criterion's score."""

    value: float
    """In [0, 1], higher is better."""
    kind: ScoreKind = ScoreKind.SINGLE
    distribution: tuple[tuple[float, float], ...] = ()
    """(score in [0, 1], probability) in rising order, probabilities summing to 1; empty = not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """No judgment, and why."""

    reason: AbstentionReason
    detail: str = ""
    """What to do about it, in words; never content, prompts or secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A span of the content that a judgment rests on; always `text[start:end] == quote`."""

    quote: str
    start: int
    """First code point of the span in the text as received, from 0."""
    end: int
    """One past the last code point."""
    criterion: str
    """The judge's criterion that the span speaks to."""
    polarity: Polarity
    note: str = ""
    """What was found there, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """What a judge that did look says, criterion by criterion."""

    answers: Mapping[str, Score | Abstention]
    """The judge's criterion -> its score, or why it abstains on this one."""
    evidence: tuple[Evidence, ...] = ()
    critique: str = ""
    """One to three sentences in words."""
    read_fraction: float = 1.0
    """Share of the text's code points that was read, in (0, 1]."""
    fabricated: int = 0
    """Quotes that were dropped because the content does not hold them."""
    read: tuple[str, ...] = ()
    """Judges of earlier layers whose ballots it has read, in panel order; empty in the first layer."""
    tamper_risk: float = 0.0
    """In [0, 1]: signs in the reply itself that the content took a hand in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One judge's outcome in one panel run."""

    judge: str
    """The judge's name in the panel."""
    outcome: Judgment | Abstention
    latency: float = 0.0
    """Seconds from asking to outcome, >= 0. Reported, never part of the number."""
    usage: Usage = NOTHING_USED
    """What asking took, answered or not."""
    model: str = ""
    """Id of the model as its endpoint reports it; empty for local judges."""
    stand_in: str = ""
    """Name of the endpoint that answered in place of the judge's own; empty = its own did."""
    raw: tuple[str, ...] = ()
    """The model's replies as received, cut at 16 KiB each; shown in view FULL only."""
    redacted: int | None = None
    """Personal spans that were replaced before the model saw the content; None = it saw it as received."""

    def answer(self, criterion: str) -> Score | Abstention:
        """The judge's answer on one of its criteria; a whole abstention covers every criterion."""
        if isinstance(self.outcome, Abstention):
            return self.outcome
        return self.outcome.answers.get(criterion, Abstention(reason=AbstentionReason.NOT_APPLICABLE))

    def judged(self) -> bool:
        """Whether any criterion has a score."""
        outcome = self.outcome
        return isinstance(outcome, Judgment) and any(isinstance(a, Score) for a in outcome.answers.values())

    def scores(self) -> dict[str, Score]:
        """Criterion -> score, for the criteria that were judged; empty for an abstention."""
        if isinstance(self.outcome, Abstention):
            return {}
        return {c: a for c, a in self.outcome.answers.items() if isinstance(a, Score)}
