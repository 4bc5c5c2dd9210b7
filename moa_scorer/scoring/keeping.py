"""The last step of a request: its record is on disk before the answer names it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ulid import ULID

from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.record import Record, Unrecorded
from moa_scorer.domain.request import Retention
from moa_scorer.domain.stores import ArtefactStore, Cache, Claim, IdempotencyStore, RecordStore

LEAST_WAIT: Final = 0.005
"""Seconds that a record is waited for when the budget is over: of the edge's reserve."""


def new_name() -> str:
    """26 characters that sort by time and nobody else has (ULID)."""
    return str(ULID())


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What outlives a request; None = the server does without."""

    records: RecordStore | None = None
    ids: IdempotencyStore | None = None
    cache: Cache | None = None
    artefacts: ArtefactStore | None = None
    new_name: Callable[[], str] = new_name


NO_MEMORY: Final = Memory()


async def kept(
    record: Record, memory: Memory, budget: Budget, clock: Clock, claim: Claim | None = None
) -> Record:
    """The record under the name that it has on disk, or without one and with the reason."""
    if record.request.retention is Retention.NOTHING:
        return replace(record, unrecorded=Unrecorded.RETENTION)
    if memory.records is None:
        return replace(record, unrecorded=Unrecorded.STORAGE_OFF)
    named = replace(record, name=memory.new_name())
    seconds = max(LEAST_WAIT, budget.remaining(clock.monotonic()))
    try:
        async with asyncio.timeout(seconds):
            await memory.records.put(named, claim)
    except StorageUnavailable:
        return replace(record, unrecorded=Unrecorded.STORAGE_DOWN)
    except TimeoutError:
        return replace(record, unrecorded=Unrecorded.OUT_OF_TIME)
    return named
