from dataclasses import FrozenInstanceError

import pytest

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.cost_pb2 import Cost
from moa_scorer.client import Item, NotScored, Scored, Unscored
from moa_scorer.client.messages import ballot_of, event_of, result_of
from moa_scorer.client.requests import message_of


def test_a_scored_answer_becomes_plain_typed_values(scored: pb.ScoreContentResponse) -> None:
    result = result_of(scored)

    assert (result.score, result.decision, result.completion) == (0.37, "review", "partial")
    assert isinstance(result.outcome, Scored)
    assert result.outcome.certificate == "valid"
    assert result.outcome.interval is not None
    assert (result.outcome.interval.lower, result.outcome.interval.kind) == (0.21, "marginal")
    assert result.outcome.raters is None
    assert result.outcome.effective_votes is None


def test_a_criterion_without_a_score_has_none_and_says_why(scored: pb.ScoreContentResponse) -> None:
    civility, relevance = result_of(scored).scored.criteria

    assert (civility.score, civility.abstentions) == (0.31, ())
    assert relevance.score is None
    assert relevance.value is None
    assert [(a.judge, a.reason) for a in relevance.abstentions] == [("relevance", "no_context")]


def test_the_score_of_an_unscored_result_raises_and_never_is_a_zero(
    unscored: pb.ScoreContentResponse,
) -> None:
    result = result_of(unscored)

    assert isinstance(result.outcome, NotScored)
    assert not result.is_scored
    with pytest.raises(Unscored, match=r"quorum_missed \(fluency: timeout\)") as raised:
        _ = result.score
    assert raised.value.result.decision == "review"


def test_a_view_that_leaves_the_score_out_is_not_called_unscored() -> None:
    with pytest.raises(LookupError, match="view `decision`"):
        _ = result_of(pb.ScoreContentResponse(decision=2)).score


def test_words_of_the_future_are_tolerated() -> None:
    assert result_of(pb.ScoreContentResponse(decision=99)).decision == "unknown_99"
    assert event_of(pb.StreamScoreContentResponse()) is None


def test_results_are_frozen(scored: pb.ScoreContentResponse) -> None:
    with pytest.raises(FrozenInstanceError):
        result_of(scored).rule = "mine"  # type: ignore[misc]


def test_a_ballot_tells_scores_from_abstentions() -> None:
    message = pb.ScoreContentResponse().ballots.add(judge="coherence")
    message.judgment.answers.add(criterion="coherence", score=0.0)
    message.judgment.answers.add(criterion="flow").abstention.reason = 5
    message.judgment.evidence.add(quote="ab", start=1, end=3, criterion="coherence", polarity=2, note="n")
    ballot = ballot_of(message)

    assert [a.score for a in ballot.answers] == [0.0, None]
    assert ballot.answers[0].abstention is None
    assert ballot.answers[1].abstention is not None
    assert ballot.answers[1].abstention.reason == "too_short"
    assert (ballot.evidence[0].polarity, ballot.abstention, ballot.latency) == ("against", None, None)


def test_a_ballot_of_a_judge_that_abstained_has_no_answers() -> None:
    message = pb.ScoreContentResponse().ballots.add(judge="fluency")
    message.abstention.reason = 9
    message.latency.FromMilliseconds(1500)
    ballot = ballot_of(message)

    assert ballot.answers == ()
    assert ballot.abstention is not None
    assert (ballot.abstention.reason, ballot.read_fraction, ballot.latency) == ("model_missing", None, 1.5)


def test_a_plain_string_is_a_text_with_defaults() -> None:
    message = message_of("hello")

    assert message.content.text == "hello"
    assert message.view == pb.VIEW_SCORE
    assert not message.HasField("latency_budget")
    assert not message.HasField("quorum")
    assert not message.HasField("cost_ceiling")
    assert not message.HasField("seed")


def test_every_field_of_an_item_is_sent() -> None:
    item = Item(
        text="t", id="i", language="en", kind="story", title="h", context="c", panel="p", rubric="r@2",
        policy="o", expected_ruler="sha256:x", budget=0.25, quorum=3, producer="gpt", cost_ceiling=0.02,
        local_only=True, seed=7,
    )  # fmt: skip
    message = message_of(item, "full")
    sent = {f.name: getattr(message.content, f.name) for f in message.content.DESCRIPTOR.fields}

    assert sent == {
        "text": "t", "id": "i", "language": "en", "kind": "story", "title": "h", "context": "c",
        "producer": "gpt",
    }  # fmt: skip
    assert (message.panel, message.rubric, message.policy) == ("p", "r@2", "o")
    assert (message.expected_ruler, message.quorum, message.view) == ("sha256:x", 3, pb.VIEW_FULL)
    assert message.latency_budget.ToMilliseconds() == 250
    assert (message.cost_ceiling.micro_usd, message.seed) == (20_000, 7)
    assert message.sensitivity == pb.SENSITIVITY_LOCAL_ONLY


def test_a_ceiling_of_nothing_is_sent_as_one() -> None:
    assert message_of(Item(text="t", cost_ceiling=0)).cost_ceiling.HasField("micro_usd")


def test_what_the_judges_cost_is_told_in_dollars_where_it_is_told() -> None:
    assert result_of(pb.ScoreContentResponse(cost=Cost(micro_usd=1_500))).cost == 0.0015
    assert result_of(pb.ScoreContentResponse()).cost is None


def test_a_way_of_reading_scores_of_the_future_is_tolerated() -> None:
    message = pb.ScoreContentResponse().ballots.add(judge="j")
    message.judgment.answers.add(criterion="c", score=0.5, kind=99)  # type: ignore[arg-type]
    assert ballot_of(message).answers[0].kind == "unknown_99"


def test_an_unknown_view_is_refused() -> None:
    with pytest.raises(ValueError, match="decision, score, ballots, full"):
        message_of("x", "everything")  # type: ignore[arg-type]
