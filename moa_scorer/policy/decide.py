"""Verdict -> decision: the rules of a policy in order, the first match wins."""

from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.verdict import (
    CertificateStatus,
    CriterionScore,
    Decision,
    Ruling,
    Scored,
    Unscored,
    Verdict,
)


def decide(verdict: Verdict, policy: Policy | None) -> Ruling:
    """What the policy says to do; NONE without a policy. An unscored verdict never reaches the rules."""
    if policy is None:
        return Ruling(decision=Decision.NONE, rule="")
    if isinstance(verdict.outcome, Unscored):
        return Ruling(decision=policy.on_unscored, rule="on_unscored")
    for rule in policy.rules:
        if matches(rule, verdict.outcome):
            return Ruling(decision=rule.then, rule=rule_name(rule))
    return Ruling(decision=policy.otherwise, rule="otherwise")


def rule_name(rule: Rule) -> str:
    """How a rule is named in answers: `civility.upper_below:0.35`, `interval_crosses:0.40`, `not_valid`."""
    prefix = f"{rule.criterion}." if rule.criterion else ""
    suffix = "" if rule.threshold is None else f":{rule.threshold:.2f}"
    return f"{prefix}{rule.test}{suffix}"


def matches(rule: Rule, scored: Scored) -> bool:
    """Whether the rule's test holds; what is missing (a criterion, an interval) matches nothing."""
    if rule.test is Test.NOT_VALID:
        return scored.certificate.status is not CertificateStatus.VALID
    subject = _subject(rule, scored)
    if subject is None or rule.threshold is None:
        return False
    if rule.test is Test.SCORE_BELOW:
        return subject.score < rule.threshold
    if rule.test is Test.SCORE_AT_LEAST:
        return subject.score >= rule.threshold
    if subject.interval is None:
        return False
    if rule.test is Test.UPPER_BELOW:
        return subject.interval.upper < rule.threshold
    if rule.test is Test.LOWER_AT_LEAST:
        return subject.interval.lower >= rule.threshold
    return subject.interval.lower < rule.threshold <= subject.interval.upper


def _subject(rule: Rule, scored: Scored) -> CriterionScore | None:
    if not rule.criterion:
        return scored.overall
    for criterion in scored.criteria:
        if criterion.name == rule.criterion and isinstance(criterion, CriterionScore):
            return criterion
    return None
