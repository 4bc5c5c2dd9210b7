"""A bar on stderr while many items are scored; nothing where nobody looks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar


class Progress:
    """Shown only when stderr is a terminal; gone at the end."""

    def __init__(self, total: int | None, what: str = "scoring") -> None:
        """`total` items; None = unknown. `what` is being done to them."""
        columns = (
            SpinnerColumn(),
            TextColumn(what),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(
            *columns,
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task(what, total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def advance(self) -> None:
        """One more item is done."""
        self.advance_by(1)

    def advance_by(self, count: int) -> None:
        """So many more items are done."""
        self._bar.advance(self._task, count)

    @contextmanager
    def paused(self, *, stderr: bool) -> Iterator[None]:
        """Takes the bar off the screen while stdout, or where it says so stderr, is written to."""
        together = not self._bar.disable and (stderr or sys.stdout.isatty())
        if together:
            self._bar.stop()
        yield
        if together:
            self._bar.start()
