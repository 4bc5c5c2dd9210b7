"""The control beside lateness: how late an idle coroutine wakes up in the same process, at the same time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

PERIOD = 0.01
"""Seconds that the coroutine asks to sleep."""


async def overslept() -> float:
    """Seconds that a short sleep took longer than asked."""
    started = time.monotonic()
    await asyncio.sleep(PERIOD)
    return time.monotonic() - started - PERIOD


@asynccontextmanager
async def sampled(sample: Callable[[], Awaitable[float]]) -> AsyncIterator[list[float]]:
    """The samples that were taken, one after the other, while the block ran."""
    taken: list[float] = []

    async def again() -> None:
        while True:
            taken.append(await sample())

    task = asyncio.create_task(again())
    try:
        yield taken
    finally:
        task.cancel()
        await asyncio.wait({task})
