"""Looks again and again how long work waits for the processor, and tells the door."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final

from moa_scorer.domain.priority import Priority
from moa_scorer.scoring.door import Door
from moa_scorer.telemetry import load

LOOK: Final = 0.02
"""Seconds between two looks; a look that comes late is how late everything is."""
LOOKS: Final = 5
"""The shortest delay of so many looks counts: a hiccup is no overload, a queue that stands is, as in CoDel
(Nichols and Jacobson 2012)."""
TELL: Final = 5.0
"""Seconds between two words on what was turned away."""

Waits = Callable[[], float]
"""How long the work that is next in a queue has waited, in seconds."""


@asynccontextmanager
async def watched(door: Door, waits: Waits) -> AsyncIterator[None]:
    """The door follows the load while the block runs: the loop's lateness, and what waits for threads."""
    watching = asyncio.create_task(_watch(door, waits))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})


async def _watch(door: Door, waits: Waits) -> None:
    told_at, told = monotonic(), door.shed
    lags, waited = (deque([0.0], maxlen=LOOKS) for _ in range(2))
    while True:
        before = monotonic()
        await asyncio.sleep(LOOK)
        now = monotonic()
        lags.append(now - before - LOOK)
        waited.append(waits())
        lag, wait = min(lags), min(waited)
        door.look(max(lag, wait), ours=wait >= lag)
        if now - told_at >= TELL:
            _tell(door, door.shed - told)
            told_at, told = now, door.shed


def _tell(door: Door, shed: int) -> None:
    waiting = {priority.name.lower(): door.waiting(priority) for priority in Priority}
    load.standing(limit=door.limit, at_work=door.inside, waiting=waiting)
    if shed:
        load.load_shed(items=shed, limit=door.limit, at_work=door.inside, waiting=sum(waiting.values()))
