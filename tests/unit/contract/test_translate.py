"""Domain values and messages say the same."""

from enum import Enum

import pytest

from moa_scorer.api.v1 import ballot_pb2, policy_pb2, verdict_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.cost_pb2 import Cost
from moa_scorer.contract.ballots import KINDS, POLARITIES, REASONS, ballot_message
from moa_scorer.contract.durations import duration
from moa_scorer.contract.resources import TESTS
from moa_scorer.contract.translate import SENSITIVITIES, asked, bare
from moa_scorer.contract.verdicts import (
    CERTIFICATES,
    COMPLETIONS,
    DECISIONS,
    INTERVAL_KINDS,
    UNSCORED_REASONS,
    scored_message,
)
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Evidence, Judgment, Polarity, Score
from moa_scorer.domain.errors import InvalidRequest
from moa_scorer.domain.request import Sensitivity
from moa_scorer.domain.verdict import (
    Certificate,
    CertificateStatus,
    Contribution,
    CriterionScore,
    CriterionUnscored,
    Interval,
    Scored,
)

ENUMS = [
    (REASONS, ballot_pb2.AbstentionReason),
    (POLARITIES, ballot_pb2.Polarity),
    (KINDS, ballot_pb2.ScoreKind),
    (COMPLETIONS, verdict_pb2.Completion),
    (DECISIONS, verdict_pb2.Decision),
    (CERTIFICATES, verdict_pb2.CertificateStatus),
    (UNSCORED_REASONS, verdict_pb2.UnscoredReason),
    (INTERVAL_KINDS, verdict_pb2.IntervalKind),
    (TESTS, policy_pb2.PolicyTest),
]


@pytest.mark.parametrize(("table", "wire"), ENUMS)
def test_every_domain_value_has_its_number_and_no_number_is_left_over(
    table: dict[Enum, int], wire: object
) -> None:
    numbers = set(wire.values())  # type: ignore[attr-defined]
    assert set(table.values()) == numbers - {0}
    assert len(set(table.values())) == len(table)


def test_a_request_is_parsed_with_collections_taken_off() -> None:
    message = pb.ScoreContentRequest(
        content=Content(text="hello", id="7", language="en", kind="comment", title="T", context="C"),
        panel="panels/embedded@2",
        rubric="comment",
        quorum=2,
    )
    message.latency_budget.FromMilliseconds(300)
    wanted = asked(message)
    assert wanted.request.panel == "embedded@2"
    assert wanted.request.rubric == "comment"
    assert wanted.request.quorum == 2
    assert wanted.request.content.reference == "C"
    assert wanted.latency_budget == pytest.approx(0.3)
    assert wanted.view == pb.VIEW_SCORE


def test_what_is_absent_stays_absent() -> None:
    wanted = asked(pb.ScoreContentRequest(content=Content(text="x")))
    assert wanted.latency_budget is None
    assert wanted.request.quorum is None
    assert wanted.request.cost_ceiling is None
    assert wanted.request.sensitivity is Sensitivity.VENDORS_ALLOWED
    assert wanted.request.seed == 0


def test_what_money_who_may_see_and_the_seed_are_parsed() -> None:
    wanted = asked(
        pb.ScoreContentRequest(
            content=Content(text="x", producer="claude-sonnet"),
            cost_ceiling=Cost(micro_usd=20_000),
            sensitivity=pb.SENSITIVITY_LOCAL_ONLY,
            seed=7,
        )
    ).request
    assert (wanted.content.producer, wanted.cost_ceiling, wanted.seed) == ("claude-sonnet", 20_000, 7)
    assert wanted.sensitivity is Sensitivity.LOCAL_ONLY


def test_a_ceiling_of_nothing_is_a_ceiling() -> None:
    message = pb.ScoreContentRequest(content=Content(text="x"), cost_ceiling=Cost(micro_usd=0))
    assert asked(message).request.cost_ceiling == 0


def test_every_sensitivity_of_the_contract_is_known() -> None:
    assert set(SENSITIVITIES) == set(pb.Sensitivity.values())
    assert set(SENSITIVITIES.values()) == set(Sensitivity)


def test_an_invalid_request_raises_with_every_violation() -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(pb.ScoreContentRequest(panel="!", quorum=0))
    assert [v.field for v in caught.value.violations] == ["content.text", "panel", "quorum"]


@pytest.mark.parametrize(("reference", "name"), [("panels/a@1", "a@1"), ("a", "a"), ("", "")])
def test_a_bare_reference_has_no_collection(reference: str, name: str) -> None:
    assert bare(reference) == name


def test_durations_never_turn_negative() -> None:
    assert duration(0.25).ToTimedelta().total_seconds() == 0.25
    assert duration(-1e-9).ToNanoseconds() == 0


JUDGMENT = Judgment(
    answers={
        "a": Score(value=0.0),
        "b": Abstention(reason=AbstentionReason.NO_CONTEXT, detail="give a title"),
    },
    evidence=(Evidence(quote="x", start=0, end=1, criterion="a", polarity=Polarity.AGAINST, note="n"),),
    critique="words",
    read_fraction=0.5,
)


def test_a_ballot_keeps_a_score_of_zero_apart_from_an_abstention() -> None:
    message = ballot_message(Ballot(judge="j", outcome=JUDGMENT, latency=0.1), layer=1, full=False)
    first, second = message.judgment.answers
    assert first.WhichOneof("answer") == "score"
    assert first.score == 0.0
    assert second.WhichOneof("answer") == "abstention"
    assert second.abstention.reason == ballot_pb2.ABSTENTION_REASON_NO_CONTEXT
    assert message.judgment.evidence[0].HasField("start")


def test_a_latency_shows_only_where_it_is_asked_for() -> None:
    ballot = Ballot(judge="j", outcome=Abstention(reason=AbstentionReason.TIMEOUT), latency=0.1)
    assert not ballot_message(ballot, layer=1, full=False).HasField("latency")
    assert ballot_message(ballot, layer=1, full=True).latency.ToMilliseconds() == 100


def scored(snapshot: str = "s@1") -> Scored:
    interval = Interval(lower=0.0, upper=0.4, coverage=0.9)
    column = Contribution(column="j/a", value=0.2, amount=-0.1)
    overall = CriterionScore(
        name="overall", score=0.0, value=1.0, interval=interval, baseline=0.1, contributions=(column,)
    )
    abstention = ("j", Abstention(reason=AbstentionReason.TIMEOUT))
    return Scored(
        overall=overall,
        criteria=(
            CriterionScore(name="a", score=0.5, value=3.0),
            CriterionUnscored(name="b", abstentions=(abstention,)),
        ),
        certificate=Certificate(
            status=CertificateStatus.VALID, detail="d", snapshot=snapshot, raters=3 if snapshot else 0
        ),
    )


def test_a_score_of_zero_and_a_bound_of_zero_are_present_numbers() -> None:
    message = scored_message(scored(), full=False)
    assert message.HasField("score")
    assert message.interval.HasField("lower")
    assert not message.HasField("effective_votes")


def test_an_unscored_criterion_has_reasons_and_no_number() -> None:
    good, missing = scored_message(scored(), full=False).criteria
    assert good.WhichOneof("result") == "score"
    assert missing.WhichOneof("result") == "unscored"
    assert not missing.HasField("value")
    assert missing.unscored.abstentions[0].judge == "j"


def test_contributions_show_in_full_only_and_a_baseline_only_with_a_snapshot() -> None:
    assert not scored_message(scored(), full=False).contributions
    full = scored_message(scored(), full=True)
    assert full.contributions[0].amount == -0.1
    assert full.baseline == 0.1
    unfitted = scored_message(scored(snapshot=""), full=True)
    assert not unfitted.HasField("baseline")
    assert not unfitted.HasField("raters")
