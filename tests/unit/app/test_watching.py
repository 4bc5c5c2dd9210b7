"""What a sentry found, made known: on disk, in the catalogue, to the next request."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moa_scorer.app.serving.watching import Watching
from moa_scorer.calibration.files import write_snapshot
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.judge_state import JudgeStanding, JudgeState
from moa_scorer.learning.loop.promotion import open_shelf
from moa_scorer.learning.loop.sentry import Found, JudgeFound, SourceFound
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import NO_MEMORY, Memory
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.feedback import memory_on, sqlite_in
from tests.fakes.judges import SystemClock
from tests.fakes.records import rated, recorded_catalog, snapshot_of

TABLE = rated(60)
SNAPSHOT = snapshot_of(TABLE)
NAME = "essay.essay.trio"
FOUND = Found(
    judges=(JudgeFound(snapshot=SNAPSHOT.revision, judge="bob", what="refuses more often"),),
    sources=(SourceFound(snapshot=SNAPSHOT.revision, source="forum", what="unlike the rated ones"),),
    models={"bob": "m-2"},
)


@dataclass
class Told:
    """A sentry that has found this, once."""

    found: Found
    known: dict[str, str]

    def look(self, _: dict[str, Snapshot]) -> Found:
        found, self.found = self.found, Found()
        return found

    def knows(self, models: dict[str, str]) -> None:
        self.known |= models


@dataclass
class Settings:
    catalog_dir: Path | None


@dataclass
class App:
    """As much of an application as is watched."""

    settings: Settings
    pipeline: Pipeline

    @property
    def catalog(self) -> Catalog:
        return self.pipeline.catalog


def watching(folder: Path | None, memory: Memory = NO_MEMORY) -> tuple[App, Told, Watching]:
    pipeline = Pipeline(recorded_catalog(TABLE, snapshots=(SNAPSHOT,)), SystemClock(), memory)
    app, told = App(Settings(folder), pipeline), Told(FOUND, {})
    found: Any = Watching(app, told)  # type: ignore[arg-type]
    return app, told, found


async def test_alarms_and_doubts_are_on_disk_for_all_processes_and_in_force_at_once(tmp_path: Path) -> None:
    app, _, steps = watching(tmp_path)

    await steps.look()

    state = app.catalog.states[NAME]
    assert [alarm.judge for alarm in state.alarms] == ["bob"]
    assert [doubt.source for doubt in state.doubts] == ["forum"]
    assert open_shelf(tmp_path / "snapshots", NAME, (SNAPSHOT,)).state == state
    assert list(app.catalog.masked(app.catalog.panels[0], SNAPSHOT)) == ["bob"]


async def test_the_same_news_twice_are_told_once(tmp_path: Path) -> None:
    app, told, steps = watching(tmp_path)
    await steps.look()
    before = app.catalog.states[NAME]
    told.found = replace(FOUND, models={})

    await steps.look()

    assert app.catalog.states[NAME] == before


async def test_what_is_found_of_a_snapshot_that_serves_no_longer_leaves_its_successor_alone(
    tmp_path: Path,
) -> None:
    app, _, steps = watching(tmp_path)
    (tmp_path / "snapshots").mkdir()
    write_snapshot(replace(SNAPSHOT, version=2), tmp_path / "snapshots" / f"{NAME}@2.json.gz")

    await steps.look()

    assert (app.catalog.states[NAME].alarms, app.catalog.states[NAME].doubts) == ((), ())


async def test_a_server_without_a_folder_knows_it_for_itself() -> None:
    app, _, steps = watching(None)

    await steps.look()

    assert app.catalog.states[NAME].alarms[0].judge == "bob"


async def test_where_nothing_can_be_written_it_is_known_to_this_process_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("a file where a folder should be")
    app, _, steps = watching(tmp_path)

    await steps.look()

    assert app.catalog.states[NAME].alarms[0].judge == "bob"


async def test_models_are_kept_for_the_next_start_and_quarantine_is_taken_over(tmp_path: Path) -> None:
    async with memory_on(sqlite_in(tmp_path)) as memory:
        app, told, steps = watching(tmp_path, memory)
        assert memory.judge_states is not None
        gone = JudgeState(
            judge="ann",
            standing=JudgeStanding.QUARANTINED,
            why="bad",
            since=datetime(2026, 7, 1, tzinfo=UTC),
        )
        await memory.judge_states.put(gone)

        await steps.look()
        await steps.refresh()

    assert told.known == {"bob": "m-2"}
    assert app.catalog.judge_states == {"ann": gone}
