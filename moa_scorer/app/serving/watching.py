"""What the sentry of a process finds, made known to all: in the state files, in the catalogue, in the log."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from moa_scorer.app.calibrating import SNAPSHOTS
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import OpenAlarm, OpenDoubt, SnapshotState
from moa_scorer.domain.judge_state import JudgeStates
from moa_scorer.learning.loop.alone import alone_in
from moa_scorer.learning.loop.promotion import Act, Shelf, open_alarms, open_doubts, open_shelf
from moa_scorer.learning.loop.sentry import Found, Sentry
from moa_scorer.telemetry import events

if TYPE_CHECKING:
    from moa_scorer.app.compose import Application

LOOK: Final = 10.0
"""Seconds between two looks of the sentry."""
STATES: Final = 2.0
"""Seconds between two looks at what operators decided about judges."""
WHO: Final = "sentry"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What was found about the snapshots of one name."""

    snapshot: Snapshot
    alarms: tuple[OpenAlarm, ...]
    doubts: tuple[OpenDoubt, ...]


class Watching:
    """The steps of watching, for one server process."""

    def __init__(self, application: "Application", sentry: Sentry) -> None:
        self._application = application
        self._sentry = sentry

    async def look(self) -> None:
        """Looks at the answers since the last look, and makes known what is found."""
        app = self._application
        snapshots = {s.revision: s for s in app.catalog.snapshots}
        found = await asyncio.to_thread(self._sentry.look, snapshots)
        since = app.pipeline.clock.now().astimezone(UTC).isoformat(timespec="seconds")
        for news in news_of(found, snapshots, since):
            await self._make_known(news, since)
        if (states := app.pipeline.memory.judge_states) is not None and found.models:
            await self._keep_models(states, found.models)

    async def refresh(self) -> None:
        """Takes over what operators decided about judges, and which models judges are known by."""
        app = self._application
        store = app.pipeline.memory.judge_states
        if store is None:
            return
        states, now = {state.judge: state for state in await store.all()}, app.pipeline.clock.now()
        self._sentry.knows({judge: state.model for judge, state in states.items() if state.model})
        told = {judge: state for judge, state in states.items() if state.holds(now)}
        if told != app.pipeline.catalog.judge_states:
            app.pipeline.catalog = replace(app.pipeline.catalog, judge_states=told)

    async def _make_known(self, news: News, since: str) -> None:
        app, name = self._application, news.snapshot.name
        beside = [s for s in app.catalog.snapshots if s.name == name]
        on_disk = await _on_disk(app.settings.catalog_dir, name, beside, news, since)
        state = on_disk or with_news(app.catalog.states.get(name, SnapshotState()), news)
        catalog = app.pipeline.catalog
        app.pipeline.catalog = replace(catalog, states={**catalog.states, name: state})
        for alarm in (each for each in news.alarms if each in state.alarms):
            events.judge_drifts(snapshot=name, judge=alarm.judge, what=alarm.what, kept=bool(on_disk))
        for doubt in (each for each in news.doubts if each in state.doubts):
            events.source_drifts(snapshot=name, source=doubt.source, what=doubt.what, kept=bool(on_disk))

    async def _keep_models(self, states: JudgeStates, models: Mapping[str, str]) -> None:
        now = self._application.pipeline.clock.now()
        for judge, model in models.items():
            await states.know(judge, model, now)


def news_of(found: Found, snapshots: Mapping[str, Snapshot], since: str) -> tuple[News, ...]:
    """What was found, by snapshot; at most one alarm a judge and one doubt a source."""
    alarms: dict[str, dict[str, OpenAlarm]] = {}
    doubts: dict[str, dict[str, OpenDoubt]] = {}
    for one in found.judges:
        alarm = OpenAlarm(judge=one.judge, since=since, what=one.what)
        alarms.setdefault(one.snapshot, {}).setdefault(one.judge, alarm)
    for other in found.sources:
        doubt = OpenDoubt(source=other.source, since=since, what=other.what)
        doubts.setdefault(other.snapshot, {}).setdefault(other.source, doubt)
    return tuple(
        News(
            snapshot=snapshots[revision],
            alarms=tuple(alarms.get(revision, {}).values()),
            doubts=tuple(doubts.get(revision, {}).values()),
        )
        for revision in sorted({*alarms, *doubts})
    )


async def _on_disk(
    catalog_dir: Path | None, name: str, beside: Sequence[Snapshot], news: News, since: str
) -> SnapshotState | None:
    """As `recorded`; None where there is nowhere to write, as in a mounted ConfigMap."""
    if catalog_dir is None:
        return None
    with suppress(OSError):
        return await asyncio.to_thread(recorded, catalog_dir / SNAPSHOTS, name, beside, news, since)
    return None


def recorded(folder: Path, name: str, beside: Sequence[Snapshot], news: News, since: str) -> SnapshotState:
    """The state with the news in it, on disk for all processes; raises ConfigurationError.

    What is found of a snapshot that serves no longer says nothing of the one that does.
    """
    act = Act(who=WHO, at=since)
    with alone_in(folder):
        shelf: Shelf = open_shelf(folder, name, beside)
        if shelf.serving is None or shelf.serving.revision != news.snapshot.revision:
            return shelf.state
        shelf = open_alarms(shelf, news.alarms, act)
        return open_doubts(shelf, news.doubts, act).state


def with_news(state: SnapshotState, news: News) -> SnapshotState:
    """The same for a server that has no folder to write to."""
    judges, sources = {a.judge for a in state.alarms}, {d.source for d in state.doubts}
    return replace(
        state,
        alarms=(*state.alarms, *(a for a in news.alarms if a.judge not in judges)),
        doubts=(*state.doubts, *(d for d in news.doubts if d.source not in sources)),
    )
