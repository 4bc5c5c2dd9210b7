"""Edits that should not matter are small, repeatable and say what they are."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.app.studies.noise_floor import EDITS, one_typo, other_case, wider_spaces

TEXT = "The captain repaired the engine herself and moved the first crossing half an hour earlier. " * 12


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_changes_the_text_and_the_same_seed_changes_it_the_same_way(name: str) -> None:
    edited = EDITS[name](TEXT, random.Random(7))
    assert edited != TEXT
    assert edited == EDITS[name](TEXT, random.Random(7))


@given(st.text(max_size=200))
def test_white_space_and_case_edits_keep_every_word(text: str) -> None:
    assert wider_spaces(text, random.Random(1)).split() == text.split()
    assert [w.lower() for w in other_case("a quick brown fox " + TEXT, random.Random(1)).split(" ")] == (
        ("a quick brown fox " + TEXT).lower().split(" ")
    )


def test_a_typo_swaps_two_neighbouring_letters_of_one_word() -> None:
    edited = one_typo(TEXT, random.Random(3))
    changed = [i for i, (a, b) in enumerate(zip(TEXT, edited, strict=True)) if a != b]
    assert len(changed) == 2
    assert changed[1] == changed[0] + 1
    assert sorted(edited) == sorted(TEXT)


def test_a_text_without_a_long_word_has_no_place_for_a_typo() -> None:
    assert one_typo("a be see", random.Random(0)) == "a be see"
