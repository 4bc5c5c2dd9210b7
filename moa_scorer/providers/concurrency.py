"""How many requests an endpoint is sent at once: found out by trying.

The limit rises by a step a round of answers and falls by half of the share that came back rate-limited or
too late, as in DCTCP (Alizadeh et al. 2010): a few such answers hardly slow a healthy endpoint, many of them
halve the limit each round. asyncio.Semaphore has a fixed size, and no kept-up library of adaptive limits was
found for Python.
"""

import asyncio
from collections import OrderedDict
from typing import Final

ROUNDS_TO_THE_TOP: Final = 16
"""Rounds without trouble in which the limit rises from one to the most."""


class Slots:
    """At most `limit` requests at a time, the others in the order in which they came; one event loop."""

    def __init__(self, most: int, spare: int = 0) -> None:
        """`spare` slots, fewer than `most`, are kept for those who must not wait."""
        self._spare = spare
        self._most = most - spare
        self._limit = float(self._most)
        self._taken = 0
        self._waiting: OrderedDict[asyncio.Future[None], None] = OrderedDict()
        self._answers = 0
        self._troubles = 0

    @property
    def limit(self) -> int:
        """Requests that may be in flight beside those on spare slots, in [1, most - spare]."""
        return int(self._limit)

    @property
    def taken(self) -> int:
        """Slots in use."""
        return self._taken

    def take(self) -> bool:
        """Takes a slot if one is free and nobody waits; every slot is given back by `leave`."""
        if self._waiting or self._taken >= self.limit:
            return False
        self._taken += 1
        return True

    def take_spare(self) -> bool:
        """Takes a slot past those who wait, a spare one if need be."""
        if self._taken >= self.limit + self._spare:
            return False
        self._taken += 1
        return True

    async def wait(self) -> None:
        """Waits in turn for a slot, which is then taken; cancelled, it leaves queue and slot behind."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting[turn] = None
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # the slot came in the same instant: pass it on
            self._waiting.pop(turn, None)
            raise

    def leave(self) -> None:
        """Gives a slot back and calls up who waits."""
        self._taken -= 1
        self._call_up()

    def answered(self, *, trouble: bool) -> None:
        """One request came back; in trouble = rate-limited or too late. Ends a round of `limit` of them."""
        self._answers += 1
        self._troubles += trouble
        if self._answers >= self._limit:
            self._end_round()

    def _end_round(self) -> None:
        share = self._troubles / self._answers
        self._answers = self._troubles = 0
        rise = (1 - share) * max(1.0, self._most / ROUNDS_TO_THE_TOP)
        self._limit = min(float(self._most), max(1.0, self._limit * (1 - share / 2) + rise))
        self._call_up()

    def _call_up(self) -> None:
        while self._waiting and self._taken < self.limit:
            turn, _ = self._waiting.popitem(last=False)
            if not turn.done():
                self._taken += 1
                turn.set_result(None)
