"""Runs items through the pipeline, a few at a time: what fitting and evaluation collect from."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.scoring.pipeline import Pipeline

SECONDS_PER_ITEM = 120.0
"""Budget of an item: far above what the slowest text takes, so that no ballot is lost to the clock."""


async def collect(
    pipeline: Pipeline, requests: Iterable[ScoreRequest], at_once: int, seconds: float = SECONDS_PER_ITEM
) -> AsyncIterator[Record]:
    """Scores every request, `at_once` in flight, and yields each result as it is finished."""
    waiting = iter(requests)
    flying: set[asyncio.Task[Record]] = set()
    try:
        while True:
            while len(flying) < at_once and (request := next(waiting, None)) is not None:
                budget = Budget.starting(pipeline.clock.monotonic(), seconds)
                flying.add(asyncio.create_task(pipeline.score(request, budget)))
            if not flying:
                return
            done, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in flying:
            task.cancel()
        if flying:
            await asyncio.wait(flying)
