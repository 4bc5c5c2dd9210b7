"""Verdict -> decision: the rules of a policy in order, the first match wins."""

from moa_scorer.domain.facts import Facts
from moa_scorer.domain.policy import OF_THE_ITEM, Policy, Rule, Test
from moa_scorer.domain.verdict import (
    CertificateStatus,
    CriterionScore,
    Decision,
    Ruling,
    Scored,
    Unscored,
    Verdict,
)


def decide(verdict: Verdict, policy: Policy | None, facts: Facts | None = None) -> Ruling:
    """What the policy says to do; NONE without a policy. An unscored verdict never reaches the rules.

    Without facts no rule on tampering matches.
    """
    if policy is None:
        return Ruling(decision=Decision.NONE, rule="")
    if isinstance(verdict.outcome, Unscored):
        return Ruling(decision=policy.on_unscored, rule="on_unscored")
    for rule in policy.rules:
        if matches(rule, verdict, verdict.outcome, facts):
            return Ruling(decision=rule.then, rule=rule_name(rule))
    return Ruling(decision=policy.otherwise, rule="otherwise")


def rule_name(rule: Rule) -> str:
    """How a rule is named in answers: `civility.upper_below:0.35`, `not_valid`, `certificate:stale,...`."""
    prefix = f"{rule.criterion}." if rule.criterion else ""
    listed = ",".join((*rule.certificates, *rule.completions))
    suffix = listed if rule.threshold is None else f"{rule.threshold:.2f}"
    return f"{prefix}{rule.test}:{suffix}" if suffix else f"{prefix}{rule.test}"


def matches(rule: Rule, verdict: Verdict, scored: Scored, facts: Facts | None) -> bool:
    """Whether the rule's test holds; what is missing (a criterion, an interval, facts) matches nothing."""
    if rule.test in OF_THE_ITEM:
        return _of_the_item(rule, verdict, scored, facts)
    subject = subject_of(rule, scored)
    if subject is None or rule.threshold is None:
        return False
    if rule.test is Test.SCORE_BELOW:
        return subject.score < rule.threshold
    if rule.test is Test.SCORE_AT_LEAST:
        return subject.score >= rule.threshold
    return _of_the_interval(rule.test, rule.threshold, subject)


def _of_the_item(rule: Rule, verdict: Verdict, scored: Scored, facts: Facts | None) -> bool:
    status = scored.certificate.status
    if rule.test is Test.NOT_VALID:
        return status is not CertificateStatus.VALID
    if rule.test is Test.CERTIFICATE:
        return status in rule.certificates
    if rule.test is Test.COMPLETION:
        return verdict.completion in rule.completions
    return facts is not None and rule.threshold is not None and facts.tamper_risk >= rule.threshold


def _of_the_interval(test: Test, threshold: float, subject: CriterionScore) -> bool:
    interval = subject.interval
    if interval is None:
        return False
    if test is Test.UPPER_BELOW:
        return interval.upper < threshold
    if test is Test.LOWER_AT_LEAST:
        return interval.lower >= threshold
    if test is Test.WIDER_THAN:
        return interval.upper - interval.lower > threshold
    return interval.lower < threshold <= interval.upper


def subject_of(rule: Rule, scored: Scored) -> CriterionScore | None:
    """What the rule compares, the overall or its criterion; None where that has no score."""
    if not rule.criterion:
        return scored.overall
    for criterion in scored.criteria:
        if criterion.name == rule.criterion and isinstance(criterion, CriterionScore):
            return criterion
    return None
