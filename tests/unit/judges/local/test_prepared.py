from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.judges.local.prepared import put_together


def test_tokens_are_put_together_and_places_kept() -> None:
    text = "The boy 's mother did n't move . He paid $ 3 , she said ."
    prepared = put_together(text)
    assert prepared.text == "The boy's mother didn't move. He paid $3, she said."
    assert prepared.tokenised
    for word in ("mother", "move", "3", "said"):
        place = prepared.text.index(word)
        start, end = prepared.original(place, place + len(word))
        assert text[start:end] == word


def test_ordinary_prose_is_left_alone() -> None:
    text = "It rained, and we stayed. Then , oddly, it stopped."
    prepared = put_together(text)
    assert prepared.text == text
    assert not prepared.tokenised
    assert prepared.original(3, 9) == (3, 9)


@given(st.text(alphabet=st.sampled_from("ab .,'$\n("), max_size=80))
def test_every_kept_character_is_found_again(text: str) -> None:
    prepared = put_together(text)
    for place, character in enumerate(prepared.text):
        start, end = prepared.original(place, place + 1)
        assert text[start:end] == character
