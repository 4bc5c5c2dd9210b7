"""Plain values of one's own judges as a message."""

import pytest

from moa_scorer.api.v1 import ballot_pb2
from moa_scorer.client import OwnBallots
from moa_scorer.client.own_ballots import reconcile_message


def answer(said: object) -> object:
    message = reconcile_message(OwnBallots(judges={"gpt": {"fluency": said}}, snapshot="s"))  # type: ignore[dict-item]
    return message.ballots[0].answers[0]


def test_a_number_is_a_score_and_a_list_are_samples() -> None:
    assert answer(4).score == 4.0  # type: ignore[attr-defined]
    assert list(answer([3, 4.5]).samples) == [3.0, 4.5]  # type: ignore[attr-defined]
    assert not answer([3, 4]).HasField("score")  # type: ignore[attr-defined]


def test_an_object_says_it_in_full() -> None:
    found = answer({"score": 4, "distribution": [[3, 0.25], [4, 0.75]]})
    assert found.score == 4.0  # type: ignore[attr-defined]
    assert [(p.score, p.probability) for p in found.distribution] == [(3.0, 0.25), (4.0, 0.75)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (None, ballot_pb2.ABSTENTION_REASON_UNPARSEABLE),
        ({"score": None}, ballot_pb2.ABSTENTION_REASON_UNPARSEABLE),
        ("timeout", ballot_pb2.ABSTENTION_REASON_TIMEOUT),
        ({"abstention": "refused", "detail": "no"}, ballot_pb2.ABSTENTION_REASON_REFUSED),
    ],
)
def test_nothing_said_is_an_abstention_and_never_a_zero(said: object, reason: int) -> None:
    found = answer(said)
    assert found.abstention.reason == reason  # type: ignore[attr-defined]
    assert not found.HasField("score")  # type: ignore[attr-defined]


@pytest.mark.parametrize("said", [True, "asleep", [1, "2"], {"stars": 3}, {"distribution": [[1, 2, 3]]}, {1}])
def test_what_is_none_of_the_forms_is_refused_with_its_place(said: object) -> None:
    with pytest.raises(ValueError, match=r"^gpt\.fluency: "):
        answer(said)


def test_a_judge_may_say_nothing_at_all() -> None:
    message = reconcile_message(
        OwnBallots(judges={"gpt": "refused", "claude": None}, panel="p", kind="story", quorum=1)
    )
    assert [b.abstention.reason for b in message.ballots] == [
        ballot_pb2.ABSTENTION_REASON_REFUSED,
        ballot_pb2.ABSTENTION_REASON_UNPARSEABLE,
    ]
    assert (message.panel, message.content.kind, message.quorum) == ("p", "story", 1)


def test_an_unknown_view_is_named() -> None:
    with pytest.raises(ValueError, match="no view"):
        reconcile_message(OwnBallots(judges={}), "everything")  # type: ignore[arg-type]
