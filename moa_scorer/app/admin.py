"""What operators are shown of a server, and what they tell it to do."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from moa_scorer.app.admin_views import health_of, standing_of, words_of
from moa_scorer.app.calibrating import NO_FOLDER, SNAPSHOTS
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.contract.admin import NO_DATABASE
from moa_scorer.contract.audit import acted
from moa_scorer.domain.admin import JudgeHealth, SnapshotStanding
from moa_scorer.domain.audit_log import AuditAction, AuditEntry
from moa_scorer.domain.errors import ConfigurationError, NotFound, Precondition
from moa_scorer.domain.judge_state import JudgeStanding, JudgeState, JudgeStates
from moa_scorer.learning.loop.alone import alone_in
from moa_scorer.learning.loop.promotion import (
    Act,
    PromotionRefused,
    Shelf,
    open_shelf,
    rollback,
    serve_again,
)
from moa_scorer.telemetry import events

if TYPE_CHECKING:
    from moa_scorer.app.compose import Application

Step = Callable[[Shelf, Act], Shelf]
"""Changes which version of a shelf serves; raises PromotionRefused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What the server's processes are told by."""

    reload: Callable[[], Awaitable[tuple[str, ...]]]
    """Reads the files again, in all workers; raises ConfigurationError."""
    drain: Callable[[], None]
    """Asks all workers to stop."""


class Desk:
    """The `AdminDesk` of one server process."""

    def __init__(self, application: "Application", control: Control) -> None:
        self._application = application
        self._control = control

    async def judges(self) -> Sequence[JudgeHealth]:
        """As in the port."""
        catalog, store = self._application.catalog, self._application.pipeline.memory.judge_states
        states = {state.judge: state for state in await store.all()} if store else catalog.judge_states
        return [self._health(judge, states.get(judge)) for judge in catalog.judges]

    async def quarantine(self, judge: str, why: str, until: datetime | None) -> JudgeHealth:
        """As in the port."""
        store, known, now = await self._decided(judge)
        usual = JudgeState(judge=judge, standing=JudgeStanding.QUARANTINED, since=now)
        gone = replace(known or usual, standing=JudgeStanding.QUARANTINED, why=why, since=now, until=until)
        await self._decide(store, AuditAction.JUDGE_QUARANTINED, known, gone, why)
        return self._health(judge, gone)

    async def restore(self, judge: str, why: str) -> JudgeHealth:
        """As in the port."""
        store, known, now = await self._decided(judge)
        if known is None or not known.holds(now):
            raise Precondition(f"judges/{judge}", "is in service")
        back = replace(known, standing=JudgeStanding.IN_SERVICE, why="", since=now, until=None)
        await self._decide(store, AuditAction.JUDGE_RESTORED, known, back, why)
        return self._health(judge, back)

    async def snapshots(self) -> Sequence[SnapshotStanding]:
        """As in the port."""
        catalog = self._application.catalog
        names = sorted({snapshot.name for snapshot in catalog.snapshots})
        return [
            standing_of(name, self._beside(name), catalog.states.get(name, SnapshotState())) for name in names
        ]

    async def promote(self, name: str, version: int, why: str) -> SnapshotStanding:
        """As in the port."""

        def step(shelf: Shelf, act: Act) -> Shelf:
            return serve_again(shelf, version, act)

        return await self._step(name, AuditAction.SNAPSHOT_PROMOTED, f"@{version}", step, why)

    async def roll_back(self, name: str, why: str) -> SnapshotStanding:
        """As in the port."""
        return await self._step(
            name, AuditAction.SNAPSHOT_ROLLED_BACK, "the version that it replaced", rollback, why
        )

    async def reload(self) -> tuple[str, ...]:
        """As in the port."""
        await self._written(acted(AuditAction.CONFIGURATION_RELOADED, "configuration"))
        try:
            return await self._control.reload()
        except ConfigurationError as error:
            words = f"{'; '.join(error.mistakes)}; the previous one stays in force"
            raise Precondition("configuration", words) from None

    async def drain(self, why: str) -> None:
        """As in the port."""
        await self._written(acted(AuditAction.SERVER_DRAINED, "server", why=why))
        self._control.drain()

    async def _decided(self, judge: str) -> tuple[JudgeStates, JudgeState | None, datetime]:
        """Where it is kept what holds for a judge, what does, and the time."""
        memory = self._application.pipeline.memory
        self._application.catalog.judge(judge)
        if memory.judge_states is None:
            raise Precondition("judge_states", NO_DATABASE)
        states = {state.judge: state for state in await memory.judge_states.all()}
        return memory.judge_states, states.get(judge), self._application.pipeline.clock.now()

    async def _decide(
        self, store: JudgeStates, action: AuditAction, before: JudgeState | None, after: JudgeState, why: str
    ) -> None:
        entry = acted(
            action, f"judges/{after.judge}", before=words_of(before), after=words_of(after), why=why
        )
        await store.put(after, entry)
        events.operator_acted(action=entry.action, subject=entry.subject, who=entry.who)

    async def _step(self, name: str, action: AuditAction, to: str, step: Step, why: str) -> SnapshotStanding:
        """Changes what serves, in the folder that all processes read, and reads it here."""
        folder = self._application.settings.catalog_dir
        beside = self._beside(name)
        if not beside:
            raise NotFound("snapshots", name)
        if folder is None:
            raise Precondition("catalog_dir", NO_FOLDER)
        before = standing_of(name, beside, self._application.catalog.states.get(name, SnapshotState()))
        entry = acted(action, f"snapshots/{name}", before=f"@{before.serving}", after=to, why=why)
        await self._written(entry)
        at = entry.at.isoformat(timespec="seconds")
        act = Act(who=entry.who, at=at, note=why)
        try:
            shelf = await asyncio.to_thread(_stepped, folder / SNAPSHOTS, name, beside, step, act)
        except PromotionRefused as error:
            raise Precondition(f"snapshots/{name}", str(error)) from None
        except OSError as error:
            words = f"{folder} cannot be written to: {error.strerror}; promote where it is filled from"
            raise Precondition("catalog_dir", words) from None
        await self._control.reload()
        return standing_of(name, tuple(shelf.snapshots.values()), shelf.state)

    async def _written(self, entry: AuditEntry) -> None:
        """In the audit log, where there is one, and in the server's log."""
        log = self._application.pipeline.memory.audit_log
        if log is not None:
            await log.add(entry)
        events.operator_acted(action=entry.action, subject=entry.subject, who=entry.who)

    def _beside(self, name: str) -> tuple[Snapshot, ...]:
        return tuple(s for s in self._application.catalog.snapshots if s.name == name)

    def _health(self, judge: str, state: JudgeState | None) -> JudgeHealth:
        return health_of(judge, state, self._application)


def _stepped(folder: Path, name: str, beside: Sequence[Snapshot], step: Step, act: Act) -> Shelf:
    """While no other process changes what serves; raises PromotionRefused."""
    with alone_in(folder):
        return step(open_shelf(folder, name, beside), act)
