"""Might more ballots change the decision? The stopping rule of a cascade."""

from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.policy import OF_THE_ITEM, Policy, Rule, Test
from moa_scorer.domain.verdict import (
    CertificateStatus,
    CriterionScore,
    Decision,
    Interval,
    Scored,
    Verdict,
)
from moa_scorer.policy.decide import matches, subject_of
from moa_scorer.policy.floor import rule_on, stricter

TAMPERED: Final = 0.5
"""Risk from which a text is taken to address its judges: a few cheap ones are not relied on."""


def settled(
    verdict: Verdict, policy: Policy | None, floor: Policy | None, facts: Facts, margin: float | None
) -> bool:
    """Whether the decision is the same all over the interval of every score that a rule tests.

    `verdict` is what it would be if nobody else were asked; `margin` >= 0 stretches the intervals about
    their scores. Open are: the unscored, the tampered with, what has no VALID certificate, whatever has no
    policy, and everything where the margin is None.
    """
    if policy is None or margin is None or not _is_sound(verdict, facts):
        return False
    decisions = {
        stricter(one, other)
        for one in possible(verdict, policy, facts, margin)
        for other in (possible(verdict, floor, facts, margin) if floor else {Decision.NONE})
    }
    return decisions == {rule_on(verdict, policy, floor, facts).decision}


def possible(verdict: Verdict, policy: Policy, facts: Facts, margin: float) -> set[Decision]:
    """The decisions that the policy makes for some scores within the stretched intervals.

    Scores are taken as known exactly there: they have no width, and their intervals cross nothing.
    """
    if not isinstance(verdict.outcome, Scored):
        return {policy.on_unscored}
    found: set[Decision] = set()
    for rule in policy.rules:
        sure = _always(rule, verdict, verdict.outcome, facts, margin)
        if sure is not False:
            found.add(rule.then)
        if sure is True:
            return found
    return found | {policy.otherwise}


def _is_sound(verdict: Verdict, facts: Facts) -> bool:
    outcome = verdict.outcome
    return (
        isinstance(outcome, Scored)
        and outcome.certificate.status is CertificateStatus.VALID
        and facts.tamper_risk < TAMPERED
        and not any(
            isinstance(ballot.outcome, Abstention) and ballot.outcome.reason is AbstentionReason.TAMPER_MASKED
            for ballot in verdict.ballots
        )
    )


def _always(rule: Rule, verdict: Verdict, scored: Scored, facts: Facts, margin: float) -> bool | None:
    """Whether the rule matches for all scores in reach; None = perhaps: more judges may score a criterion."""
    if rule.test in OF_THE_ITEM:
        return matches(rule, verdict, scored, facts)
    if rule.test in (Test.INTERVAL_CROSSES, Test.WIDER_THAN):
        return False
    subject = subject_of(rule, scored)
    if subject is None or rule.threshold is None:
        return None
    low, high = reach(subject, margin)
    below = rule.test in (Test.SCORE_BELOW, Test.UPPER_BELOW)
    if high < rule.threshold:
        return below
    return not below if low >= rule.threshold else None


def reach(subject: CriterionScore, margin: float) -> tuple[float, float]:
    """The interval with both sides stretched, within [0, 1]; all of it where there is none."""
    if subject.interval is None:
        return 0.0, 1.0
    return stretched(subject.score, subject.interval, margin)


def stretched(score: float, interval: Interval, margin: float) -> tuple[float, float]:
    """Both distances from the score times the margin, within [0, 1]."""
    below, above = max(score - interval.lower, 0.0), max(interval.upper - score, 0.0)
    return max(0.0, score - margin * below), min(1.0, score + margin * above)
