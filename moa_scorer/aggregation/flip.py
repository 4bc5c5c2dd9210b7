"""The smallest change of one score that would change the decision."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.verdict import CertificateStatus, CriterionScore, Decision, Interval, Ruling, Scored

STEP = 1e-6
"""What "just below" means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A change of one score, its interval moving along."""

    criterion: str
    """Criterion, or `overall`."""
    shift: float
    """Signed change of the score."""
    decision: Decision
    """What the policy would say then."""


def smallest_flip(scored: Scored, ruling: Ruling, policy: Policy) -> Flip | None:
    """The flip of the least absolute shift; None when no score in [0, 1] changes the decision."""
    if _decision(scored, policy) is not ruling.decision:
        return None
    flips = []
    for subject in _subjects(scored, policy):
        for shift in _candidates(subject, policy):
            if 0.0 <= subject.score + shift <= 1.0:
                decision = _decision(_with(scored, _moved(subject, shift)), policy)
                flips.append(Flip(criterion=subject.name, shift=shift, decision=decision))
    changing = [f for f in flips if f.decision is not ruling.decision]
    return min(changing, key=lambda f: (abs(f.shift), f.criterion), default=None)


def _subjects(scored: Scored, policy: Policy) -> Iterator[CriterionScore]:
    """What the rules look at and is scored."""
    named = {rule.criterion for rule in policy.rules if rule.threshold is not None}
    if "" in named:
        yield scored.overall
    for criterion in scored.criteria:
        if criterion.name in named and isinstance(criterion, CriterionScore):
            yield criterion


def _candidates(subject: CriterionScore, policy: Policy) -> Iterator[float]:
    """Shifts that bring the score or a bound to a threshold, or just below it."""
    points = [subject.score]
    if subject.interval is not None:
        points += [subject.interval.lower, subject.interval.upper]
    for rule in policy.rules:
        if rule.threshold is not None:
            for point in points:
                yield rule.threshold - point
                yield rule.threshold - point - STEP


def _moved(subject: CriterionScore, shift: float) -> CriterionScore:
    old = subject.interval
    interval: Interval | None = None
    if old is not None:
        interval = replace(old, lower=old.lower + shift, upper=old.upper + shift)
    return replace(subject, score=subject.score + shift, interval=interval)


def _with(scored: Scored, subject: CriterionScore) -> Scored:
    if subject.name == scored.overall.name:
        return replace(scored, overall=subject)
    criteria = tuple(subject if c.name == subject.name else c for c in scored.criteria)
    return replace(scored, criteria=criteria)


def _decision(scored: Scored, policy: Policy) -> Decision:
    for rule in policy.rules:
        if _holds(rule, scored):
            return rule.then
    return policy.otherwise


def _holds(rule: Rule, scored: Scored) -> bool:
    if rule.test is Test.NOT_VALID:
        return scored.certificate.status is not CertificateStatus.VALID
    subject: object = scored.overall
    if rule.criterion:
        subject = next((c for c in scored.criteria if c.name == rule.criterion), None)
    if not isinstance(subject, CriterionScore) or rule.threshold is None:
        return False
    if rule.test in (Test.SCORE_BELOW, Test.SCORE_AT_LEAST):
        return (subject.score < rule.threshold) is (rule.test is Test.SCORE_BELOW)
    return subject.interval is not None and _bound_holds(rule.test, rule.threshold, subject.interval)


def _bound_holds(test: Test, threshold: float, interval: Interval) -> bool:
    if test is Test.UPPER_BELOW:
        return interval.upper < threshold
    if test is Test.LOWER_AT_LEAST:
        return interval.lower >= threshold
    return interval.lower < threshold <= interval.upper
