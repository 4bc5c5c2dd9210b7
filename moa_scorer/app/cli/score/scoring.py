"""What `moa-scorer score` does: read, score, write, and sum up in the exit status."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moa_scorer.app.cli.exits import Exit, say, told
from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.cli.score.items import STDIN, Line, count_lines, json_lines, read_text
from moa_scorer.app.cli.score.scorers import (
    Outcome,
    Scorer,
    StreamingScorer,
    Watched,
    local_scorer,
    remote_scorer,
    score_all,
)
from moa_scorer.app.cli.score.watch import Watch
from moa_scorer.app.cli.score.writers import Writer, writer
from moa_scorer.client import Item, View

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the texts come from; exactly one is set."""

    text: str | None = None
    """The text itself, or - for stdin."""
    file: str | None = None
    jsonl: str | None = None

    @property
    def many(self) -> bool:
        return self.jsonl is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The command line, read."""

    source: Source
    output: str
    """table, json or jsonl."""
    view: View
    server: str | None
    """None = in this process, by `settings`."""
    settings: "Settings | None"


@dataclass(slots=True)
class Tally:
    """What happened, for the exit status."""

    rejected: int = 0
    unscored: int = 0
    late: int = 0
    unreachable: bool = False

    def add(self, outcome: Outcome) -> None:
        """Counts one line."""
        self.unreachable |= outcome.unreachable
        self.late += outcome.late
        self.rejected += outcome.result is None and not (outcome.late or outcome.unreachable)
        self.unscored += outcome.result is not None and outcome.result.completion == "unscored"

    def code(self) -> Exit:
        """The worst of what happened."""
        if self.unreachable or self.late:
            return Exit.UNREACHABLE
        if self.rejected:
            return Exit.REJECTED
        return Exit.UNSCORED if self.unscored else Exit.OK


def run(asked: Asked, defaults: Item) -> Exit:
    """Scores everything; `defaults` holds for every item that does not say otherwise. Raises BadInput."""
    with told(), _lines(asked.source, defaults) as lines:
        return asyncio.run(_run(asked, lines, defaults))


@contextmanager
def _lines(source: Source, defaults: Item) -> Iterator[Iterator[Line]]:
    if source.jsonl is not None:
        with json_lines(source.jsonl, defaults) as lines:
            yield lines
        return
    named = source.file or (STDIN if source.text == STDIN else None)
    text = read_text(named) if named is not None else source.text or ""
    yield iter([Line(number=0, item=replace(defaults, text=text))])


def _scorer(asked: Asked, defaults: Item) -> AbstractAsyncContextManager[StreamingScorer]:
    """A budget is for judging, not for loading models: with one, they are loaded before."""
    if asked.server is not None:
        return remote_scorer(asked.server)
    assert asked.settings is not None, "without a server there are settings"
    return local_scorer(asked.settings, None if defaults.budget is None else defaults.panel)


async def _run(asked: Asked, lines: Iterator[Line], defaults: Item) -> Exit:
    tally = Tally()
    with writer(asked.output, sys.stdout, many=asked.source.many) as out, _display(asked) as display:
        async with _scorer(asked, defaults) as streaming:
            async for outcome in score_all(lines, _watched(streaming, display), asked.view):
                tally.add(outcome)
                _write(asked, outcome, out, display)
                display.advance()
    return tally.code()


def _display(asked: Asked) -> Progress | Watch:
    """A bar over many items, or the judges of one at work."""
    return Progress(count_lines(asked.source.jsonl)) if asked.source.jsonl else Watch(asked.view)


def _watched(scorer: StreamingScorer, display: Progress | Watch) -> Scorer:
    """The scorer, and where somebody looks at the display of its only item, the display hears its events."""
    if isinstance(display, Watch) and display.seen:
        return Watched(scorer=scorer, heard=display.heard)
    return scorer


def _write(asked: Asked, outcome: Outcome, out: Writer, progress: Progress | Watch) -> None:
    with progress.paused(stderr=outcome.result is None):
        out.write(outcome)
        if outcome.result is None:
            where = f"{asked.source.jsonl}:{outcome.line.number}: " if outcome.line.number else ""
            stopped = "; stopped here" if outcome.unreachable and outcome.line.number else ""
            say(f"{where}{_reason(asked, outcome)}{stopped}")


def _reason(asked: Asked, outcome: Outcome) -> str:
    if outcome.unreachable:
        return f"cannot reach {asked.server}: {outcome.mistake}"
    return outcome.mistake
