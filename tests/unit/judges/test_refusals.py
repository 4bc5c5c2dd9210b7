"""Declining, told from other words."""

import pytest

from moa_scorer.judges.refusals import is_refusal


@pytest.mark.parametrize(
    "reply",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot provide a rating.",
        "Sorry, but this goes against our guidelines.",
        "Tut mir leid, das geht nicht.",
        "Ik kan dit helaas niet beoordelen.",
        "Przepraszam, nie mogę tego ocenić.",
        "很抱歉，我无法回答。",
    ],
)
def test_a_refusal_is_known(reply: str) -> None:
    assert is_refusal(reply)


@pytest.mark.parametrize(
    "reply", ["", "The text is fine.", "Clarity: good. It cannot be misread.", "The author is sorry for it."]
)
def test_other_words_are_no_refusal(reply: str) -> None:
    assert not is_refusal(reply)


def test_only_the_beginning_is_read() -> None:
    assert not is_refusal("word " * 200 + "I'm sorry, but I can't.")
