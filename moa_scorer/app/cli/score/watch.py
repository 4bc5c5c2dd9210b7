"""The judges of one item at work, on stderr: who has said what, who is waited for; gone at the end."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from moa_scorer.app.cli.marks import visible
from moa_scorer.client import Ballot, Event, Plan, Result, View

REFRESHES: Final = 8
"""Drawn anew so many times a second."""


class Watch:
    """Shown only when stderr is a terminal."""

    def __init__(
        self,
        view: View = "ballots",
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`view` is what the stream is asked for: without ballots only the number of answers is known."""
        self._by_judge = view in ("ballots", "full")
        self.seen = sys.stderr.isatty() if console is None else console.is_terminal
        self._clock = clock
        self._started = clock()
        self._spinner = Spinner("dots")
        self._plan: Plan | None = None
        self._ballots: dict[str, Ballot] = {}
        self._score: float | None = None
        self._answered = 0
        self._live = Live(
            console=console or Console(stderr=True),
            get_renderable=self.shown,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=REFRESHES,
        )

    def __enter__(self) -> Self:
        if self.seen:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def heard(self, event: Event) -> None:
        """Takes in what a stream tells."""
        if isinstance(event, Plan):
            self._plan = event
        elif isinstance(event, Ballot):
            self._ballots[event.judge] = event
        else:
            self._hear_result(event)

    def _hear_result(self, result: Result) -> None:
        self._answered = result.answered
        if result.is_scored:
            self._score = result.score

    def advance(self) -> None:
        """The only item is done: there is nothing more to show."""

    @contextmanager
    def paused(self, *, stderr: bool) -> Iterator[None]:  # noqa: ARG002 - as a `Progress` takes it
        """Takes the judges off the screen for good: what comes now is the answer."""
        self._live.stop()
        yield

    def shown(self) -> RenderableType:
        """What stands on the screen now."""
        self._spinner.update(text=self._headline())
        if self._plan is None or not self._by_judge:
            return self._spinner
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column()
        table.add_column()
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        layers = self._plan.layers
        for number, layer in enumerate(layers, start=1):
            if len(layers) > 1 and layer.judges:
                table.add_row(Text(f"layer {number}", "dim"))
            for judge in layer.judges:
                table.add_row(Text(f"  {visible(judge)}"), *_said(self._ballots.get(judge)))
        return Group(self._spinner, table)

    def _headline(self) -> Text:
        line = Text(f"{self._clock() - self._started:.0f} s", "dim")
        if self._plan is None:
            return Text("scoring  ") + line
        asked = set(self._plan.judges)
        spoken = len(asked & self._ballots.keys()) if self._by_judge else self._answered
        line.append(f"  {spoken} of {len(asked)} judges")
        if self._score is not None:
            line.append(f"  {self._score:.3f} so far", "bold")
        return line


def _said(ballot: Ballot | None) -> tuple[Text, Text]:
    if ballot is None:
        return Text("…", "dim"), Text()
    if ballot.abstention is not None:
        return Text(f"abstains: {ballot.abstention.reason}", "yellow"), Text()
    scores = [answer.score for answer in ballot.answers if answer.score is not None]
    words = " ".join(visible(ballot.critique).split())
    return Text(" ".join(f"{score:.2f}" for score in scores), "cyan"), Text(words, "dim")
