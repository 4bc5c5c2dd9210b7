"""The last step of a request: its record is on disk before the answer names it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from ulid import ULID

from moa_scorer.domain.audit_log import AuditLog
from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.judge_state import JudgeStates
from moa_scorer.domain.rating import RatingStore
from moa_scorer.domain.record import Record, Unrecorded
from moa_scorer.domain.request import Retention
from moa_scorer.domain.stores import ArtefactStore, Cache, Claim, IdempotencyStore, RecordStore
from moa_scorer.domain.verdict import Scored
from moa_scorer.scoring.audit import audited

T = TypeVar("T")

NO_RECORDS: Final = "this server keeps no records: give it a database (setting `database`)"
LEAST_WAIT: Final = 0.005
"""Seconds that a record is waited for when the budget is over: of the edge's reserve."""


class ClaimLost(Exception):
    """The request id was given to another request meanwhile, whose answer is the answer."""


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
    ratings: RatingStore | None = None
    judge_states: JudgeStates | None = None
    audit_log: AuditLog | None = None
    audit_share: float = 0.0
    """Probability, in [0, 1], with which a record is drawn for the random audit."""
    new_name: Callable[[], str] = new_name


NO_MEMORY: Final = Memory()


async def kept(
    record: Record, memory: Memory, budget: Budget, clock: Clock, claim: Claim | None = None
) -> Record:
    """The record under the name that it has on disk, or without one and with the reason.

    A record that has its name already is an earlier one. With it the claim is settled, where it is an answer;
    raises ClaimLost when that was another's already, and then nothing is written.
    """
    claim = claim if is_answer(record) else None
    seconds = max(LEAST_WAIT, budget.remaining(clock.monotonic()))
    if record.name:
        return await _settled(record, memory, claim, seconds)
    if record.request.retention is Retention.NOTHING:
        return replace(record, unrecorded=Unrecorded.RETENTION)
    if memory.records is None:
        return replace(record, unrecorded=Unrecorded.STORAGE_OFF)
    name = memory.new_name()
    named = replace(record, name=name, audited=_is_drawn(record, name, memory))
    try:
        async with asyncio.timeout(seconds):
            written = await memory.records.put(named, claim)
    except StorageUnavailable:
        return replace(record, unrecorded=Unrecorded.STORAGE_DOWN)
    except TimeoutError:
        return replace(record, unrecorded=Unrecorded.OUT_OF_TIME)
    if not written:
        raise ClaimLost
    return named


def _is_drawn(record: Record, name: str, memory: Memory) -> bool:
    """People rate answers, and no shadow is one."""
    return record.request.shadow_of is None and audited(name, memory.audit_share)


def is_answer(record: Record) -> bool:
    """Whether a repeat of the request is told it again: what is unscored is tried again."""
    return isinstance(record.verdict.outcome, Scored)


async def _settled(record: Record, memory: Memory, claim: Claim | None, seconds: float) -> Record:
    """An earlier record answers the claim too, where the database can be told in time."""
    if claim is not None and memory.ids is not None:
        with suppress(StorageUnavailable):
            if not await within(seconds, memory.ids.answer(claim, record.name)):
                raise ClaimLost
    return record


async def within(seconds: float, asked: Awaitable[T], late: type[Exception] = StorageUnavailable) -> T:
    """What a store answers; raises `late` where that takes longer."""
    try:
        async with asyncio.timeout(seconds):
            return await asked
    except TimeoutError:
        raise late from None
