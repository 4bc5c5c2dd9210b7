"""Transactions on a file that a cancelled caller leaves in good order.

SQLAlchemy gives up a connection that is interrupted in the middle of a statement. Of SQLite's, something
stays behind that keeps the file open, and locked if it was writing, until the garbage collector comes upon
it: so long nobody else writes. Here a statement that was begun comes to its end, and then its transaction is
undone, whether or not anybody still waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Dialect, Executable
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncResult

T = TypeVar("T")


class Unbroken:
    """What callers use of an AsyncConnection. One statement at a time."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._at_work: asyncio.Future[Any] | None = None

    @property
    def dialect(self) -> Dialect:
        """As AsyncConnection's; so are all others."""
        return self._connection.dialect

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        return await self._to_its_end(self._connection.execute(statement, parameters))

    async def scalar(self, statement: Executable) -> Any:
        return await self._to_its_end(self._connection.scalar(statement))

    async def run_sync(self, work: Callable[..., T], *arguments: Any) -> T:
        return await self._to_its_end(self._connection.run_sync(work, *arguments))

    async def stream(self, statement: Executable) -> AsyncResult[Any]:
        """Of this alone the rows are fetched one by one, and may be interrupted: nothing for a caller who
        may leave."""
        return await self._connection.stream(statement)

    async def end(self, *, commit: bool) -> None:
        """Commits or undoes, after the statement that is at work."""
        if self._at_work is not None:
            await asyncio.wait({self._at_work})
        try:
            if commit:
                await self._connection.commit()
        finally:
            await self._connection.close()

    async def _to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        self._at_work = asyncio.ensure_future(work)
        return cast(T, await asyncio.shield(self._at_work))


class Transactions:
    """What callers have left, of one event loop. Close it before the engines."""

    def __init__(self) -> None:
        self._ending: set[asyncio.Task[Any]] = set()

    @asynccontextmanager
    async def of(self, engine: AsyncEngine, *, commit: bool) -> AsyncIterator[AsyncConnection]:
        """A transaction, undone by an exception; one that is committed at its end begins at once."""
        connection = Unbroken(await self._connected(engine, begin=commit))
        try:
            yield cast(AsyncConnection, connection)
        except BaseException:
            await asyncio.shield(self._task(connection.end(commit=False)))
            raise
        await asyncio.shield(self._task(connection.end(commit=commit)))

    async def aclose(self) -> None:
        """When all are over."""
        while self._ending:
            await asyncio.wait(self._ending)

    async def _connected(self, engine: AsyncEngine, *, begin: bool) -> AsyncConnection:
        """A connection; one that comes too late for its caller goes back."""

        async def connect() -> AsyncConnection:
            connection = await engine.connect()
            if not begin:
                return connection
            try:
                await connection.begin()
            except BaseException:
                await connection.close()
                raise
            return connection

        async def give_back() -> None:
            await (await connecting).close()

        connecting = self._task(connect())
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            self._task(give_back())
            raise

    def _task(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.ensure_future(work)
        self._ending.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        """What a caller who left does not hear of, nobody does: it was undone."""
        self._ending.discard(task)
        if not task.cancelled():
            task.exception()
