"""Deleting what has been kept long enough, a little at a time."""

import asyncio
from typing import Final

from sqlalchemy import delete

from moa_scorer.storage.database import Database
from moa_scorer.storage.erasing import erase
from moa_scorer.storage.ids import forget_expired
from moa_scorer.storage.records_table import ERASURES, RECORDS
from moa_scorer.storage.schema import micros_in

BATCH: Final = 200
"""Records deleted in one transaction: what is scored meanwhile waits for no more than that."""
PAUSE: Final = 0.05
"""Seconds between two of them."""
TOLD_SECONDS: Final = 24 * 3600.0
"""How long other processes can still learn of an erasure."""
DAY: Final = 86_400_000_000
"""Microseconds."""


async def purge(database: Database, days: float, now: int) -> int:
    """Deletes records older than so many days, with what hangs on them; how many there were.

    `now` in microseconds. Forgets request ids whose time is over, too. Raises StorageUnavailable.
    """
    old = RECORDS.c.created < now - round(days * DAY)
    gone = 0
    while (batch := (await erase(database, old, now, most=BATCH)).records) > 0:
        gone += batch
        await asyncio.sleep(PAUSE)
    async with database.writing() as connection:
        await forget_expired(connection, now)
        await connection.execute(delete(ERASURES).where(ERASURES.c.created < now - micros_in(TOLD_SECONDS)))
    return gone
