import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.providers.fields import count, json_object, likeliest_first, name, to_bytes

numbers = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


@given(st.lists(st.dictionaries(st.sampled_from(["t", "p"]), numbers, max_size=2), max_size=8))
def test_what_is_read_of_log_probabilities_is_in_order_and_never_above_zero(
    entries: list[dict[str, object]],
) -> None:
    read = likeliest_first(entries, "t", "p")
    values = [value for _, value in read]
    assert values == sorted(values, reverse=True)
    assert all(isinstance(value, float) and -1e6 < value <= 0.0 for value in values)
    assert all(isinstance(token, str) for token, _ in read)


def test_a_log_probability_may_lie_above_zero_by_rounding_only() -> None:
    entries = [
        {"t": "a", "p": 1e-7},
        {"t": "b", "p": 0.5},
        {"t": "c", "p": float("-inf")},
        {"t": "d", "p": -1},
    ]
    assert likeliest_first(entries, "t", "p") == (("a", 0.0), ("d", -1.0))


@pytest.mark.parametrize("value", [True, -1, 2.5, "7", None, 10**12])
def test_a_count_that_is_none_is_zero(value: object) -> None:
    assert count(value) == 0


@pytest.mark.parametrize("body", [b'{"a": NaN}', b'"\\ud800"', b'{"a": "\\ud800"}', b"[1]", b"{" * 10_000])
def test_what_is_no_sound_object_is_none(body: bytes) -> None:
    assert json_object(body) is None


def test_names_are_printable_and_short() -> None:
    assert name("gpt\x1b[31m\n-x" + "y" * 500) == "gpt[31m-x" + "y" * 189


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3))
def test_what_is_written_is_read_again(body: dict[str, str]) -> None:
    assert json_object(to_bytes(body)) == body
