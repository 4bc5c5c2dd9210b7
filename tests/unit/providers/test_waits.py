import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.providers.waits import LONGEST, asked_wait, duration, used_up

NOW = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": NOW}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:27:30 GMT", "date": NOW}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2m59.56s"}, 179.56),
        ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "8s"}, None),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6"}, 6.0),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "20ms",
            },
            1.0,
        ),
        (
            {
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": "2026-10-21T07:28:12Z",
                "date": NOW,
            },
            12.0,
        ),
    ],
)
def test_the_ways_in_which_vendors_ask_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value", ["", "soon", "-1", "inf", "nan", "1e9", "١", "0x10", "Wed, 99 Oct", "9" * 400, "\x00"]
)
def test_nonsense_asks_for_nothing(value: str) -> None:
    assert asked_wait({"retry-after": value, "retry-after-ms": value, "date": NOW}) is None


@pytest.mark.parametrize(
    ("value", "seconds"), [("1h0m1s", 3601.0), ("20ms", 0.02), ("5", None), ("1s ", None)]
)
def test_durations_are_read_whole_or_not_at_all(value: str, seconds: float | None) -> None:
    assert duration(value) == seconds


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text(max_size=30)))
def test_whatever_a_header_says_the_wait_is_sane(headers: dict[str, str]) -> None:
    wait = asked_wait(headers)
    assert wait is None or 0.0 <= wait <= LONGEST


def test_a_success_tells_to_wait_only_when_a_limit_is_used_up() -> None:
    left = {"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "8s", "retry-after": "9"}
    assert used_up(left) is None
    assert used_up({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "8s"}) == 8.0
    assert used_up({}) is None
