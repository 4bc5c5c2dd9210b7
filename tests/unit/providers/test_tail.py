"""What hedging is for: 3 % stragglers and 0.5 % hangs, with hedges and without, in virtual time."""

import asyncio
from random import Random

from moa_scorer.domain.budget import Budget
from moa_scorer.providers.statistics import EndpointStatistics
from tests.fakes.endpoints import HANG, Act, BookTab, ScriptedSender, endpoint, model, prompt
from tests.fakes.virtual_time import run

REQUESTS, BUDGET = 1500, 10.0


async def latencies(hedge: bool) -> tuple[list[float], EndpointStatistics]:
    """Seconds of each request, in rising order; 32 at a time."""
    rng = Random(7)

    def script(_: int) -> Act:
        luck, length = rng.random(), 0.5 + rng.random()
        if luck < 0.005:
            return HANG
        return Act(seconds=2.0 * length if luck < 0.035 else 0.05 * length)

    over, places = endpoint(ScriptedSender(script=script), hedge=hedge), asyncio.Semaphore(32)
    asked, found = model(over), []

    async def one() -> None:
        async with places:
            began = over.clock.monotonic()
            await asked.ask(prompt(), Budget(began + BUDGET), BookTab())
            found.append(over.clock.monotonic() - began)

    await asyncio.gather(*(one() for _ in range(REQUESTS)))
    return sorted(found), over.statistics()


def test_hedging_shortens_the_tail_at_a_twentieth_more_requests() -> None:
    plain, _ = run(latencies(hedge=False))
    hedged, statistics = run(latencies(hedge=True))
    at = int(0.99 * REQUESTS)
    assert hedged[at] * 5 <= plain[at]
    assert statistics.sends <= 1.05 * REQUESTS + statistics.retries
    assert statistics.hedges_won > 0
