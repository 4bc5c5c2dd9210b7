"""Ballots as a later judge reads them."""

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Evidence, Judgment, Polarity, Score
from moa_scorer.domain.judge import Peer
from moa_scorer.judges.peers import peers_block

SPAN = Evidence(quote="a fox", start=0, end=5, criterion="wit", polarity=Polarity.AGAINST, note="stale")


def peer(alias: str, judgment: Judgment) -> Peer:
    return Peer(alias=alias, judge="secret-name", judgment=judgment)


def test_a_ballot_shows_scores_evidence_and_critique_but_no_name() -> None:
    judgment = Judgment(
        answers={
            "wit": Score(value=0.25),
            "depth": Abstention(reason=AbstentionReason.NOT_APPLICABLE),
            "extra": Score(value=1.0),
        },
        evidence=(SPAN,),
        critique="Rather\nflat.",
    )
    assert peers_block([peer("J1", judgment)], ("depth", "wit"), "0abc") == (
        "<<<BALLOT J1 0abc>>>\n"
        "scores: depth not judged, wit 2.0 of 5\n"
        "against wit: “a fox” (stale)\n"
        "critique: Rather flat.\n"
        "<<<END BALLOT J1 0abc>>>"
    )


def test_a_detector_shows_the_criteria_that_it_has() -> None:
    block = peers_block([peer("J1", Judgment(answers={"spelling": Score(value=1.0)}))], ("wit",), "0abc")
    assert "scores: spelling 5.0 of 5" in block


def test_ballots_keep_the_order_they_are_given_in() -> None:
    judgment = Judgment(answers={"wit": Score(value=0.5)})
    block = peers_block([peer("J1", judgment), peer("J2", judgment)], ("wit",), "0abc")
    assert block.index("BALLOT J1") < block.index("BALLOT J2")
    assert "secret-name" not in block
