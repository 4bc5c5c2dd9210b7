"""What operators are shown of a server, and what becomes of their orders."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.app.admin import Control, Desk
from moa_scorer.calibration.files import write_snapshot
from moa_scorer.contract.access import calling
from moa_scorer.domain.audit_log import AuditAction
from moa_scorer.domain.caller import Caller, Role
from moa_scorer.domain.errors import ConfigurationError, NotFound, Precondition, StorageUnavailable
from moa_scorer.domain.judge_state import JudgeStanding
from moa_scorer.domain.tenant import Tenant
from moa_scorer.learning.loop.promotion import Act, open_shelf, promote
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import NO_MEMORY, Memory
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.feedback import memory_on, sqlite_in
from tests.fakes.judges import SystemClock
from tests.fakes.memory_stores import MemoryAuditLog
from tests.fakes.records import rated, recorded_catalog, snapshot_of
from tests.unit.learning.loop.test_promotion import verdict

TABLE = rated(60)
FIRST = snapshot_of(TABLE)
NAME = "essay.essay.trio"
ANN = Caller(name="ann", tenant=Tenant("acme"), roles=frozenset({Role.ADMIN}))


@dataclass
class Settings:
    catalog_dir: Path | None


@dataclass
class Network:
    endpoints: dict[str, Any] = field(default_factory=dict)


@dataclass
class App:
    """As much of an application as operators see."""

    settings: Settings
    pipeline: Pipeline
    network: Network = field(default_factory=Network)

    @property
    def catalog(self) -> Catalog:
        return self.pipeline.catalog


@dataclass
class Orders:
    """What the server's processes were told."""

    reloads: int = 0
    drains: int = 0
    mistakes: tuple[str, ...] = ()

    async def reload(self) -> tuple[str, ...]:
        if self.mistakes:
            raise ConfigurationError(self.mistakes)
        self.reloads += 1
        return ("~policies/comments@1",)

    def drain(self) -> None:
        self.drains += 1


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    async with memory_on(sqlite_in(tmp_path)) as opened:
        yield replace(opened, audit_log=MemoryAuditLog())


def desk(memory: Memory = NO_MEMORY, folder: Path | None = None) -> tuple[Desk, App, Orders]:
    pipeline = Pipeline(recorded_catalog(TABLE, snapshots=(FIRST,)), SystemClock(), memory)
    app, orders = App(Settings(folder), pipeline), Orders()
    return Desk(app, Control(reload=orders.reload, drain=orders.drain)), app, orders  # type: ignore[arg-type]


def written(memory: Memory) -> list[tuple[AuditAction, str, str, str]]:
    assert isinstance(memory.audit_log, MemoryAuditLog)
    return [(e.action, e.who, e.before, e.after) for e in memory.audit_log.entries]


async def test_a_quarantine_has_a_reason_and_an_end_and_is_taken_back(memory: Memory) -> None:
    orders, app, _ = desk(memory)
    until = app.pipeline.clock.now() + timedelta(hours=1)
    with calling(ANN):
        gone = await orders.quarantine("ann", "bills twice", until)
    assert (gone.state.standing, gone.state.why, gone.state.until) == (
        JudgeStanding.QUARANTINED,
        "bills twice",
        until,
    )
    health = {each.judge: each for each in await orders.judges()}
    assert health["ann"].state == gone.state
    assert not health["bob"].decided
    back = await orders.restore("ann", "mended")
    assert back.state.standing is JudgeStanding.IN_SERVICE
    with pytest.raises(Precondition, match="judges/ann: is in service"):
        await orders.restore("ann", "")


async def test_a_quarantine_whose_end_has_come_is_shown_as_over(memory: Memory) -> None:
    orders, app, _ = desk(memory)
    await orders.quarantine("ann", "slow", app.pipeline.clock.now() - timedelta(seconds=1))
    health = {each.judge: each for each in await orders.judges()}
    assert health["ann"].state.standing is JudgeStanding.IN_SERVICE


async def test_without_a_database_or_such_a_judge_nothing_is_decided(memory: Memory) -> None:
    with pytest.raises(Precondition, match="no database"):
        await desk()[0].quarantine("ann", "slow", None)
    with pytest.raises(NotFound, match="judges/nobody"):
        await desk(memory)[0].quarantine("nobody", "slow", None)


async def test_a_version_steps_back_and_takes_over_again_and_both_are_in_the_log(
    memory: Memory, tmp_path: Path
) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    write_snapshot(FIRST, folder / "first.json.gz")
    promote(open_shelf(folder, NAME), FIRST, verdict(1.0), Act(who="ada", at="2026-07-01"))
    orders, app, told = desk(memory, tmp_path)
    state = open_shelf(folder, NAME).state
    app.pipeline.catalog = replace(app.catalog, states={NAME: state})
    with calling(ANN):
        assert (await orders.roll_back(NAME, "complaints")).serving == 1
        app.pipeline.catalog = replace(app.catalog, states={NAME: open_shelf(folder, NAME).state})
        assert (await orders.promote(NAME, 2, "no complaints after all")).serving == 2
    assert told.reloads == 2
    assert written(memory) == [
        (AuditAction.SNAPSHOT_ROLLED_BACK, "ann", "@2", "the version that it replaced"),
        (AuditAction.SNAPSHOT_PROMOTED, "ann", "@1", "@2"),
    ]
    with pytest.raises(Precondition, match="there is no version 9"):
        await orders.promote(NAME, 9, "why not")


async def test_without_a_folder_of_its_own_a_server_promotes_nothing() -> None:
    with pytest.raises(Precondition, match="catalog_dir"):
        await desk()[0].promote(NAME, 1, "why not")
    with pytest.raises(NotFound, match="snapshots/none"):
        await desk()[0].promote("none", 1, "why not")


async def test_mistakes_of_a_reload_are_told_and_the_wish_stands_in_the_log(memory: Memory) -> None:
    orders, _, told = desk(memory)
    assert await orders.reload() == ("~policies/comments@1",)
    told.mistakes = ("policies/mine.yaml: rules: is missing",)
    with pytest.raises(Precondition, match=r"rules: is missing; the previous one stays in force"):
        await orders.reload()
    assert [action for action, *_ in written(memory)] == [AuditAction.CONFIGURATION_RELOADED] * 2


async def test_what_cannot_be_written_down_is_not_done() -> None:
    class Down(MemoryAuditLog):
        async def add(self, entry: object) -> None:
            raise StorageUnavailable

    orders, _, told = desk(replace(NO_MEMORY, audit_log=Down()))
    with pytest.raises(StorageUnavailable):
        await orders.drain("the machine goes")
    assert told.drains == 0
    server, _, told = desk()
    await server.drain("the machine goes")
    assert told.drains == 1


async def test_each_name_of_snapshots_says_what_serves() -> None:
    (standing,) = await desk()[0].snapshots()
    assert (standing.name, standing.serving, standing.versions) == (NAME, 1, (1,))
