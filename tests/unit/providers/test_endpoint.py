"""What an endpoint says of itself."""

from moa_scorer.domain.budget import Budget
from moa_scorer.providers.breaker import Circuit
from moa_scorer.providers.endpoint import describe
from moa_scorer.providers.spec import Traffic
from tests.fakes.endpoints import BROKEN, Act, BookTab, acts, always, endpoint, model, prompt
from tests.fakes.virtual_time import in_virtual_time


def test_every_mechanism_is_named_with_its_figures() -> None:
    said = describe(Traffic(requests_per_minute=600, tokens_per_minute=90_000), workers=4)
    assert said == (
        "requests a minute: 600, of which 150 a worker",
        "tokens a minute: 90000, of which 22500 a worker",
        "concurrency: adaptive, at most 16 a worker",
        "queue: 256 requests, more are refused",
        "retries: 2 a request, at most 10 % of first sends",
        "hedging: after the 95 % quantile, at most 5 % of first sends",
        "circuit breaker: opens after 10 failures in a row, probes after 10 s",
        "time-outs: 5 s to connect, 60 s a send",
    )


def test_what_is_off_is_said_to_be_off() -> None:
    said = describe(Traffic(attempts=1, hedge=False, breaker_failures=0))
    assert {"retries: off", "hedging: off", "circuit breaker: off"} <= set(said)
    assert "requests a minute: no limit" in said


@in_virtual_time
async def test_an_endpoint_counts_what_it_was_sent() -> None:
    over = endpoint(acts(BROKEN, Act(), Act(seconds=0.3)))
    for _ in range(2):
        await model(over).ask(prompt(), Budget(100.0), BookTab())
    statistics = over.statistics()
    assert (statistics.first_sends, statistics.retries, statistics.hedges, statistics.sends) == (2, 1, 0, 3)
    assert (statistics.in_flight, statistics.circuit) == (0, Circuit.CLOSED)
    assert statistics.median_seconds is not None
    assert 0.29 < statistics.median_seconds < 0.31
    assert statistics.hedge_after_seconds is None


@in_virtual_time
async def test_a_call_is_expected_to_take_what_is_configured_until_one_was_made() -> None:
    over = endpoint(always(Act(seconds=0.4)), seconds=7.0)
    assert over.seconds() == 7.0
    await model(over).ask(prompt(), Budget(100.0), BookTab())
    assert 0.39 < over.seconds() < 0.41
