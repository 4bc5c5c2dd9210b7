"""The very same message again: while its answer is remembered, it is answered without being read again."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final

from cachetools import LRUCache

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.contract.access import tenant
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.scoring.saying import say_scored

KNOWN: Final = 1_024
"""Messages that are known, at most: each holds its record, also one that the cache has let go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repeat:
    """What a message comes to, as long as all this is the same."""

    catalog: Catalog
    day: date
    """On which the standing of the snapshot was looked at."""
    key: str
    """Of the cache."""
    record: str
    """Name of what the cache has under it."""
    again: Record
    """What it was answered from."""
    answer: pb.ScoreContentResponse


class Repeats:
    """Messages that one server answered from its cache before, by their bytes and their tenant."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._known: LRUCache[bytes, _Repeat] = LRUCache(KNOWN)

    async def told(self, message: pb.ScoreContentRequest) -> pb.ScoreContentResponse | None:
        """The answer as it was given before; None where anything has changed that it depends on.

        It is an item of the tenant's quota; raises QuotaExceeded, StorageUnavailable.
        """
        started = self._pipeline.clock.monotonic()
        repeat = self._known.get(_place(message))
        cache = self._pipeline.memory.cache
        if repeat is None or cache is None or repeat.catalog is not self._pipeline.catalog:
            return None
        if repeat.day != self._today():
            return None
        first = await cache.get(repeat.key)
        if first is None or first.name != repeat.record:
            return None
        async with self._pipeline.quotas.item(tenant()):
            say_scored(repeat.again, self._pipeline.clock.monotonic() - started)
        return repeat.answer

    async def learn(
        self, message: pb.ScoreContentRequest, again: Record, answer: pb.ScoreContentResponse
    ) -> None:
        """Remembers how a message was answered, where the answer is that of the record that was first.

        Not where a time is told with it, nor a request with an id: that is settled in the database.
        """
        cache = self._pipeline.memory.cache
        if again.cache is not CacheUse.HIT or message.view == pb.VIEW_FULL or message.request_id:
            return
        key = self._pipeline.key(again.request)
        first = await cache.get(key) if cache is not None else None
        if first is not None and again.name == first.name != "":
            self._known[_place(message)] = _Repeat(
                catalog=self._pipeline.catalog,
                day=self._today(),
                key=key,
                record=first.name,
                again=again,
                answer=answer,
            )

    def _today(self) -> date:
        return self._pipeline.clock.now().date()


def _place(message: pb.ScoreContentRequest) -> bytes:
    said = message.SerializeToString(deterministic=True)
    return sha256(f"{tenant()}\0".encode() + said).digest()
