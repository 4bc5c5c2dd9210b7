"""Answers remembered in Redis, for all processes together. Whatever is wrong with it, an answer is a miss."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Final, TypeVar

from cachetools import TTLCache
from redis.asyncio import Redis
from redis.exceptions import RedisError

from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.record import Record
from moa_scorer.storage.circuit import Circuit, dropped
from moa_scorer.storage.codec import Codec, Damaged, sealed, unsealed
from moa_scorer.telemetry import events

T = TypeVar("T")

PATIENCE: Final = 0.02
"""Seconds after which an answer of Redis is no use any more."""
CONNECT_SECONDS: Final = 0.5
WAITING: Final = 1_000
"""Answers that wait to be written, at most; one more is not remembered."""
ERASED: Final = 100_000
"""Names of erased records that are known, at most."""
PREFIX: Final = "moa-scorer:1:"
"""Of every key; the number changes when what is stored under it does."""

_RECORD: Final = Codec[Record](Record)


class RedisCache:
    """The `Cache` of all processes. Answers are written behind their requests. Close it at the end."""

    def __init__(self, url: str, seconds: float) -> None:
        """`redis://…`, `rediss://…` or `unix://…`; connects to nothing yet. Raises ConfigurationError."""
        try:
            self._redis: Redis = Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS)
        except ValueError:
            raise ConfigurationError(
                ("redis_url: not an address of Redis; use redis://HOST:PORT/0",)
            ) from None
        self._milliseconds = round(seconds * 1e3)
        self._erased: TTLCache[str, bool] = TTLCache(ERASED, seconds)
        self._circuit = Circuit(events.cache_down, events.cache_back)
        self._unwritten: dict[str, Record] = {}
        self._keys: asyncio.Queue[str] = asyncio.Queue(WAITING)
        self._writer: asyncio.Task[None] | None = None

    async def get(self, key: str) -> Record | None:
        """As in the port. An answer whose bytes were written by another version is a miss."""
        record = self._unwritten.get(key)
        if record is None:
            stored = await self._asked(self._redis.get(_answer(key)), PATIENCE)
            record = _decoded(key, stored) if isinstance(stored, bytes) else None
        return None if record is None or record.name in self._erased else record

    async def put(self, key: str, record: Record) -> None:
        """As in the port; it is written soon."""
        self._writer = self._writer or asyncio.create_task(self._write())
        if not self._keys.full():
            self._unwritten[key] = record
            self._keys.put_nowait(key)

    async def forget(self, names: Sequence[str]) -> int:
        """As in the port. These names are misses from now on, even where Redis cannot be told now."""
        self._erased.update(dict.fromkeys(names, True))
        places = [_name(name) for name in names]
        keys = await self._asked(self._redis.mget(places), CONNECT_SECONDS) if places else None
        known = [_answer(key.decode()) for key in keys or () if isinstance(key, bytes)]
        if known:
            await self._asked(self._redis.delete(*places, *known), CONNECT_SECONDS)
        return len(known)

    async def flush(self) -> None:
        """Returns when everything that waited was written, or could not be."""
        await self._keys.join()

    async def aclose(self) -> None:
        """Ends the connections; what waits is not written."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait({self._writer})
        await self._redis.aclose()

    async def _write(self) -> None:
        while True:
            key = await self._keys.get()
            try:
                if key in self._unwritten:
                    await self._written(key, self._unwritten[key])
            finally:
                self._unwritten.pop(key, None)
                self._keys.task_done()

    async def _written(self, key: str, record: Record) -> None:
        if record.name in self._erased:
            return
        try:
            value = sealed(key, _RECORD.encode(record))
        except ValueError:  # a text that UTF-8 cannot hold
            return
        writing = self._redis.pipeline(transaction=False)
        writing.set(_answer(key), value, px=self._milliseconds)
        if record.name:
            writing.set(_name(record.name), key, px=self._milliseconds)
        await self._asked(writing.execute(), CONNECT_SECONDS)

    async def _asked(self, question: Awaitable[T], seconds: float) -> T | None:
        """Redis' answer; None when there is none in time, or Redis is left alone."""
        if self._circuit.is_open():
            dropped(question)
            return None
        try:
            async with asyncio.timeout(seconds):
                answer = await question
        except (RedisError, OSError, TimeoutError) as error:
            self._circuit.failed(type(error).__name__)
            return None
        self._circuit.worked()
        return answer


def _decoded(key: str, stored: bytes) -> Record | None:
    try:
        return _RECORD.decode(unsealed(key, stored))
    except Damaged:
        return None


def _answer(key: str) -> str:
    """`key` is a digest that holds the tenant."""
    return f"{PREFIX}answer:{key}"


def _name(record: str) -> str:
    return f"{PREFIX}record:{record}"
