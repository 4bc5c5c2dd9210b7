"""The rules of a policy, first match first."""

from dataclasses import replace

import pytest

from moa_scorer.domain.facts import Facts
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.verdict import (
    Certificate,
    CertificateStatus,
    Completion,
    CriterionScore,
    CriterionUnscored,
    Decision,
    Interval,
    Scored,
    Unscored,
    UnscoredReason,
    Verdict,
)
from moa_scorer.policy.decide import decide, rule_name


def scored(
    score: float, *, lower: float | None = None, upper: float | None = None, valid: bool = True
) -> Verdict:
    interval = None if lower is None or upper is None else Interval(lower=lower, upper=upper, coverage=0.9)
    status = CertificateStatus.VALID if valid else CertificateStatus.UNCALIBRATED
    return Verdict(
        outcome=Scored(
            overall=CriterionScore(name="overall", score=score, value=score, interval=interval),
            criteria=(
                CriterionScore(name="civility", score=0.1, value=0.1),
                CriterionUnscored(name="relevance", abstentions=()),
            ),
            certificate=Certificate(status=status, detail=""),
        ),
        completion=Completion.COMPLETE,
        ballots=(),
        planned=1,
        answered=1,
    )


UNSCORED = Verdict(
    outcome=Unscored(reason=UnscoredReason.QUORUM_MISSED, abstentions=()),
    completion=Completion.UNSCORED,
    ballots=(),
    planned=1,
    answered=0,
)


def policy(*rules: Rule, otherwise: Decision = Decision.REVIEW) -> Policy:
    return Policy(
        name="p", version=1, title="", rules=rules, otherwise=otherwise, on_unscored=Decision.REJECT
    )


def rule(test: Test, threshold: float | None, then: Decision = Decision.REJECT, criterion: str = "") -> Rule:
    return Rule(test=test, threshold=threshold, then=then, criterion=criterion)


def looked_at(tamper_risk: float) -> Facts:
    return Facts(kind="", language="en", language_declared=True, tamper_risk=tamper_risk, measures={})


def test_a_rule_may_list_certificates() -> None:
    listed = Rule(
        test=Test.CERTIFICATE,
        then=Decision.REVIEW,
        certificates=(CertificateStatus.STALE, CertificateStatus.UNCALIBRATED),
    )
    lax = policy(listed, otherwise=Decision.ACCEPT)
    assert decide(scored(0.9, valid=False), lax).rule == "certificate:stale,uncalibrated"
    assert decide(scored(0.9), lax).rule == "otherwise"


def test_a_rule_may_list_completions() -> None:
    listed = Rule(test=Test.COMPLETION, then=Decision.REVIEW, completions=(Completion.PARTIAL,))
    lax = policy(listed, otherwise=Decision.ACCEPT)
    assert decide(replace(scored(0.9), completion=Completion.PARTIAL), lax).rule == "completion:partial"
    assert decide(scored(0.9), lax).rule == "otherwise"


def test_a_wide_interval_is_wider_than_the_threshold_and_none_is_not() -> None:
    wide = policy(rule(Test.WIDER_THAN, 0.25))
    assert decide(scored(0.5, lower=0.25, upper=0.75), wide).rule == "wider_than:0.25"
    assert decide(scored(0.5, lower=0.25, upper=0.5), wide).rule == "otherwise"
    assert decide(scored(0.5), wide).rule == "otherwise"


def test_tampering_is_looked_for_in_the_facts() -> None:
    wary = policy(rule(Test.TAMPER_AT_LEAST, 0.5))
    assert decide(scored(0.5), wary, looked_at(0.5)).rule == "tamper_at_least:0.50"
    assert decide(scored(0.5), wary, looked_at(0.49)).rule == "otherwise"
    assert decide(scored(0.5), wary).rule == "otherwise"


def test_without_a_policy_there_is_no_decision() -> None:
    assert decide(scored(0.5), None).decision is Decision.NONE
    assert decide(UNSCORED, None).decision is Decision.NONE


def test_unscored_content_never_reaches_the_rules() -> None:
    accept_all = policy(rule(Test.SCORE_AT_LEAST, 0.0, Decision.ACCEPT), otherwise=Decision.ACCEPT)
    ruling = decide(UNSCORED, accept_all)
    assert (ruling.decision, ruling.rule) == (Decision.REJECT, "on_unscored")


def test_the_first_matching_rule_wins() -> None:
    rules = policy(rule(Test.UPPER_BELOW, 0.5, Decision.REJECT), rule(Test.SCORE_BELOW, 0.9, Decision.ACCEPT))
    assert decide(scored(0.3, lower=0.1, upper=0.4), rules).rule == "upper_below:0.50"
    assert decide(scored(0.3, lower=0.1, upper=0.6), rules).rule == "score_below:0.90"
    assert decide(scored(0.95, lower=0.9, upper=1.0), rules).rule == "otherwise"


@pytest.mark.parametrize("test", [Test.UPPER_BELOW, Test.LOWER_AT_LEAST, Test.INTERVAL_CROSSES])
def test_a_bound_matches_nothing_without_an_interval(test: Test) -> None:
    for threshold in (0.0, 0.5, 1.0):
        assert decide(scored(0.5), policy(rule(test, threshold))).rule == "otherwise"


@pytest.mark.parametrize(
    ("lower", "upper", "crosses"),
    [(0.3, 0.5, True), (0.4, 0.5, False), (0.1, 0.4, True), (0.1, 0.39, False)],
)
def test_an_interval_crosses_a_threshold_that_lies_above_its_lower_and_not_above_its_upper_bound(
    lower: float, upper: float, crosses: bool
) -> None:
    ruling = decide(scored(0.3, lower=lower, upper=upper), policy(rule(Test.INTERVAL_CROSSES, 0.4)))
    assert (ruling.rule == "interval_crosses:0.40") is crosses


def test_an_uncalibrated_score_can_be_sent_to_review() -> None:
    cautious = policy(rule(Test.NOT_VALID, None, Decision.REVIEW), otherwise=Decision.ACCEPT)
    assert decide(scored(0.9, valid=False), cautious).rule == "not_valid"
    assert decide(scored(0.9), cautious).decision is Decision.ACCEPT


def test_a_rule_may_look_at_one_criterion_and_an_unscored_or_unknown_one_matches_nothing() -> None:
    assert decide(scored(0.9), policy(rule(Test.SCORE_BELOW, 0.2, criterion="civility"))).rule == (
        "civility.score_below:0.20"
    )
    for missing in ("relevance", "taste"):
        assert decide(scored(0.9), policy(rule(Test.SCORE_BELOW, 1.0, criterion=missing))).rule == "otherwise"


def test_a_rule_is_named_by_its_test_and_threshold() -> None:
    assert rule_name(rule(Test.SCORE_AT_LEAST, 0.625)) == "score_at_least:0.62"
    assert rule_name(rule(Test.NOT_VALID, None)) == "not_valid"
