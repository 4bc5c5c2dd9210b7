import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.app.cli.marks import STYLES, WHOLE, marked, visible
from moa_scorer.client import Evidence


def _span(text: str, start: int, end: int, polarity: str = "against") -> Evidence:
    return Evidence(quote=text[start:end], start=start, end=end, criterion="c", polarity=polarity, note="")


@given(text=st.text())
def test_what_is_shown_has_the_same_length_and_nothing_that_steers_a_terminal(text: str) -> None:
    shown = visible(text)

    assert len(shown) == len(text)
    assert [c for c in shown if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs")] == []


def test_an_escape_sequence_is_shown_and_not_obeyed() -> None:
    assert visible("a\x1b[31mb\u202e") == "a␛[31mb�"


def test_each_span_is_marked_by_its_polarity() -> None:
    text = "good and bad"
    shown = marked(text, [_span(text, 0, 4, "for"), _span(text, 9, 12)])

    assert shown.plain == text
    assert [(s.start, s.end, s.style) for s in shown.spans] == [
        *((0, 4, STYLES["for"]), (9, 12, STYLES["against"]))
    ]


@pytest.mark.parametrize("place", [0, 3_000, 49_990])
def test_of_a_long_text_its_beginning_and_its_evidence_are_shown(place: int) -> None:
    text = "".join(chr(97 + i % 26) for i in range(50_000))
    span = _span(text, place, place + 10)
    shown = marked(text, [span])

    assert len(shown.plain) < WHOLE
    assert shown.plain.startswith(text[:100])
    assert any(shown.plain[s.start : s.end] == span.quote for s in shown.spans)
