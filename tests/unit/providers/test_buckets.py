"""Rates are kept, reservations come back, pauses hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.providers.buckets import BURST_SECONDS, Bucket, Buckets


def test_a_full_bucket_lets_its_burst_through_and_then_one_at_a_time() -> None:
    buckets = Buckets(60, None, 0)
    waits = [buckets.reserve(1, 0) for _ in range(12)]
    assert waits == [0] * 10 + [1, 2]


def test_the_scarcer_of_the_two_buckets_decides() -> None:
    buckets = Buckets(6000, 60, 0)
    assert buckets.reserve(10, 0) == 0
    assert buckets.reserve(5, 0) == 5


def test_a_request_larger_than_the_burst_waits_but_is_sent() -> None:
    assert Buckets(None, 60, 0).reserve(100, 0) == 90


def test_a_cancelled_reservation_leaves_no_trace() -> None:
    buckets = Buckets(6, 60, 0)
    buckets.reserve(10, 0)
    buckets.cancel(10, 0)
    assert buckets.reserve(10, 0) == 0


def test_what_was_reserved_too_much_comes_back_when_settled() -> None:
    buckets = Buckets(None, 60, 0)
    buckets.reserve(10, 0)
    buckets.settle(10, 4, 0)
    assert buckets.reserve(6, 0) == 0


def test_what_was_reserved_too_little_is_waited_for_by_the_next() -> None:
    buckets = Buckets(None, 60, 0)
    buckets.reserve(10, 0)
    buckets.settle(10, 14, 0)
    assert buckets.reserve(0, 0) == 4


def test_a_pause_holds_and_a_shorter_one_does_not_end_it() -> None:
    buckets = Buckets(None, None, 0)
    buckets.pause(5, 0)
    buckets.pause(1, 0)
    assert buckets.reserve(1, 2) == 3
    assert buckets.reserve(1, 5) == 0


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 500)), max_size=60), st.floats(1, 6000))
def test_no_stretch_of_time_sees_more_than_burst_and_rate(
    steps: list[tuple[float, int]], per_minute: float
) -> None:
    bucket = Bucket.per_minute(per_minute, 0)
    now, drawn, last = 0.0, 0.0, 0.0
    for gap, units in steps:
        now += gap
        drawn += units
        last = max(last, now + bucket.draw(units, now))
    burst = max(1.0, per_minute / 60 * BURST_SECONDS)
    assert drawn <= burst + per_minute / 60 * last + 1e-6 * (1 + drawn)


@given(st.floats(1, 6000), st.integers(1, 1000))
def test_drawing_and_giving_back_at_once_changes_nothing(per_minute: float, units: int) -> None:
    bucket = Bucket.per_minute(per_minute, 0)
    full = bucket.level
    bucket.draw(units, 0)
    bucket.draw(-units, 0)
    assert bucket.level == pytest.approx(full)
