"""Three answers to "try again?"."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.providers.failures import Retry, failed
from moa_scorer.providers.retry import pause_before_retry

seeds = st.integers(0, 1000).map(Random)


@given(st.integers(1, 10), seeds)
def test_what_would_fail_again_is_not_tried_again(sends: int, rng: Random) -> None:
    assert pause_before_retry(failed("no", retry=Retry.NO, after=1.0), sends, rng) is None


@given(st.integers(1, 20), seeds)
def test_pauses_double_up_to_a_ceiling(sends: int, rng: Random) -> None:
    pause = pause_before_retry(failed("x", retry=Retry.TRANSIENT), sends, rng)
    assert pause is not None
    assert 0 <= pause <= min(8.0, 0.25 * 2 ** (sends - 1))


@given(st.floats(0, 3600), st.integers(1, 10), seeds)
def test_never_sooner_than_the_vendor_asks(after: float, sends: int, rng: Random) -> None:
    pause = pause_before_retry(failed("x", retry=Retry.RATE_LIMITED, after=after), sends, rng)
    assert pause is not None
    assert after <= pause <= after + 0.8
