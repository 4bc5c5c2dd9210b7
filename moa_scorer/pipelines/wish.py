"""What a process is told while it works on a job."""

import asyncio
from contextlib import suppress
from enum import StrEnum


class Wish(StrEnum):
    """Why to stop."""

    CANCEL = "cancel"
    """Somebody wants the job to end."""
    HAND_BACK = "hand_back"
    """The process ends; another one goes on."""


class Stop:
    """Asks for a stop; the first wish counts."""

    def __init__(self) -> None:
        self.wish: Wish | None = None
        self._asked = asyncio.Event()

    def ask(self, wish: Wish) -> None:
        """From now on nothing new is begun."""
        self.wish = self.wish or wish
        self._asked.set()

    async def wait(self) -> None:
        """Until a stop is asked for."""
        await self._asked.wait()

    async def rest(self, seconds: float) -> None:
        """So long, or until a stop is asked for."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), seconds)
