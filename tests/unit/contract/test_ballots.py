"""A ballot says the same to the client as to the server."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.api.v1 import ballot_pb2
from moa_scorer.client import results
from moa_scorer.client.messages import ballot_of
from moa_scorer.contract.ballots import ballot_message, layer_numbers
from moa_scorer.contract.texts import sound
from moa_scorer.domain.ballot import (
    Abstention,
    AbstentionReason,
    Ballot,
    Evidence,
    Judgment,
    Polarity,
    Score,
    ScoreKind,
)
from moa_scorer.domain.money import Usage
from moa_scorer.domain.panel import Layer, Panel

words = st.text(max_size=20)
wild = st.text(st.characters(exclude_categories=()), max_size=20)
"""What a model may send, lone surrogates included."""
shares = st.floats(0, 1)
counts = st.integers(0, 2**32 - 1)
abstentions = st.builds(Abstention, reason=st.sampled_from(AbstentionReason), detail=wild)
scores = st.builds(
    Score,
    value=shares,
    kind=st.sampled_from(ScoreKind),
    distribution=st.lists(st.tuples(shares, shares), max_size=5).map(tuple),
)
spans = st.builds(
    Evidence,
    quote=words,
    start=st.integers(0, 100),
    end=st.integers(0, 100),
    criterion=words,
    polarity=st.sampled_from(Polarity),
    note=wild,
)
judgments = st.builds(
    Judgment,
    answers=st.dictionaries(words, scores | abstentions, max_size=4),
    evidence=st.lists(spans, max_size=3).map(tuple),
    critique=wild,
    read_fraction=shares,
    fabricated=counts,
    read=st.lists(words, max_size=3).map(tuple),
    tamper_risk=shares,
)
usages = st.builds(
    Usage,
    calls=counts,
    input_tokens=counts,
    cached_tokens=counts,
    output_tokens=counts,
    micro_usd=st.integers(0, 10**12),
)
ballots = st.builds(
    Ballot,
    judge=words,
    outcome=judgments | abstentions,
    latency=st.floats(0, 600),
    usage=usages,
    model=wild,
    stand_in=words,
    raw=st.lists(wild, max_size=3).map(tuple),
)


def sent(ballot: Ballot, *, layer: int = 1, full: bool = True) -> results.Ballot:
    """The ballot as a client gets it."""
    raw = ballot_message(ballot, layer=layer, full=full).SerializeToString()
    return ballot_of(ballot_pb2.Ballot.FromString(raw))


@given(ballot=ballots, layer=st.integers(1, 9))
def test_any_ballot_arrives_with_everything_that_goes_with_it(ballot: Ballot, layer: int) -> None:
    got = sent(ballot, layer=layer)

    assert (got.judge, got.layer, got.stand_in) == (ballot.judge, layer, ballot.stand_in)
    assert got.model == sound(ballot.model)
    assert got.raw == tuple(map(sound, ballot.raw))
    assert got.latency == pytest.approx(ballot.latency, abs=1e-9)
    assert got.usage == results.Usage(
        calls=ballot.usage.calls,
        input_tokens=ballot.usage.input_tokens,
        cached_tokens=ballot.usage.cached_tokens,
        output_tokens=ballot.usage.output_tokens,
        cost=ballot.usage.micro_usd / 1e6,
    )
    if isinstance(ballot.outcome, Abstention):
        assert got.abstention is not None
        assert got.abstention.reason == ballot.outcome.reason.value
        assert got.answers == ()
    else:
        assert_same(got, ballot.outcome)


def assert_same(got: results.Ballot, judgment: Judgment) -> None:
    assert got.critique == sound(judgment.critique)
    assert (got.fabricated, got.read) == (judgment.fabricated, judgment.read)
    assert (got.tamper_risk, got.read_fraction) == (judgment.tamper_risk, judgment.read_fraction)
    assert [(e.quote, e.start, e.end, e.polarity) for e in got.evidence] == [
        (e.quote, e.start, e.end, e.polarity.value) for e in judgment.evidence
    ]
    assert len(got.answers) == len(judgment.answers)
    for answer, (criterion, given_) in zip(got.answers, judgment.answers.items(), strict=True):
        assert answer.criterion == criterion
        if isinstance(given_, Score):
            assert (answer.score, answer.kind) == (given_.value, given_.kind.value)
            assert answer.distribution == given_.distribution
        else:
            assert answer.abstention is not None
            assert (answer.score, answer.kind) == (None, "")


@given(ballot=ballots)
def test_what_differs_from_call_to_call_stays_out_of_the_lesser_views(ballot: Ballot) -> None:
    seen = sent(ballot, full=False)
    again = replace(ballot, latency=ballot.latency + 1, usage=Usage(calls=7), raw=("other",))

    assert (seen.latency, seen.usage, seen.raw) == (None, None, ())
    assert all(answer.distribution == () for answer in seen.answers)
    assert seen == sent(again, full=False)


def test_counts_that_no_message_can_hold_are_the_largest_that_it_can() -> None:
    usage = Usage(calls=1, input_tokens=10**30, output_tokens=-5, micro_usd=10**30)
    got = sent(Ballot(judge="j", outcome=Abstention(reason=AbstentionReason.TIMEOUT), usage=usage)).usage

    assert got is not None
    assert (got.input_tokens, got.output_tokens) == (2**32 - 1, 0)
    assert got.cost == pytest.approx((2**63 - 1) / 1e6)


def test_a_lone_surrogate_becomes_a_question_mark_and_nothing_else_changes() -> None:
    assert sound("a\ud800b") == "a?b"
    assert sound("naïve \U0001f600") == "naïve \U0001f600"


def test_layers_are_counted_from_one() -> None:
    layered = Panel(
        name="p",
        version=1,
        title="P",
        judges=("a", "b", "c"),
        quorum=1,
        default_rubric="quality",
        layers=(Layer(judges=("a", "b")), Layer(judges=("c",))),
    )

    assert layer_numbers(layered) == {"a": 1, "b": 1, "c": 2}
    assert layer_numbers(replace(layered, layers=())) == {"a": 1, "b": 1, "c": 1}
