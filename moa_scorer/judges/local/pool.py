"""Native and other CPU-bound work in threads, bounded and stoppable."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from time import monotonic
from typing import Final, TypeVar

T = TypeVar("T")

CHUNK_SECONDS: Final = 0.05
"""Longest time a job may work between two looks at its `Stop`."""


class Stopped(Exception):
    """Raised inside a worker thread when nobody waits for the result any more."""


class QueueFull(Exception):
    """The bounded queue before the threads is full: full is an answer, not a wait."""


class PoolClosed(Exception):
    """The threads were ended before the job was done."""


class Stop:
    """A flag that the event loop sets and a worker thread looks at."""

    def __init__(self) -> None:
        self._set = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises Stopped when the flag is set; call it at least every 50 ms of work."""
        if self._set.is_set():
            raise Stopped

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Runs `callback` (quick, thread-safe) when the flag is set, at once if it is already."""
        with self._lock:
            if not self._set.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def set(self) -> None:
        """Asks the job to stop."""
        with self._lock:
            self._set.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()


class Pool:
    """A fixed number of worker threads behind a bounded queue; usable from any number of event loops."""

    def __init__(self, threads: int, queue: int = 256) -> None:
        """`threads` >= 1; `queue` jobs may be waiting or running before `run` raises QueueFull."""
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="judge")
        self._room = queue
        self._jobs: set[Stop] = set()
        self._waiting: dict[Stop, float] = {}
        """Jobs that no thread has begun, in the order in which they came, each with when that was."""
        self._closed = False
        self._lock = threading.Lock()
        self.threads = threads

    async def run(self, job: Callable[[Stop], T]) -> T:
        """Runs `job(stop)` in a thread with the caller's context variables.

        A cancellation sets `stop` and is raised here at once; the thread ends at its next `stop.check()`.
        Raises QueueFull instead of waiting for room, and PoolClosed when `close` came first.
        """
        stop = Stop()
        context = copy_context()

        def work() -> T:
            with self._lock:
                self._waiting.pop(stop, None)
            stop.check()
            return context.run(job, stop)

        future = self._submit(work, stop)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            stop.set()
            if self._closed and not _is_cancelled():
                raise PoolClosed from None
            raise
        except Stopped:
            raise PoolClosed from None

    def longest_wait(self) -> float:
        """Seconds that the job which is next has waited for a thread; 0 where none waits."""
        with self._lock:
            return monotonic() - next(iter(self._waiting.values())) if self._waiting else 0.0

    def _submit(self, work: Callable[[], T], stop: Stop) -> "Future[T]":
        with self._lock:
            if self._closed:
                raise PoolClosed
            if len(self._jobs) >= self._room:
                raise QueueFull
            self._waiting[stop] = monotonic()
            future = self._executor.submit(work)
            self._jobs.add(stop)
        # Outside the lock: a job that is already done calls back at once, in this thread.
        future.add_done_callback(lambda _: self._release(stop))
        return future

    def _release(self, stop: Stop) -> None:
        with self._lock:
            self._jobs.discard(stop)
            self._waiting.pop(stop, None)

    @property
    def jobs(self) -> int:
        """How many wait for a thread or have one."""
        return len(self._jobs)

    def close(self) -> None:
        """Ends the threads; running jobs end at their next check, waiting ones never start."""
        with self._lock:
            self._closed = True
            jobs = tuple(self._jobs)
        for stop in jobs:
            stop.set()
        self._executor.shutdown(wait=False, cancel_futures=True)


def _is_cancelled() -> bool:
    """Whether somebody cancelled the running task, as opposed to the job it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
