"""What is to be written is written: while the database cannot be reached, bulk waits for it."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.pipelines.wish import Stop
from moa_scorer.telemetry import events

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
"""Seconds between two tries, doubled up to the longest."""

T = TypeVar("T")


async def patiently(job: str, call: Callable[[], Awaitable[T]], stop: Stop) -> T:
    """What the call gives, as soon as the database can be reached.

    Raises StorageUnavailable only where a stop was asked for meanwhile.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            return await call()
        except StorageUnavailable:
            if stop.wish is not None:
                raise
            events.job_paused(job=job)
            await stop.rest(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
