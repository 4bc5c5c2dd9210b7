"""What is personal is found in long texts as in short ones, in a time that grows with their length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.judges.personal import OVERLAP, WINDOW, PatternFinder, PersonalKind, windows
from moa_scorer.judges.redaction import redacted

EMAIL = "ann.example@example.org"


@pytest.fixture(scope="module")
def finder() -> PatternFinder:
    pytest.importorskip("datafog")
    return PatternFinder([PersonalKind.EMAIL])


@given(st.integers(0, 5 * WINDOW), st.integers(0, 5 * WINDOW), st.integers(1, OVERLAP))
def test_whatever_is_not_longer_than_the_overlap_lies_in_a_window_as_a_whole(
    before: int, after: int, length: int
) -> None:
    text = "." * before + "x" * length + "." * after
    parts = list(windows(text))
    assert any("x" * length in part for _, part in parts)
    assert all(text[at : at + len(part)] == part and len(part) <= WINDOW for at, part in parts)


@pytest.mark.parametrize("before", [0, 700, 760, 1_010, 1_024, 30_000])
def test_an_address_is_found_as_one_wherever_it_stands(finder: PatternFinder, before: int) -> None:
    text = "word " * (before // 5) + EMAIL + " word" * 500
    shown = redacted(text, finder.find(text))
    assert (shown.text, shown.count) == (text.replace(EMAIL, "[EMAIL]"), 1)


def test_a_long_run_of_signs_is_searched_a_window_at_a_time(
    finder: PatternFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def scan(text: str, **_: object) -> object:
        seen.append(len(text))
        return type("Found", (), {"entities": ()})

    monkeypatch.setattr("datafog.engine.scan", scan)
    PatternFinder([PersonalKind.EMAIL]).find("#" * 65_536)
    assert max(seen) == WINDOW
