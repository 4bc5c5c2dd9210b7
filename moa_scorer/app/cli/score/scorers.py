"""Scoring in this process or on a server, with the same results."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from moa_scorer.api.v1.scoring_service_pb2 import StreamScoreContentRequest
from moa_scorer.app.cli.options import log_quietly
from moa_scorer.app.cli.score.items import Line
from moa_scorer.app.cli.server_words import refusal
from moa_scorer.app.servers import client_of
from moa_scorer.client import (
    DeadlineExceeded,
    Event,
    Item,
    Result,
    ScorerError,
    Unreachable,
    View,
)
from moa_scorer.client.messages import event_of, result_of
from moa_scorer.client.requests import message_of
from moa_scorer.domain.errors import BudgetTooSmall, InvalidRequest, MoaError

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings

REMOTE_AT_ONCE: Final = 8
"""Calls in flight to a server."""
PATIENCE: Final = 60.0
"""Seconds to wait for a server's answer to an item without a budget."""


class Scorer(Protocol):
    """Where items are scored."""

    @property
    def at_once(self) -> int:
        """Items worked on at a time."""
        ...

    async def score(self, item: Item, view: View) -> Result:
        """Raises MoaError or ScorerError when the item cannot be served."""
        ...


class StreamingScorer(Scorer, Protocol):
    """One that can tell what happens while an item is scored."""

    def stream(self, item: Item, view: View) -> AsyncGenerator[Event, None]:
        """As `score`: the plan, ballots, provisional results, and last the result."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A scorer whose every event somebody hears."""

    scorer: StreamingScorer
    heard: Callable[[Event], None]
    at_once: int = 1

    async def score(self, item: Item, view: View) -> Result:
        """As in `Scorer`."""
        async with aclosing(self.scorer.stream(item, view)) as events:
            async for event in events:
                self.heard(event)
                if isinstance(event, Result) and event.completion != "provisional":
                    return event
        raise RuntimeError("the stream ended without a verdict")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a line."""

    line: Line
    result: Result | None
    """None when the line or the item was rejected."""
    mistake: str = ""
    late: bool = False
    """The server did not answer in time."""
    unreachable: bool = False


@asynccontextmanager
async def local_scorer(settings: "Settings", warm: str | None = None) -> AsyncIterator[StreamingScorer]:
    """Scores in this process. Models are loaded when the first item needs them, or before when `warm` names
    a panel. Raises ConfigurationError, and NotFound for that panel."""
    from moa_scorer.app.compose import Application, compose
    from moa_scorer.contract.calls import score_content, stream_score_content

    class Local:
        at_once = 2 * settings.threads()

        def __init__(self, application: Application) -> None:
            self._application = application

        async def score(self, item: Item, view: View) -> Result:
            pipeline, limits = self._application.pipeline, self._application.limits
            return result_of(await score_content(pipeline, message_of(item, view), None, limits))

        async def stream(self, item: Item, view: View) -> AsyncGenerator[Event, None]:
            request = StreamScoreContentRequest(request=message_of(item, view))
            pipeline, limits = self._application.pipeline, self._application.limits
            async with aclosing(stream_score_content(pipeline, request, None, limits)) as messages:
                async for message in messages:
                    if (event := event_of(message)) is not None:
                        yield event

    log_quietly(settings)
    application = compose(settings)
    try:
        if warm is not None:
            await application.warm(warm)
        yield Local(application)
    finally:
        await application.aclose()


@asynccontextmanager
async def remote_scorer(target: str) -> AsyncIterator[StreamingScorer]:
    """Scores on the server at `target`."""

    class Remote:
        at_once = REMOTE_AT_ONCE

        async def score(self, item: Item, view: View) -> Result:
            return await client.score(item, view=view, deadline=_patience(item))

        def stream(self, item: Item, view: View) -> AsyncGenerator[Event, None]:
            return client.stream(item, view=view, deadline=_patience(item))

    async with client_of(target) as client:
        yield Remote()


def _patience(item: Item) -> float:
    return PATIENCE if item.budget is None else item.budget + 1.0


async def score_all(lines: Iterator[Line], scorer: Scorer, view: View) -> AsyncGenerator[Outcome, None]:
    """One outcome for each line, in order, a few at a time; ends early when the server is unreachable."""
    flying: deque[asyncio.Task[Outcome]] = deque()
    try:
        while True:
            while len(flying) < scorer.at_once and (line := next(lines, None)) is not None:
                flying.append(asyncio.create_task(_outcome(line, scorer, view)))
            if not flying:
                return
            outcome = await flying[0]
            flying.popleft()
            yield outcome
            if outcome.unreachable:
                return
    finally:
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)


async def _outcome(line: Line, scorer: Scorer, view: View) -> Outcome:
    if line.item is None:
        return Outcome(line=line, result=None, mistake=line.mistake)
    return await outcome_of(line, scorer.score(line.item, view))


async def outcome_of(line: Line, answer: Awaitable[Result]) -> Outcome:
    """What becomes of a line by its answer: what a caller can mend is told, bugs are raised."""
    try:
        return Outcome(line=line, result=await answer)
    except Unreachable as error:
        return Outcome(line=line, result=None, mistake=str(error), unreachable=True)
    except (DeadlineExceeded, BudgetTooSmall) as error:
        return Outcome(line=line, result=None, mistake=str(error), late=True)
    except (MoaError, ScorerError) as error:
        return Outcome(line=line, result=None, mistake=_words(error))
    except UnicodeEncodeError:
        return Outcome(line=line, result=None, mistake="holds characters that are not valid Unicode text")


def _words(error: MoaError | ScorerError) -> str:
    """The violations where there are any, with fields as the item has them; else the message."""
    said = refusal(error) if isinstance(error, ScorerError) else str(error)
    violations = error.violations if isinstance(error, InvalidRequest) else getattr(error, "violations", ())
    return "; ".join(f"{v.field.removeprefix('request.')}: {v.description}" for v in violations) or said
