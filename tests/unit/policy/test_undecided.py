"""Whether more ballots might change the decision."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot
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
from moa_scorer.policy.decide import decide
from moa_scorer.policy.undecided import possible, settled

FACTS = Facts(kind="", language="en", language_declared=True, tamper_risk=0.0, measures={})
unit = st.floats(0, 1, allow_nan=False)


def scored(
    score: float, lower: float, upper: float, status: CertificateStatus = CertificateStatus.VALID
) -> Verdict:
    interval = Interval(lower=lower, upper=upper, coverage=0.9)
    return Verdict(
        outcome=Scored(
            overall=CriterionScore(name="overall", score=score, value=score, interval=interval),
            criteria=(CriterionUnscored(name="relevance", abstentions=()),),
            certificate=Certificate(status=status, detail=""),
        ),
        completion=Completion.DECIDED,
        ballots=(),
        planned=2,
        answered=1,
    )


def policy(*rules: Rule, otherwise: Decision = Decision.REVIEW) -> Policy:
    return Policy(
        name="p", version=1, title="", rules=rules, otherwise=otherwise, on_unscored=Decision.REVIEW
    )


def rule(test: Test, threshold: float | None, then: Decision, criterion: str = "") -> Rule:
    return Rule(test=test, threshold=threshold, then=then, criterion=criterion)


SURE = policy(
    rule(Test.INTERVAL_CROSSES, 0.5, Decision.REVIEW),
    rule(Test.UPPER_BELOW, 0.5, Decision.REJECT),
    otherwise=Decision.ACCEPT,
)
BY_SCORE = policy(rule(Test.SCORE_BELOW, 0.5, Decision.REJECT), otherwise=Decision.ACCEPT)


def is_settled(
    verdict: Verdict,
    by: Policy | None,
    margin: float | None = 1.0,
    floor: Policy | None = None,
    tamper: float = 0.0,
) -> bool:
    return settled(verdict, by, floor, replace(FACTS, tamper_risk=tamper), margin)


def test_an_interval_on_one_side_of_the_threshold_settles_it() -> None:
    assert is_settled(scored(0.3, 0.2, 0.4), SURE)
    assert is_settled(scored(0.7, 0.6, 0.8), BY_SCORE)


def test_an_interval_across_the_threshold_leaves_it_open() -> None:
    assert not is_settled(scored(0.45, 0.35, 0.55), SURE)
    assert not is_settled(scored(0.45, 0.35, 0.55), BY_SCORE)


def test_the_margin_stretches_the_interval_about_the_score() -> None:
    assert is_settled(scored(0.45, 0.35, 0.55), BY_SCORE, margin=0.4)
    assert not is_settled(scored(0.3, 0.2, 0.4), BY_SCORE, margin=2.5)


def test_without_a_policy_a_certificate_or_a_score_it_is_open() -> None:
    unscored = Unscored(reason=UnscoredReason.QUORUM_MISSED, abstentions=())
    assert not is_settled(scored(0.3, 0.2, 0.4), None)
    assert not is_settled(scored(0.3, 0.2, 0.4, CertificateStatus.STALE), SURE)
    assert not is_settled(replace(scored(0.3, 0.2, 0.4), outcome=unscored), SURE)


def test_what_addresses_its_judges_is_open_by_text_or_by_reply() -> None:
    masked = Abstention(reason=AbstentionReason.TAMPER_MASKED)
    verdict = replace(scored(0.3, 0.2, 0.4), ballots=(Ballot(judge="a", outcome=masked),))
    assert not is_settled(scored(0.3, 0.2, 0.4), SURE, tamper=0.8)
    assert not is_settled(verdict, SURE)


def test_a_width_that_more_judges_may_narrow_settles_nothing() -> None:
    wide = policy(rule(Test.WIDER_THAN, 0.1, Decision.REVIEW), otherwise=Decision.ACCEPT)
    assert not is_settled(scored(0.7, 0.6, 0.8), wide)
    assert is_settled(scored(0.7, 0.66, 0.74), wide)


def test_a_criterion_that_more_judges_may_score_is_open_only_where_it_could_matter() -> None:
    by_criterion = rule(Test.SCORE_BELOW, 0.5, Decision.REJECT, criterion="relevance")
    assert not is_settled(scored(0.7, 0.6, 0.8), policy(by_criterion, otherwise=Decision.ACCEPT))
    assert is_settled(scored(0.7, 0.6, 0.8), policy(by_criterion, otherwise=Decision.REJECT))


def test_a_floor_that_is_open_keeps_it_open_unless_the_policy_is_stricter_anyway() -> None:
    assert not is_settled(scored(0.55, 0.52, 0.65), BY_SCORE, floor=_strict(0.6))
    assert is_settled(scored(0.45, 0.41, 0.49), BY_SCORE, floor=_strict(0.42))


def _strict(threshold: float) -> Policy:
    return policy(rule(Test.SCORE_BELOW, threshold, Decision.REVIEW), otherwise=Decision.ACCEPT)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[float, float, float]:
    low, score, high = sorted(draw(st.tuples(unit, unit, unit)))
    return score, low, high


policies = st.lists(
    st.builds(
        rule,
        st.sampled_from(
            [
                Test.SCORE_BELOW,
                Test.SCORE_AT_LEAST,
                Test.UPPER_BELOW,
                Test.LOWER_AT_LEAST,
                Test.INTERVAL_CROSSES,
            ]
        ),
        unit,
        st.sampled_from([Decision.ACCEPT, Decision.REVIEW, Decision.REJECT]),
    ),
    max_size=4,
).map(lambda rules: policy(*rules))


@given(intervals(), policies)
def test_without_a_margin_nothing_is_settled(found: tuple[float, float, float], by: Policy) -> None:
    assert not is_settled(scored(*found), by, margin=None)


@given(intervals(), policies, st.floats(0, 1))
def test_every_score_within_reach_is_decided_as_foreseen(
    found: tuple[float, float, float], by: Policy, part: float
) -> None:
    score, low, high = found
    known = low + part * (high - low)
    decision = decide(scored(known, known, known), by).decision
    assert decision in possible(scored(score, low, high), by, FACTS, 1.0)
    if is_settled(scored(score, low, high), by):
        assert decision is decide(scored(score, low, high), by).decision


@given(intervals(), policies, st.floats(0, 3), st.floats(0, 3))
def test_a_larger_margin_never_settles_more(
    found: tuple[float, float, float], by: Policy, one: float, other: float
) -> None:
    smaller, larger = sorted((one, other))
    assert is_settled(scored(*found), by, smaller) >= is_settled(scored(*found), by, larger)
