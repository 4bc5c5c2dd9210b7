"""The rows of a file, read a few at a time in a thread."""

import asyncio
from collections import deque
from collections.abc import Generator, Iterator
from itertools import islice
from typing import Final

from moa_scorer.pipelines.rows import Row

AT_A_TIME: Final = 64


class Feed:
    """One row after the other, each looked at before it is taken."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._waiting: deque[Row] = deque()

    async def peek(self) -> Row | None:
        """The next row; None at the end of the file. Raises Unreadable."""
        if not self._waiting:
            self._waiting.extend(await asyncio.to_thread(self._read))
        return self._waiting[0] if self._waiting else None

    def take(self) -> Row:
        """The row that was looked at."""
        return self._waiting.popleft()

    def close(self) -> None:
        """Closes the file."""
        if isinstance(self._rows, Generator):
            self._rows.close()

    def _read(self) -> list[Row]:
        return list(islice(self._rows, AT_A_TIME))
