"""A job watched until it ends, with a bar; Ctrl-C leaves it where another command can go on."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from google.longrunning import operations_pb2 as lro
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from moa_scorer.api.v1 import job_pb2
from moa_scorer.app.cli.exits import Exit, say
from moa_scorer.app.cli.jobs.places import JobsAt
from moa_scorer.app.cli.jobs.words import counts, metadata_of, outcome

LOOK: Final = 0.3
"""Seconds between two looks at a job."""


class JobBar:
    """Shown only when stderr is a terminal; gone at the end."""

    def __init__(self) -> None:
        columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
        self._bar = Bar(
            *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
        )
        self._task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, progress: job_pb2.JobProgress) -> None:
        """How far the job is."""
        total = progress.total if progress.HasField("total") else None
        self._bar.update(self._task, total=total, completed=progress.done, description=counts(progress))


async def watched(place: JobsAt, name: str, *, works: bool = True) -> Exit:
    """Works on the job, or waits for those who do, until it has ended; then says what came of it."""
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()

    def interrupted() -> None:
        if stopping.is_set():
            os._exit(Exit.INTERRUPTED)
        stopping.set()
        place.hand_back()

    loop.add_signal_handler(signal.SIGINT, interrupted)
    working = asyncio.create_task(place.work(name)) if works else None
    try:
        with JobBar() as bar:
            operation = await _ended(place, name, bar, stopping)
        here = working is not None and await working
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        if working is not None:
            working.cancel()
            await asyncio.wait({working})
    return outcome(operation) if operation.done else _left(await place.get(name), here=here)


async def _ended(place: JobsAt, name: str, bar: JobBar, stopping: asyncio.Event) -> lro.Operation:
    while True:
        operation = await place.get(name)
        bar.show(metadata_of(operation).progress)
        if operation.done or stopping.is_set():
            return operation
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK)


def _left(operation: lro.Operation, *, here: bool) -> Exit:
    """What to do about a job that has not ended."""
    name = operation.name.rpartition("/")[2]
    done = counts(metadata_of(operation).progress)
    if here:
        say(f"stopped: {done}. Nothing is lost; go on with: moa-scorer jobs resume {name}")
    else:
        say(f"the job goes on without this command: {done}. See: moa-scorer jobs show {name}")
    return Exit.INTERRUPTED
