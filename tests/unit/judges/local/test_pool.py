import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar

import pytest

from moa_scorer.judges.local.pool import Pool, PoolClosed, QueueFull, Stop, Stopped

WHO: ContextVar[str] = ContextVar("who", default="nobody")


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(threads=1, queue=2)
    yield made
    made.close()


async def until(holds: Callable[[], bool]) -> None:
    """Waits up to five seconds for something that another thread does."""
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never happened")


class Busy:
    """A job that works in small chunks until it is stopped, and remembers when."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.stopped_at = 0.0

    def __call__(self, stop: Stop) -> None:
        self.started.set()
        try:
            while True:
                sum(range(2000))
                stop.check()
        except Stopped:
            self.stopped_at = time.monotonic()
            raise


async def test_a_result_comes_back_with_the_callers_context(pool: Pool) -> None:
    WHO.set("caller")
    assert await pool.run(lambda _: WHO.get()) == "caller"


async def test_a_jobs_own_error_reaches_the_caller(pool: Pool) -> None:
    def fail(_: Stop) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await pool.run(fail)


async def stop_latency(pool: Pool) -> float:
    """Seconds from a cancellation to the end of the work in the thread."""
    busy = Busy()
    task = asyncio.create_task(pool.run(busy))
    await until(busy.started.is_set)
    cancelled_at = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: busy.stopped_at > 0)
    return busy.stopped_at - cancelled_at


async def test_a_cpu_bound_job_stops_within_50_ms_of_a_cancellation(pool: Pool) -> None:
    assert min([await stop_latency(pool) for _ in range(3)]) < 0.05


async def test_the_event_loop_stays_awake_while_a_job_works(pool: Pool) -> None:
    busy = Busy()
    task = asyncio.create_task(pool.run(busy))
    await until(busy.started.is_set)
    ticks = 0
    for _ in range(20):
        await asyncio.sleep(0.001)
        ticks += 1
    assert ticks == 20
    assert not task.done()
    task.cancel()


async def test_a_full_queue_is_an_answer_and_room_comes_back(pool: Pool) -> None:
    gate = threading.Event()
    tasks = [asyncio.create_task(pool.run(lambda _: gate.wait(5))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull):
        await pool.run(lambda _: None)
    gate.set()
    await asyncio.gather(*tasks)
    assert await pool.run(lambda _: "room") == "room"


async def test_a_cancelled_job_that_waits_in_the_queue_never_starts(pool: Pool) -> None:
    gate = threading.Event()
    ran: list[str] = []
    first = asyncio.create_task(pool.run(lambda _: gate.wait(5)))
    second = asyncio.create_task(pool.run(lambda _: ran.append("second")))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.set()
    await first
    assert await pool.run(lambda _: ran) == []


def test_room_comes_back_even_when_the_event_loop_has_ended() -> None:
    pool = Pool(threads=1, queue=1)
    gate = threading.Event()

    async def abandon() -> None:
        task = asyncio.create_task(pool.run(lambda _: gate.wait(5)))
        await asyncio.sleep(0.01)
        task.cancel()

    async def again() -> str:
        for _ in range(500):
            try:
                return await pool.run(lambda _: "room")
            except QueueFull:
                await asyncio.sleep(0.01)
        raise AssertionError("the room was lost")

    asyncio.run(abandon())
    gate.set()
    assert asyncio.run(again()) == "room"
    pool.close()


async def test_closing_stops_running_and_waiting_jobs_and_says_so(pool: Pool) -> None:
    busy = Busy()
    running = asyncio.create_task(pool.run(busy))
    waiting = asyncio.create_task(pool.run(lambda _: None))
    await until(busy.started.is_set)
    pool.close()
    with pytest.raises(PoolClosed):
        await running
    with pytest.raises(PoolClosed):
        await waiting
    with pytest.raises(PoolClosed):
        await pool.run(lambda _: None)
    assert busy.stopped_at > 0


def test_a_stop_runs_its_callbacks_once_and_late_ones_at_once() -> None:
    stop = Stop()
    calls: list[str] = []
    stop.on_stop(lambda: calls.append("early"))
    stop.check()
    stop.set()
    stop.set()
    stop.on_stop(lambda: calls.append("late"))
    assert calls == ["early", "late"]
    with pytest.raises(Stopped):
        stop.check()
