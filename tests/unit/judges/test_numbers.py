"""Numbers as models write them; and what is no number stays none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.judges.numbers import read_value


@pytest.mark.parametrize(
    ("written", "score"),
    [
        *((1, 0.0), (5, 1.0), (4.5, 0.875), ("4", 0.75), (" 4 ", 0.75), ("**4**", 0.75), ("4.", 0.75)),
        *(("4/5", 0.75), ("4 out of 5", 0.75), ("vier von fünf", 0.75), ("8/10", 0.8), ("75/100", 0.75)),
        *(("80%", 0.8), ("80 percent", 0.8), ("four", 0.75), ("４", 0.75), ("四", 0.75), ("4分", 0.75)),
        *(("Score: 4", 0.75), ("4 (good)", 0.75), ("4 - good", 0.75), ("4 stars", 0.75), ("★★★★", 0.75)),
        *(("4,5", 0.875), ("+4", 0.75)),
    ],
)
def test_a_number_is_read_in_any_of_its_forms(written: object, score: float) -> None:
    assert read_value(written) == pytest.approx(score)


@pytest.mark.parametrize(
    "written",
    [
        *(0, 6, -1, 8, 0.5, True, False, float("nan"), float("inf"), 10**400, [4], {"x": 4}),
        *("0", "6", "8", "-4", "3-4", "3 to 4", "4 or 5", "4 (or 5)", "4/7", "4/5/5", "11/10", "120%"),
        *("1,000", "4,000"),
        *("good", "", "1e3", "٤٤", "½", "x" * 500),
    ],
)
def test_anything_else_is_unparseable(written: object) -> None:
    assert read_value(written) is AbstentionReason.UNPARSEABLE


@pytest.mark.parametrize("written", [None, "N/A", "n/a", "not applicable", "None", "-", "entfällt", "不适用"])
def test_does_not_apply_is_said_in_many_ways(written: object) -> None:
    assert read_value(written) is AbstentionReason.NOT_APPLICABLE


@given(st.text() | st.integers() | st.floats())
def test_what_is_read_lies_on_the_scale(written: object) -> None:
    value = read_value(written)
    assert isinstance(value, AbstentionReason) or 0 <= value <= 1
