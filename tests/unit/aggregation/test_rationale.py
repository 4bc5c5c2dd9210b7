"""The default writer, the evidence it picks, and the smallest change that flips a decision."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.aggregation.flip import Deciding, smallest_flip
from moa_scorer.aggregation.rationale import explain
from moa_scorer.aggregation.spans import clusters, picked
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Evidence, Judgment, Polarity, Score
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.domain.verdict import (
    Certificate,
    CertificateStatus,
    Completion,
    Contribution,
    CriterionScore,
    CriterionUnscored,
    Decision,
    Interval,
    Ruling,
    Scored,
    Unscored,
    UnscoredReason,
    Verdict,
)
from moa_scorer.policy.decide import decide

TEXT = "You utter fool. The bridge opened in 1932. You utter fool, again."
RUBRIC = Rubric(
    name="r",
    version=1,
    title="",
    kinds=(),
    criteria=(Criterion(name="civility", description=""), Criterion(name="depth", description="")),
    scale_min=1,
    scale_max=5,
)
POLICY = Policy(
    name="p",
    version=1,
    title="",
    rules=(
        Rule(test=Test.UPPER_BELOW, then=Decision.REJECT, threshold=0.4, criterion="civility"),
        Rule(test=Test.NOT_VALID, then=Decision.REVIEW),
        Rule(test=Test.INTERVAL_CROSSES, then=Decision.REVIEW, threshold=0.4, criterion="civility"),
    ),
    otherwise=Decision.ACCEPT,
    on_unscored=Decision.REVIEW,
)


def span(start: int, end: int, polarity: Polarity = Polarity.AGAINST, note: str = "") -> Evidence:
    return Evidence(quote=TEXT[start:end], start=start, end=end, criterion="x", polarity=polarity, note=note)


def ballot(judge: str, *evidence: Evidence) -> Ballot:
    return Ballot(judge=judge, outcome=Judgment(answers={judge: Score(value=0.5)}, evidence=tuple(evidence)))


def part(column: str, amount: float, *, deviation: float | None = 0.1, alone: float = 0.5) -> Contribution:
    return Contribution(
        column=column, value=0.5, amount=amount, weight=abs(amount), alone=alone, deviation=deviation
    )


def make(
    score: float = 0.37,
    *,
    half: float | None = 0.15,
    contributions: tuple[Contribution, ...] = (part("civil/civil", -0.2), part("flow/flow", 0.05)),
    ballots: tuple[Ballot, ...] = (),
) -> Verdict:
    interval = None if half is None else Interval(lower=score - half, upper=score + half, coverage=0.9)
    status = CertificateStatus.VALID if half is not None else CertificateStatus.OUT_OF_DOMAIN
    overall = CriterionScore(
        name="overall",
        score=score,
        value=1 + 4 * score,
        interval=interval,
        baseline=0.6,
        contributions=contributions,
    )
    late = Abstention(reason=AbstentionReason.TIMEOUT)
    scored = Scored(
        overall=overall,
        criteria=(
            replace(overall, name="civility"),
            CriterionUnscored(name="depth", abstentions=(("flow", late),)),
        ),
        certificate=Certificate(status=status, detail="the ratings are of comments.", raters=3.0),
    )
    return Verdict(outcome=scored, completion=Completion.PARTIAL, ballots=ballots, planned=3, answered=2)


def by(policy: Policy) -> Deciding:
    return Deciding(rules=policy.rules, decide=lambda verdict: decide(verdict, policy))


def written(verdict: Verdict, policy: Policy | None = POLICY) -> str:
    return explain(verdict, decide(verdict, policy), RUBRIC, by(policy) if policy else None)


def test_a_whole_rationale() -> None:
    verdict = make(
        ballots=(
            ballot("civil", span(0, 14, note="insult")),
            ballot("flow", span(16, 41, Polarity.FOR)),
            Ballot(judge="late", outcome=Abstention(reason=AbstentionReason.TIMEOUT)),
        ),
        contributions=(part("civil/civil", -0.2, deviation=-2.6, alone=0.1), part("flow/flow", 0.05)),
    )
    assert written(verdict).splitlines() == [
        "Overall 0.37 (2.48 on 1 to 5).",
        "Criteria: civility 0.37, depth unscored.",
        "Raised by flow/flow +0.05.",
        "Lowered by civil/civil -0.20.",
        "Against: “You utter fool” (civil: insult).",
        "For: “The bridge opened in 1932” (flow).",
        "Dissent: civil/civil alone would give 0.10, 2.6 times its usual distance from the panel.",
        "Calibrated: 90% of such items are rated between 0.22 and 0.52 by the mean of about 3 people.",
        "No answer from late (timeout).",
        "Decision: review (civility.interval_crosses:0.40).",
        "It would be reject if civility were 0.120 lower.",
    ]


def test_without_a_valid_certificate_it_says_why() -> None:
    text = written(make(half=None))
    assert "Out of domain: the ratings are of comments." in text
    assert "Calibrated" not in text


def test_an_unscored_item_names_no_number() -> None:
    late = Abstention(reason=AbstentionReason.TIMEOUT)
    verdict = Verdict(
        outcome=Unscored(reason=UnscoredReason.BUDGET_EXHAUSTED, abstentions=(("flow", late),)),
        completion=Completion.UNSCORED,
        ballots=(),
        planned=1,
        answered=0,
    )
    assert written(verdict).splitlines() == [
        "No score: budget exhausted.",
        "No answer from flow (timeout).",
        "Decision: review (on_unscored).",
    ]


def test_many_abstentions_are_counted_instead_of_listed() -> None:
    late = Abstention(reason=AbstentionReason.TIMEOUT)
    ballots = tuple(Ballot(judge=f"j{k}", outcome=late) for k in range(9))
    assert "j5 (timeout) and 3 more." in written(make(ballots=ballots))


def test_without_a_policy_there_is_no_decision_line() -> None:
    assert "Decision" not in written(make(), None)


def test_without_a_fit_the_mean_is_said() -> None:
    columns = tuple(
        part(c, 0.1, deviation=None, alone=a) for c, a in (("a/a", 0.5), ("b/b", 0.9), ("c/c", 0.4))
    )
    assert "Mean of 3 columns; furthest from it: b/b 0.90, c/c 0.40, a/a 0.50." in written(
        make(half=None, contributions=columns)
    )


def test_no_column_with_weight_is_said_too() -> None:
    assert "No column carries weight" in written(make(contributions=()))


@settings(deadline=None)
@given(quote=st.text(min_size=1, max_size=400), note=st.text(max_size=300))
def test_it_is_short_and_on_printable_lines_whatever_the_text_holds(quote: str, note: str) -> None:
    evidence = Evidence(quote=quote, start=0, end=len(quote), criterion="x", polarity=Polarity.FOR, note=note)
    lines = written(make(ballots=(ballot("civil", evidence),))).split("\n")
    assert len(lines) <= 12
    assert all(line.isprintable() and len(line) < 300 for line in lines)


def test_overlapping_spans_of_one_polarity_are_one_cluster() -> None:
    ballots = (
        ballot("a", span(0, 9)),
        ballot("b", span(4, 14, note="rude")),
        ballot("c", span(4, 14, Polarity.FOR)),
        ballot("d", span(20, 26)),
    )
    found = clusters(ballots, {"a": 0.1, "b": 0.4})
    assert [(c.judges, c.quote, c.support) for c in found] == [
        (("a", "b"), TEXT[4:14], 0.5),
        (("c",), TEXT[4:14], 0),
        (("d",), TEXT[20:26], 0),
    ]


def test_the_same_quote_is_not_shown_twice_and_the_best_supported_comes_first() -> None:
    ballots = (ballot("a", span(0, 14)), ballot("b", span(43, 57), span(16, 26)))
    shown = picked(clusters(ballots, {"a": 0.1, "b": 0.4}), Polarity.AGAINST, 3)
    assert [c.quote for c in shown] == ["The bridge", "You utter fool"]
    assert shown[1].judges == ("b",)


def test_judges_without_evidence_have_no_clusters() -> None:
    absent = Ballot(judge="a", outcome=Abstention(reason=AbstentionReason.TIMEOUT))
    assert clusters((absent, ballot("b")), {}) == ()


@settings(deadline=None)
@given(score=st.floats(0.0, 1.0), half=st.none() | st.floats(0.0, 0.3))
def test_the_smallest_flip_flips_and_anything_clearly_smaller_does_not(
    score: float, half: float | None
) -> None:
    verdict = make(score, half=half)
    ruling = decide(verdict, POLICY)
    assert isinstance(verdict.outcome, Scored)
    flip = smallest_flip(verdict, ruling, by(POLICY))
    if flip is None:
        return
    assert decide(_shifted(verdict, flip.shift), POLICY).decision is flip.decision is not ruling.decision
    if abs(flip.shift) > 1e-4:
        for smaller in (0.99 * flip.shift, -0.99 * flip.shift):
            assert decide(_shifted(verdict, smaller), POLICY).decision is ruling.decision


def _shifted(verdict: Verdict, shift: float) -> Verdict:
    assert isinstance(verdict.outcome, Scored)
    civility = verdict.outcome.criteria[0]
    assert isinstance(civility, CriterionScore)
    interval = civility.interval
    if interval is not None:
        interval = replace(interval, lower=interval.lower + shift, upper=interval.upper + shift)
    moved = replace(civility, score=civility.score + shift, interval=interval)
    return replace(verdict, outcome=replace(verdict.outcome, criteria=(moved, verdict.outcome.criteria[1])))


def test_a_ruling_that_the_policy_would_not_make_is_not_explained_away() -> None:
    verdict = make()
    assert isinstance(verdict.outcome, Scored)
    assert smallest_flip(verdict, Ruling(decision=Decision.ACCEPT, rule="x"), by(POLICY)) is None


@pytest.mark.parametrize(
    ("test", "threshold", "decision"),
    [
        (Test.SCORE_BELOW, 0.5, Decision.ACCEPT),
        (Test.SCORE_AT_LEAST, 0.5, Decision.REJECT),
        (Test.LOWER_AT_LEAST, 0.5, Decision.REJECT),
    ],
)
def test_every_test_can_flip(test: Test, threshold: float, decision: Decision) -> None:
    policy = replace(
        POLICY, rules=(Rule(test=test, then=Decision.REJECT, threshold=threshold),), otherwise=Decision.ACCEPT
    )
    verdict = make()
    assert isinstance(verdict.outcome, Scored)
    flip = smallest_flip(verdict, decide(verdict, policy), by(policy))
    assert flip is not None
    assert flip.criterion == "overall"
    assert flip.decision is decision


def test_a_verdict_on_fewer_layers_than_planned_says_so() -> None:
    verdict = replace(make(), degraded="layer 2 gave no judgment (late: timeout).")
    assert "Layer 2 gave no judgment (late: timeout)." in written(verdict).splitlines()
