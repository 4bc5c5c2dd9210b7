"""After the last round: everything is asked for once more, and nothing may be another."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

import grpc.aio

from moa_scorer.api.v1 import record_pb2
from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.api.v1.record_service_pb2_grpc import RecordServiceStub
from tests.chaos.storage.callers import Callers
from tests.chaos.storage.journal import Journal, Told

AT_ONCE: Final = 12
PAGE: Final = 500
SECONDS: Final = 60.0
"""Deadline of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record as the server lists it."""

    record: str
    """`records/ID`."""
    item: int
    request_id: str
    score: float | None
    """None = unscored."""
    micro_usd: int


async def listed(channel: grpc.aio.Channel) -> list[Kept]:
    """Every record, page by page."""
    stub, found, token = RecordServiceStub(channel), list[Kept](), ""
    while True:
        request = pb.ListRecordsRequest(page_size=PAGE, page_token=token, order=pb.RECORD_ORDER_OLDEST_FIRST)
        page = await stub.ListRecords(request, timeout=SECONDS)
        assert not page.damaged, f"damaged records: {page.damaged}"
        found += [_kept(record) for record in page.records]
        if not (token := page.next_page_token):
            return found


def _kept(record: record_pb2.Record) -> Kept:
    scored = record.answer.scored
    return Kept(
        record=record.name,
        item=int(record.request.content.id.removeprefix("item-")),
        request_id=record.request.request_id,
        score=scored.score if record.answer.WhichOneof("result") == "scored" else None,
        micro_usd=record.answer.cost.micro_usd,
    )


@dataclass(slots=True, kw_only=True)
class Inspection:
    """Repeats and replays, bounded in flight."""

    callers: Callers
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def repeat(self, items: Iterable[int]) -> None:
        """Asks again about items that are answered."""
        await asyncio.gather(*(self._repeat(item) for item in items))

    async def replay(self, records: Iterable[str]) -> None:
        """Replays each of them."""
        await asyncio.gather(*(self._replay(record) for record in records))

    async def _repeat(self, item: int) -> None:
        async with self.gate:
            await self.callers.ask(item, again=True)

    async def _replay(self, record: str) -> None:
        async with self.gate:
            await self.callers.look(record)


def told_items(journal: Journal, in_round: int | None = None) -> list[int]:
    """Items that were answered, in that round or in any."""
    return list(dict.fromkeys(e.item for e in journal.of(Told) if in_round in (None, e.round)))


def told_records(journal: Journal, in_round: int | None = None) -> list[str]:
    """Records that were named, likewise."""
    return list(dict.fromkeys(e.record for e in journal.of(Told) if in_round in (None, e.round)))


def some(random: Random, of: Sequence[int], count: int) -> Sequence[int]:
    """At most so many of them."""
    return random.sample(of, min(count, len(of)))
