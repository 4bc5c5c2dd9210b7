"""When a second request is worth sending."""

from random import Random

import pytest

from moa_scorer.providers.hedge import ENOUGH, Hedging


def test_nothing_is_hedged_before_enough_is_known() -> None:
    hedging = Hedging(0.05)
    for _ in range(ENOUGH - 1):
        hedging.answered(0.1)
    assert hedging.delay() is None
    hedging.answered(0.1)
    assert hedging.delay() == 0.1


def test_the_delay_is_the_95_percent_quantile() -> None:
    hedging = Hedging(0.05)
    rng = Random(1)
    for _ in range(2000):
        hedging.answered(rng.expovariate(1))
    assert hedging.delay() == pytest.approx(2.996, rel=0.35)  # -ln 0.05, from 256 draws


def test_cutting_off_the_slowest_leaves_the_delay_where_it_is() -> None:
    hedging, rng = Hedging(0.05), Random(2)
    for _ in range(20_000):
        took, delay = rng.expovariate(1), hedging.delay()
        if delay is not None and took > delay:
            hedging.unanswered(delay + 0.01)
        else:
            hedging.answered(took)
    assert hedging.delay() == pytest.approx(2.996, rel=0.5)


def test_requests_that_hang_do_not_drive_the_delay_up() -> None:
    hedging, rng = Hedging(0.05), Random(3)
    for _ in range(ENOUGH):
        hedging.answered(0.1 + rng.random() / 10)
    before = hedging.delay()
    for n in range(5000):
        if n % 10:
            hedging.answered(0.1 + rng.random() / 10)
        else:
            hedging.unanswered(30.0)
    assert before is not None
    assert hedging.delay() == pytest.approx(before, rel=0.1)


def test_a_request_given_up_early_says_nothing() -> None:
    hedging = Hedging(0.05)
    for _ in range(ENOUGH):
        hedging.answered(1.0)
    hedging.unanswered(0.5)
    assert hedging.median() == 1.0


def test_hedges_are_off_when_they_are_switched_off() -> None:
    hedging = Hedging(0.05, on=False)
    for _ in range(1000):
        hedging.first_sent()
    assert not hedging.second()
