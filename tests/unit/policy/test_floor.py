"""A policy that no request can loosen."""

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.facts import Facts
from moa_scorer.domain.policy import WITHOUT_THRESHOLD, Policy, Rule, Test
from moa_scorer.domain.verdict import (
    Certificate,
    CertificateStatus,
    Completion,
    CriterionScore,
    Decision,
    Interval,
    Ruling,
    Scored,
    Unscored,
    UnscoredReason,
    Verdict,
)
from moa_scorer.policy.decide import decide
from moa_scorer.policy.floor import STRICTNESS, rule_on

UNIT = st.floats(0.0, 1.0)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    test = draw(st.sampled_from(Test))
    return Rule(
        test=test,
        then=draw(st.sampled_from(Decision)),
        threshold=None if test in WITHOUT_THRESHOLD else draw(UNIT),
        criterion=draw(st.sampled_from(["", "civility", "nobody_scored_this"])),
        certificates=tuple(draw(st.lists(st.sampled_from(CertificateStatus), max_size=2))),
        completions=tuple(draw(st.lists(st.sampled_from(Completion), max_size=2))),
    )


POLICIES = st.builds(
    Policy,
    name=st.just("p"),
    version=st.just(1),
    title=st.just("P"),
    rules=st.lists(rules(), max_size=4).map(tuple),
    otherwise=st.sampled_from(Decision),
    on_unscored=st.sampled_from(Decision),
)
FACTS = st.builds(
    Facts,
    kind=st.just(""),
    language=st.just("en"),
    language_declared=st.just(True),
    tamper_risk=UNIT,
    measures=st.just({}),
)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    if draw(st.booleans()):
        return Verdict(
            outcome=Unscored(reason=UnscoredReason.QUORUM_MISSED, abstentions=()),
            completion=Completion.UNSCORED,
            ballots=(),
            planned=1,
            answered=0,
        )
    lower, score, upper = sorted(draw(st.tuples(UNIT, UNIT, UNIT)))
    interval = draw(st.sampled_from([None, Interval(lower=lower, upper=upper, coverage=0.9)]))
    one = CriterionScore(name="civility", score=score, value=score, interval=interval)
    overall = CriterionScore(name="overall", score=score, value=score, interval=interval)
    certificate = Certificate(status=draw(st.sampled_from(CertificateStatus)), detail="")
    return Verdict(
        outcome=Scored(overall=overall, criteria=(one,), certificate=certificate),
        completion=draw(st.sampled_from([c for c in Completion if c is not Completion.UNSCORED])),
        ballots=(),
        planned=1,
        answered=1,
    )


@given(verdicts(), st.none() | POLICIES, POLICIES, FACTS)
def test_a_floor_never_yields_a_looser_decision_than_its_own_or_the_policys(
    verdict: Verdict, policy: Policy | None, floor: Policy, facts: Facts
) -> None:
    ruling = rule_on(verdict, policy, floor, facts)
    own, least = decide(verdict, policy, facts), decide(verdict, floor, facts)
    assert STRICTNESS[ruling.decision] == max(STRICTNESS[own.decision], STRICTNESS[least.decision])
    assert ruling in (own, Ruling(decision=least.decision, rule=f"floor:{least.rule}"))


@given(verdicts(), POLICIES, st.none() | FACTS)
def test_every_verdict_is_decided_and_the_rule_is_named(
    verdict: Verdict, policy: Policy, facts: Facts | None
) -> None:
    ruling = decide(verdict, policy, facts)
    assert isinstance(ruling.decision, Decision)
    assert ruling.rule
    if isinstance(verdict.outcome, Unscored):
        assert ruling == Ruling(decision=policy.on_unscored, rule="on_unscored")


@given(verdicts(), POLICIES, FACTS)
def test_without_a_floor_the_policy_decides_and_without_a_policy_the_floor(
    verdict: Verdict, policy: Policy, facts: Facts
) -> None:
    assert rule_on(verdict, policy, None, facts) == decide(verdict, policy, facts)
    assert rule_on(verdict, None, policy, facts).decision is decide(verdict, policy, facts).decision


def test_a_floor_speaks_for_what_has_no_score_too() -> None:
    verdict = Verdict(
        outcome=Unscored(reason=UnscoredReason.QUORUM_MISSED, abstentions=()),
        completion=Completion.UNSCORED,
        ballots=(),
        planned=1,
        answered=0,
    )
    lax = Policy(
        name="lax",
        version=1,
        title="",
        rules=(),
        otherwise=Decision.ACCEPT,
        on_unscored=Decision.ACCEPT,
    )
    floor = Policy(
        name="floor", version=1, title="", rules=(), otherwise=Decision.ACCEPT, on_unscored=Decision.REVIEW
    )
    expected = Ruling(decision=Decision.REVIEW, rule="floor:on_unscored")
    assert rule_on(verdict, lax, floor, None) == expected
    assert rule_on(verdict, None, floor, None) == expected
