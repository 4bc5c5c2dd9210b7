"""Quantiles of the last latencies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.providers.latencies import WINDOW, Latencies


@given(st.lists(st.floats(0, 100), min_size=1, max_size=2 * WINDOW), st.floats(0, 1))
def test_it_is_the_quantile_of_the_last_window(values: list[float], share: float) -> None:
    latencies = Latencies()
    for value in values:
        latencies.add(value)
    window = sorted(values[-WINDOW:])
    assert latencies.quantile(share) == window[min(len(window) - 1, int(share * len(window)))]


def test_old_latencies_are_forgotten() -> None:
    latencies = Latencies()
    for value in [9.0] * WINDOW + [1.0] * WINDOW:
        latencies.add(value)
    assert latencies.quantile(1) == 1


def test_nothing_is_said_of_no_latencies() -> None:
    with pytest.raises(ValueError, match="no latency"):
        Latencies().quantile(0.5)
