"""Ports of what outlives a request: records, request ids, remembered answers."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from moa_scorer.domain.errors import DamagedRecord
from moa_scorer.domain.record import Record
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Completion, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimKey:
    """Within what a request id is unique."""

    tenant: Tenant
    scope: str
    """The method, such as `ScoreContent`, or the job, such as `jobs/NAME`."""
    request_id: str


class ClaimState(StrEnum):
    """What is known of a request id."""

    MINE = "mine"
    """Nobody had it: the caller does the work, then `RecordStore.put` or `release`."""
    RUNNING = "running"
    """Another request with the same body is at work on it: ask again."""
    DONE = "done"
    """It was answered; `record` has the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a claim came to."""

    state: ClaimState
    key: ClaimKey
    token: str = ""
    """Proves that a MINE is still the caller's; a lease that ran out was given to another."""
    record: str = ""
    """Name of the record of a DONE."""


class IdempotencyStore(Protocol):
    """Request ids, each worked on by one request at a time, in all processes together."""

    async def claim(self, key: ClaimKey, fingerprint: str, lease: float) -> Claim:
        """Takes the id for `lease` seconds if it is free or its lease ran out.

        Raises RequestIdReused when it belongs to another body, StorageUnavailable.
        """
        ...

    async def look(self, key: ClaimKey, fingerprint: str) -> Claim | None:
        """A RUNNING or a DONE, without writing anything; None = the id is free. Raises as `claim`."""
        ...

    async def renew(self, claim: Claim, lease: float) -> bool:
        """Keeps a MINE for `lease` seconds from now; False = it was given to another, or answered."""
        ...

    async def answer(self, claim: Claim, record: str) -> bool:
        """Settles a MINE with an earlier record; False = it was given to another."""
        ...

    async def release(self, claim: Claim) -> None:
        """Gives a MINE back unanswered, or a DONE whose record is gone, so that a retry tries again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """Which records are meant; everything set must hold, empty = any."""

    tenant: Tenant
    panel: str = ""
    """`name` or `name@version`; the same for the next three."""
    rubric: str = ""
    policy: str = ""
    snapshot: str = ""
    decision: Decision | None = None
    completion: Completion | None = None
    content_id: str = ""
    content_digest: str = ""
    subject: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    """From this instant on."""
    until: datetime | None = None
    """Before this instant."""
    audited: bool | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure reached, in rows."""

    records: int = 0
    request_ids: int = 0
    ratings: int = 0
    job_items: int = 0
    cached: int = 0
    names: tuple[str, ...] = ()
    """Of the records."""


class RecordStore(Protocol):
    """Records on disk. Every method raises StorageUnavailable when the database cannot be reached."""

    async def put(self, record: Record, claim: Claim | None = None) -> bool:
        """Returns when the record is on disk, and with it the answer to the claim.

        False = the claim's lease had been given to another, and nothing was written.
        """
        ...

    async def get(self, tenant: Tenant, name: str) -> Record:
        """Raises NotFound, or DamagedRecord naming the part whose bytes are not those that were written."""
        ...

    async def page(
        self,
        where: RecordFilter,
        size: int,
        after: str = "",
        *,
        newest_first: bool = True,
        damaged: Callable[[DamagedRecord], None] | None = None,
    ) -> Sequence[Record]:
        """At most `size` records that follow the one named `after`.

        Damaged ones are told to `damaged` and skipped; without it the first of them is raised.
        """
        ...

    def scan(
        self, where: RecordFilter, damaged: Callable[[DamagedRecord], None] | None = None
    ) -> AsyncIterator[Record]:
        """Every record, oldest first, in a bounded amount of memory; damaged ones as in `page`."""
        ...

    async def count(self, where: RecordFilter) -> int:
        """How many there are."""
        ...

    async def erase(self, where: RecordFilter) -> Erased:
        """Deletes records and all that hangs on them: request ids, ratings, items of jobs."""
        ...


class ArtefactStore(Protocol):
    """What many records rest on, kept once under its digest: plans, snapshots, reference quantiles.

    Every method raises StorageUnavailable when the database cannot be reached.
    """

    async def has(self, digest: str) -> bool:
        """Whether it is kept."""
        ...

    async def put(self, digest: str, kind: str, content: bytes) -> None:
        """Keeps it, once; `kind` is `plan`, `snapshot`, `reference` …"""
        ...

    async def get(self, digest: str) -> bytes:
        """Raises NotFound, or DamagedRecord when the bytes are not those that were kept."""
        ...


class Cache(Protocol):
    """Answers to be given again. Errors of a cache are misses: no method raises but for cancellation."""

    async def get(self, key: str) -> Record | None:
        """The record remembered under a key."""
        ...

    async def put(self, key: str, record: Record) -> None:
        """Remembers a record for the cache's time to live."""
        ...

    async def forget(self, names: Sequence[str]) -> int:
        """Drops what was remembered of these records; how many there were."""
        ...

    async def aclose(self) -> None:
        """Ends its connections."""
        ...
