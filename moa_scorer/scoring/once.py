"""A request with an id is worked on once: its repeats wait for the answer, or are told it again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.domain.errors import NotFound, RequestInProgress, StorageUnavailable
from moa_scorer.domain.record import Record
from moa_scorer.domain.ruler import digest
from moa_scorer.domain.stores import Claim, ClaimKey, ClaimState, IdempotencyStore
from moa_scorer.scoring.keeping import NO_RECORDS, ClaimLost, Memory, is_answer, within

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LEASE: Final = 5.0
"""Seconds after which an id is taken over whose owner died; renewed while the owner is at work."""
RENEWED: Final = LEASE / 3
"""Seconds between renewals."""
FIRST_PAUSE: Final = 0.01
LONGEST_PAUSE: Final = 0.05
"""Seconds between two looks at what another request is at work on: doubled up to the longest."""
RELEASING: Final = 0.02
"""Seconds that giving an id back may take when the budget is over: of the edge's reserve."""

_NAMES: Final = frozenset({"request_id", "scope", "tenant"})

Work = Callable[[Claim | None], Awaitable[Record]]
"""Does the work and settles the claim, if it can: by a record that answers it. Raises ClaimLost."""


def fingerprint(request: "DataclassInstance") -> str:
    """The digest of all that a request says but its id; deadline and view are no part of it anyway."""
    said = asdict(request)
    return digest({name: said[name] for name in sorted(said) if name not in _NAMES})


async def once(
    key: ClaimKey, request: "DataclassInstance", budget: Budget, memory: Memory, clock: Clock, work: Work
) -> Record:
    """The record of the request's work, its own or that of an earlier request with the same key and body.

    A key without id is of a request that is its own every time. Raises RequestIdReused for another body,
    RequestInProgress when the budget ends first, StorageUnavailable where ids cannot be looked up, and what
    the work raises.
    """
    if not key.request_id:
        return await work(None)
    if memory.ids is None or memory.records is None:
        raise StorageUnavailable(f"a request_id needs records, and {NO_RECORDS}")
    body, pauses, waited = fingerprint(request), _pauses(), False
    while True:
        left = budget.remaining(clock.monotonic())
        claim = await _claimed(key, body, memory.ids, left, waited=waited)
        if claim.state is ClaimState.MINE:
            with suppress(ClaimLost):
                return await _worked(claim, memory.ids, budget, clock, work)
        elif claim.state is ClaimState.DONE:
            left = budget.remaining(clock.monotonic())
            with suppress(NotFound):
                return await within(left, memory.records.get(key.tenant, claim.record))
            await within(left, memory.ids.release(claim))  # the record was erased, or its time is over
        else:
            await _rest(next(pauses), budget.remaining(clock.monotonic()))
            waited = True


async def _claimed(key: ClaimKey, body: str, ids: IdempotencyStore, seconds: float, *, waited: bool) -> Claim:
    async def claimed() -> Claim:
        found = await ids.look(key, body) if waited else None
        return found or await ids.claim(key, body, LEASE)

    return await within(seconds, claimed(), RequestInProgress if waited else StorageUnavailable)


async def _worked(claim: Claim, ids: IdempotencyStore, budget: Budget, clock: Clock, work: Work) -> Record:
    """The claim is given back unless a record answers it: after an unscored result, a failure, a
    cancellation. Where that takes too long, its lease runs out."""
    answered = False
    try:
        async with _renewed(claim, ids):
            record = await work(claim)
        answered = record.name != "" and is_answer(record)
        return record
    finally:
        if not answered:
            seconds = max(RELEASING, budget.remaining(clock.monotonic()))
            with suppress(StorageUnavailable):
                await within(seconds, ids.release(claim))


@asynccontextmanager
async def _renewed(claim: Claim, ids: IdempotencyStore) -> AsyncIterator[None]:
    """Keeps the claim from running out meanwhile."""

    async def renewing() -> None:
        while True:
            await asyncio.sleep(RENEWED)
            with suppress(StorageUnavailable):
                await ids.renew(claim, LEASE)

    task = asyncio.create_task(renewing())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _rest(pause: float, seconds: float) -> None:
    """A pause, where there is time for one; else raises RequestInProgress."""
    if pause >= seconds:
        raise RequestInProgress
    await asyncio.sleep(pause)


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)
