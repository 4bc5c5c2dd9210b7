"""Who goes first when there is more work than a server can do in time."""

from enum import IntEnum


class Priority(IntEnum):
    """Classes of work; the lower number goes first."""

    INTERACTIVE = 0
    """Somebody waits for this answer."""
    BATCH = 1
    """One of many items: their end counts, not this answer's time."""
    BACKFILL = 2
    """Nobody waits: jobs, and panels in the shadow."""
