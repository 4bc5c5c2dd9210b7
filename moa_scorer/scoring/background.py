"""Work that no request waits for: bounded, and ended with its owner."""

import asyncio
from collections.abc import Coroutine, Hashable
from typing import Any


class Background:
    """Tasks, each under a key. Close it at the end."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    def has_room_for(self, key: Hashable, at_once: int) -> bool:
        """Whether fewer than so many are at work, and none of them under that key."""
        return len(self._tasks) < at_once and key not in self._tasks

    def start(self, key: Hashable, work: Coroutine[Any, Any, Any]) -> None:
        """Begins the work, which tells its own failures."""
        task = self._tasks[key] = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def settled(self) -> None:
        """Until all that was begun so far has ended."""
        if self._tasks:
            await asyncio.wait(set(self._tasks.values()))

    async def aclose(self) -> None:
        """Cancels everything, and returns when it has ended."""
        for task in self._tasks.values():
            task.cancel()
        await self.settled()
