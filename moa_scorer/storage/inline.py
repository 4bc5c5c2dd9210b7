"""Asynchronous work on a connection, done in one go in another thread: one change of threads a transaction.

An asynchronous SQLite driver changes threads for every call, a dozen times a transaction; each time it waits
until the event loop lets go of the interpreter, which a busy one does every few milliseconds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, CursorResult, Dialect, Engine, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

Work = Callable[[AsyncConnection], Awaitable[T]]
"""Awaits nothing but the connection, and of it nothing but `execute`."""


class InlineConnection:
    """What `Work` needs of an AsyncConnection, over one that answers at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """As AsyncConnection's."""
        return self._connection.execute(statement, parameters)


class InlineWriter:
    """One thread that writes, with a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="records")

    async def write(self, work: Work[T]) -> T:
        """Does the work in one transaction; it goes on when the caller is cancelled."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._in_thread, work)

    async def aclose(self) -> None:
        """Ends the thread after what it is at."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown(wait=False)

    def _in_thread(self, work: Work[T]) -> T:
        with self._engine.begin() as connection:
            return finished(work(cast(AsyncConnection, InlineConnection(connection))))


def finished(work: Awaitable[T]) -> T:
    """The result of work that never waits; raises RuntimeError where it does."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("work on a connection may await the connection only")
