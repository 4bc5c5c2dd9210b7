"""Leaves a Redis that does not answer alone for a while, and says so once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

FAILURES: Final = 3
"""In a row, after which Redis is left alone for `PAUSE` seconds."""
PAUSE: Final = 1.0


class Down(Protocol):
    """Tells that Redis does not answer."""

    def __call__(self, *, error: str) -> None: ...


class Circuit:
    """Counts failures in a row."""

    def __init__(self, down: Down, back: Callable[[], None]) -> None:
        self._down = down
        self._back = back
        self._failures = 0
        self._until = 0.0

    def is_open(self) -> bool:
        """Whether Redis is left alone now."""
        return time.monotonic() < self._until

    def failed(self, error: str) -> None:
        """A question went without an answer, for an error of this type."""
        self._failures += 1
        if self._failures == FAILURES:
            self._down(error=error)
        if self._failures >= FAILURES:
            self._until = time.monotonic() + PAUSE

    def worked(self) -> None:
        """A question was answered."""
        if self._failures >= FAILURES:
            self._back()
        self._failures = 0


def dropped(question: Awaitable[object]) -> None:
    """A question that is not asked leaves no warning that nobody awaited it."""
    if asyncio.iscoroutine(question):
        question.close()
