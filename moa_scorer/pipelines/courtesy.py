"""Bulk gives way to live calls: while the event loop is late, nothing new is begun."""

import asyncio
from time import monotonic
from typing import Final

PROBE: Final = 0.001
"""Seconds of a sleep whose lateness is looked at."""
LATE: Final = 0.010
"""Seconds of lateness at which others are taken to need the time more."""
PAUSE: Final = 0.050
MOST_PAUSES: Final = 20
"""Bulk gets on all the same, if only an item a second."""


async def give_way() -> None:
    """Returns when the loop is on time, after a second at the latest."""
    for _ in range(MOST_PAUSES):
        before = monotonic()
        await asyncio.sleep(PROBE)
        if monotonic() - before < PROBE + LATE:
            return
        await asyncio.sleep(PAUSE)
