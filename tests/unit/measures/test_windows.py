import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moa_scorer.measures.windows import read_fraction, windows


def test_a_short_text_is_read_whole() -> None:
    assert windows("Hello there.") == ((0, 12),)
    assert read_fraction("Hello there.", ((0, 12),)) == 1.0


def test_an_empty_text_has_no_window_and_nothing_left_unread() -> None:
    assert windows("") == ()
    assert read_fraction("", ()) == 1.0


def test_a_limit_below_two_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        windows("abc", limit=1)


def test_a_long_text_is_read_at_its_start_its_end_and_between() -> None:
    text = "One plain sentence of the text. " * 1000
    spans = windows(text)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert len(spans) == 4
    middle = [span for span in spans if span[0] < len(text) / 2 < span[1] + len(text) / 4]
    assert middle


def test_cuts_fall_between_sentences() -> None:
    text = "One plain sentence of the text. " * 1000
    for start, end in windows(text):
        assert text[start:end].startswith("One plain")
        assert text[start:end].rstrip().endswith("text.")


def test_without_sentences_cuts_fall_between_words() -> None:
    text = "word " * 3000
    for start, end in windows(text):
        assert set(text[start:end].split()) == {"word"}


@given(st.text(max_size=400), st.integers(2, 120))
@example("a" * 300, 100)
@example("日本語。" * 90, 100)
def test_windows_are_disjoint_ordered_deterministic_and_within_the_limit(text: str, limit: int) -> None:
    spans = windows(text, limit)
    assert spans == windows(text, limit)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(start < end for start, end in spans)
    assert sum(end - start for start, end in spans) <= limit
    assert not spans or (spans[0][0] == 0 and spans[-1][1] == len(text))
    assert 0 <= read_fraction(text, spans) <= 1
