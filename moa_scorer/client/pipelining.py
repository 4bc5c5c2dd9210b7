"""Many items over one call after another: what a call left unanswered is sent on the next."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any, Final, Generic, TypeVar

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.client.errors import Unreachable, translated

T = TypeVar("T")

IN_FLIGHT: Final = 256
"""Items sent and not answered, at most: the server's own limit."""
CALLS_IN_VAIN: Final = 5
"""Calls in a row that may end without having answered anything."""
FIRST_PAUSE: Final = 0.1
"""Seconds before the second call in vain; doubled from there."""


class Unanswered(Generic[T]):
    """The items that were taken from the caller and have no answer yet."""

    def __init__(
        self, items: Iterable[T] | AsyncIterable[T], message_of: Callable[[T], pb.ScoreContentRequest]
    ) -> None:
        self._items = _asynchronous(items)
        self._message_of = message_of
        self._waiting: dict[str, pb.ScorePipelineRequest] = {}
        self._unsent: deque[str] = deque()
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._changed = asyncio.Event()
        self._exhausted = False

    @property
    def done(self) -> bool:
        """Whether every item was taken and answered."""
        return self._exhausted and not self._waiting

    async def take(self) -> None:
        """Takes the caller's items, each when there is room; raises what their iteration raises."""
        number = 0
        try:
            async for item in self._items:
                await self._room.acquire()
                message = pb.ScorePipelineRequest(item_id=str(number), request=self._message_of(item))
                self._waiting[message.item_id] = message
                self._unsent.append(message.item_id)
                self._changed.set()
                number += 1
        finally:
            self._exhausted = True
            self._changed.set()

    async def requests(self) -> AsyncIterator[pb.ScorePipelineRequest]:
        """What a new call sends: everything unanswered, then what comes."""
        self._unsent = mine = deque(self._waiting)
        while self._unsent is mine:
            while mine:
                if (message := self._waiting.get(mine.popleft())) is not None:
                    yield message
            if self._exhausted:
                return
            self._changed.clear()
            await self._changed.wait()

    def answered(self, item_id: str) -> bool:
        """Strikes an item off; False for one that was answered before."""
        if self._waiting.pop(item_id, None) is None:
            return False
        self._room.release()
        return True


async def answered(
    method: Callable[..., Any], items: Unanswered[Any]
) -> AsyncGenerator[tuple[int, pb.ScorePipelineResponse], None]:
    """(position, response) of every item, over as many calls as it takes.

    Raises ScorerError, and what the iteration of the items raises once those before are answered.
    """
    taking = asyncio.ensure_future(items.take())
    in_vain = 0
    try:
        while not items.done:
            call = method(items.requests())
            try:
                with translated():
                    async for response in call:
                        in_vain = 0
                        if items.answered(response.item_id):
                            yield int(response.item_id), response
            except Unreachable:
                in_vain += 1
                if in_vain >= CALLS_IN_VAIN:
                    raise
                await asyncio.sleep(FIRST_PAUSE * 2 ** (in_vain - 1))
            finally:
                call.cancel()
        await taking
    finally:
        taking.cancel()
        await asyncio.wait({taking})


async def _asynchronous(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
