"""Requests to reconcile: every violation at once, names that nobody rated among them."""

from contextlib import suppress
from dataclasses import replace

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.api.v1 import ballot_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.own_ballot_pb2 import OwnAnswer, OwnBallot, OwnContent, RawProbability
from moa_scorer.contract.brought import MOST_VIOLATIONS, brought
from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.domain.errors import InvalidRequest
from moa_scorer.domain.raw_ballot import RawScore
from moa_scorer.domain.request import ReconcileRequest
from moa_scorer.scoring.catalog import Catalog
from tests.fakes.judges import five_judges, make_catalog
from tests.fakes.own import own_snapshot, own_table

MINE = "snapshots/essay.essay.trio@1"
TIMEOUT = ballot_pb2.Abstention(reason=ballot_pb2.ABSTENTION_REASON_TIMEOUT)
DEPTH = OwnAnswer(criterion="depth", score=1)
NAN, INFINITY = float("nan"), float("inf")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return replace(make_catalog(five_judges()), snapshots=(own_snapshot(own_table()),))


def asked(catalog: Catalog, *ballots: OwnBallot, **fields: object) -> ReconcileRequest:
    return brought(pb.ReconcileBallotsRequest(**{"snapshot": MINE, "ballots": ballots, **fields}), catalog)


def violations(catalog: Catalog, *ballots: OwnBallot, **fields: object) -> list[str]:
    with pytest.raises(InvalidRequest) as raised:
        asked(catalog, *ballots, **fields)
    return [violation.field for violation in raised.value.violations]


def said(**answer: object) -> OwnBallot:
    return OwnBallot(judge="ann", answers=[OwnAnswer(criterion="clarity", **answer)])  # type: ignore[arg-type]


def test_every_form_of_answer_is_parsed(catalog: Catalog) -> None:
    answers = [
        OwnAnswer(criterion="clarity", distribution=[RawProbability(score=1, probability=1)]),
        OwnAnswer(criterion="depth", abstention=TIMEOUT),
    ]
    request = asked(
        catalog,
        OwnBallot(judge="ann", answers=answers),
        OwnBallot(judge="bob", answers=[OwnAnswer(criterion="depth", samples=[1, 2])]),
        OwnBallot(judge="cid", abstention=TIMEOUT),
        content=OwnContent(id="7", kind="essay"),
        quorum=2,
    )

    why = Abstention(reason=AbstentionReason.TIMEOUT)
    ann, bob, cid = request.ballots
    assert ann.outcome == {"clarity": RawScore(distribution=((1.0, 1.0),)), "depth": why}
    assert bob.outcome == {"depth": RawScore(samples=(1.0, 2.0))}
    assert cid.outcome == why
    assert (request.snapshot, request.content.id, request.quorum) == ("essay.essay.trio@1", "7", 2)


@pytest.mark.parametrize(
    ("ballot", "field"),
    [
        (said(score=NAN), "answers[0].score"),
        (said(score=-INFINITY), "answers[0].score"),
        (said(samples=[1.0, INFINITY]), "answers[0].samples[1]"),
        (said(distribution=[RawProbability(score=NAN, probability=1)]), "answers[0].distribution[0].score"),
        (said(distribution=[RawProbability(score=1, probability=0.5)]), "answers[0].distribution"),
        (said(distribution=[RawProbability(probability=1)]), "answers[0].distribution[0]"),
        (said(), "answers[0].score"),
        (said(score=1, abstention=TIMEOUT), "answers[0].score"),
        (said(abstention=ballot_pb2.Abstention()), "answers[0].abstention.reason"),
        (said(abstention=ballot_pb2.Abstention(reason=999)), "answers[0].abstention.reason"),
        (OwnBallot(judge="ann"), "answers"),
        (OwnBallot(judge="ann", abstention=TIMEOUT, answers=[DEPTH]), "answers"),
    ],
)
def test_what_is_wrong_with_a_ballot_is_named_by_its_field(
    catalog: Catalog, ballot: OwnBallot, field: str
) -> None:
    assert violations(catalog, ballot) == [f"ballots[0].{field}"]


def test_a_mistake_of_form_does_not_hide_a_strange_name(catalog: Catalog) -> None:
    found = violations(
        catalog,
        said(score=NAN),
        OwnBallot(judge="dan", abstention=TIMEOUT),
        said(score=3),
        content=OwnContent(language="English"),
        quorum=0,
    )

    assert sorted(found) == [
        "ballots[0].answers[0].score",
        "ballots[1].judge",
        "ballots[2].judge",
        "content.language",
        "quorum",
    ]


def test_a_snapshot_or_a_panel_is_needed_and_not_both(catalog: Catalog) -> None:
    assert violations(catalog, snapshot="") == ["snapshot"]
    assert violations(catalog, panel="scripted", rubric="quality") == ["panel", "rubric"]
    assert asked(catalog, snapshot="", panel="scripted").panel == "scripted"


def test_a_missing_snapshot_is_not_found_later_and_hides_no_violation(catalog: Catalog) -> None:
    assert violations(catalog, said(score=NAN), snapshot="nobody@1") == ["ballots[0].answers[0].score"]


@given(st.binary(max_size=200))
def test_any_message_is_parsed_or_refused(wire: bytes) -> None:
    message = pb.ReconcileBallotsRequest(snapshot=MINE)
    try:
        message.ballots.add().MergeFromString(wire)
    except DecodeError:
        return
    empty = replace(make_catalog(five_judges()), snapshots=())
    with suppress(InvalidRequest):
        assert isinstance(brought(message, empty), ReconcileRequest)


def test_lists_too_long_to_look_at_are_named_by_their_size_alone(catalog: Catalog) -> None:
    ballot = OwnBallot(judge="ann", answers=[OwnAnswer(criterion="clarity", score=NAN)])
    assert violations(catalog, *[ballot] * 257) == ["ballots"]
    many = OwnBallot(judge="ann", answers=[OwnAnswer(score=NAN)] * 257)
    assert violations(catalog, many) == ["ballots[0].answers"]
    assert violations(catalog, said(samples=[NAN] * 1025)) == ["ballots[0].answers[0].samples"]


def test_a_message_full_of_mistakes_is_told_a_hundred_of_them(catalog: Catalog) -> None:
    answers = [OwnAnswer(criterion=f"c{k}", samples=[NAN] * 100) for k in range(20)]
    assert len(violations(catalog, OwnBallot(judge="ann", answers=answers))) <= MOST_VIOLATIONS + len(answers)
