"""Replacing what is personal, and the way back."""

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.judges.personal import USUAL, PatternFinder, PersonalKind
from moa_scorer.judges.redaction import Personal, redacted

TEXT = "Write to jane.doe@example.com or call +1 (555) 123-4567, not 10.1.2.3, on 2020-01-02."


@st.composite
def found_in_texts(draw: st.DrawFn) -> tuple[str, list[Personal]]:
    text = draw(st.text(min_size=1, max_size=60))
    places = st.integers(0, len(text) - 1)
    spans = draw(st.lists(st.tuples(places, st.integers(1, 10)), max_size=6))
    return text, [Personal(kind="EMAIL", start=a, end=min(len(text), a + n)) for a, n in spans]


@given(found_in_texts())
def test_what_is_found_is_gone_and_all_else_stays_in_order(case: tuple[str, list[Personal]]) -> None:
    text, found = case
    kept = [c for i, c in enumerate(text) if not any(f.start <= i < f.end for f in found)]
    shown = redacted(text, found)
    assert sum(f.start <= i < f.end for f in found for i in range(len(text))) == 0 or shown.count
    assert len(shown.text) == len(kept) + shown.count * len("[EMAIL]")


@given(found_in_texts(), st.data())
def test_a_span_of_what_is_shown_leads_back_to_where_it_came_from(
    case: tuple[str, list[Personal]], data: st.DataObject
) -> None:
    text, found = case
    shown = redacted(text, found)
    start = data.draw(st.integers(0, len(shown.text) - 1))
    end = data.draw(st.integers(start + 1, len(shown.text)))
    begin, finish = shown.origin(start, end)
    assert 0 <= begin < finish <= len(text)
    assert redacted(text, found).text[start] in (text[begin], "[", *"EMAIL]")
    if not found:
        assert (begin, finish) == (start, end)


def test_overlapping_finds_become_one() -> None:
    finds = [Personal(kind="A", start=2, end=6), Personal(kind="B", start=4, end=8)]
    shown = redacted("0123456789", finds)
    assert (shown.text, shown.count) == ("01[A]89", 1)
    assert shown.origin(0, 7) == (0, 10)
    assert shown.origin(3, 4) == (2, 8)


def test_the_patterns_find_the_usual_kinds_and_leave_the_others() -> None:
    shown = redacted(TEXT, PatternFinder(USUAL).find(TEXT))
    assert shown.text == "Write to [EMAIL] or call [PHONE], not [IP_ADDRESS], on 2020-01-02."


def test_only_the_kinds_that_were_asked_for_are_found() -> None:
    shown = redacted(TEXT, PatternFinder([PersonalKind.EMAIL]).find(TEXT))
    assert shown.count == 1
    assert "(555) 123-4567" in shown.text


def test_other_rules_are_another_revision() -> None:
    assert PatternFinder(USUAL).revision != PatternFinder([PersonalKind.EMAIL]).revision
    assert PatternFinder([*USUAL][::-1]).revision == PatternFinder(USUAL).revision


@given(st.text(max_size=300))
def test_finds_lie_within_any_text(text: str) -> None:
    for each in PatternFinder(tuple(PersonalKind)).find(text):
        assert 0 <= each.start < each.end <= len(text)
