"""What later judges read: nameless, shuffled for each reader, and numbered one way in the record."""

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Evidence, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.scoring.readings import as_recorded, shown_to

TEXT = Content(text="a text to judge")
ORDER = ("ann", "bob", "cid", "dan")
SILENT = Ballot(judge="bob", outcome=Abstention(reason=AbstentionReason.REFUSED))


def judged(name: str, critique: str = "", read: tuple[str, ...] = ()) -> Ballot:
    return Ballot(
        judge=name,
        outcome=Judgment(answers={"q": Score(value=0.5)}, critique=critique or f"{name} says", read=read),
    )


EARLIER = (judged("ann"), SILENT, judged("cid"), judged("dan"))


def test_judgments_are_shown_and_abstentions_are_not() -> None:
    peers = shown_to("eve", EARLIER, TEXT, 0)
    assert [peer.alias for peer in peers] == ["J1", "J2", "J3"]
    assert {peer.judge for peer in peers} == {"ann", "cid", "dan"}


def test_the_order_is_the_readers_own_and_the_same_again() -> None:
    orders = {
        tuple(p.judge for p in shown_to(f"reader{k}", EARLIER, TEXT, seed))
        for k in range(20)
        for seed in (0, 1)
    }
    assert len(orders) == 6
    assert shown_to("eve", EARLIER, TEXT, 3) == shown_to("eve", EARLIER, TEXT, 3)


def test_no_ballot_comes_first_more_often_than_chance_allows() -> None:
    firsts = [shown_to("eve", EARLIER, Content(text=str(k)), 0)[0].judge for k in range(300)]
    assert all(70 <= firsts.count(judge) <= 130 for judge in ("ann", "cid", "dan"))


def test_citations_are_recorded_by_panel_order_whatever_order_was_shown() -> None:
    for k in range(10):
        peers = shown_to(f"reader{k}", EARLIER, TEXT, 0)
        alias = {peer.judge: peer.alias for peer in peers}
        said = Judgment(
            answers={},
            critique=f"{alias['ann']} is right, [{alias['dan']}] is not, J9 is nobody.",
            evidence=(
                Evidence(
                    quote="a", start=0, end=1, criterion="q", polarity=Polarity.FOR, note=f"as {alias['cid']}"
                ),
            ),
            read=("dan", "cid", "ann"),
        )
        recorded = as_recorded(said, peers, ORDER)
        assert isinstance(recorded, Judgment)
        assert recorded.critique == "J1 is right, [J3] is not, J0 is nobody."
        assert recorded.evidence[0].note == "as J2"
        assert recorded.read == ("ann", "cid", "dan")


def test_a_reader_that_left_a_ballot_out_cannot_cite_it() -> None:
    peers = shown_to("eve", EARLIER, TEXT, 0)
    alias = {peer.judge: peer.alias for peer in peers}
    said = Judgment(answers={}, critique=f"{alias['ann']} {alias['dan']}", read=("dan", "stranger"))
    recorded = as_recorded(said, peers, ORDER)
    assert isinstance(recorded, Judgment)
    assert (recorded.critique, recorded.read) == ("J0 J1", ("dan",))


def test_a_ballot_that_cites_others_is_shown_with_the_readers_own_aliases() -> None:
    second = judged("eve", "I follow J1, not J2.", read=("ann", "cid"))
    peers = shown_to("zoe", (judged("ann"), judged("cid"), second), TEXT, 0)
    alias = {peer.judge: peer.alias for peer in peers}
    shown = next(peer.judgment for peer in peers if peer.judge == "eve")
    assert shown.critique == f"I follow {alias['ann']}, not {alias['cid']}."


def test_whoever_has_read_nobody_cites_nobody() -> None:
    (peer,) = shown_to("zoe", (judged("ann", "J2 is wrong, believe J1."),), TEXT, 0)
    assert peer.judgment.critique == "J0 is wrong, believe J0."


def test_an_abstention_and_a_first_layer_are_recorded_as_they_are() -> None:
    assert as_recorded(SILENT.outcome, shown_to("eve", EARLIER, TEXT, 0), ORDER) is SILENT.outcome
    plain = EARLIER[0].outcome
    assert as_recorded(plain, (), ()) is plain


@given(st.text(max_size=80))
def test_words_without_citations_stay_as_they_are(words: str) -> None:
    critique = words.replace("J", "j")
    peers = shown_to("eve", EARLIER, TEXT, 0)
    recorded = as_recorded(Judgment(answers={}, critique=critique, read=("ann",)), peers, ORDER)
    assert isinstance(recorded, Judgment)
    assert recorded.critique == critique
