"""The learning loop on records: what is fitted, what the gate says, what serves afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moa_scorer.calibration.files import read_snapshot, write_snapshot
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import OpenAlarm, SnapshotState
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.rating import Rating, Stream
from moa_scorer.domain.record import Record
from moa_scorer.learning.loop.online import (
    OTHER_SERVES,
    CalibrationOrder,
    CalibrationOutcome,
    Step,
    calibrate,
)
from moa_scorer.learning.loop.promotion import Act, open_shelf, rollback
from moa_scorer.scoring.keeping import Memory
from tests.fakes.feedback import NOON, essays, memory_on, ratings_of, sqlite_in
from tests.fakes.ratings import SKILLS, make_panel, make_rubric
from tests.fakes.records import CAREFUL, rated, recorded_catalog, scored, snapshot_of

NAME = "essay.essay.trio"


def order(folder: Path, **over: object) -> CalibrationOrder:
    usual: dict[str, object] = {
        "rubric": make_rubric(),
        "panel": make_panel(),
        "kind": "essay",
        "folder": folder,
        "revisions": dict.fromkeys(SKILLS, "1"),
        "policies": (CAREFUL,),
        "who": "ada",
        **over,
    }
    return CalibrationOrder(**usual)  # type: ignore[arg-type]


async def records_of(
    table: RatedTable, items: range, snapshots: Sequence[Snapshot] = (), audits: int = 0
) -> list[Record]:
    """Records of the items; the first so many drawn for the audit."""
    found = await scored(recorded_catalog(table, snapshots=snapshots), essays(table, items))
    return [replace(record, audited=k < audits) for k, record in enumerate(found)]


async def run(
    folder: Path, records: Sequence[Record], ratings: Sequence[Rating], wanted: CalibrationOrder
) -> CalibrationOutcome:
    async with memory_on(sqlite_in(folder)) as memory:
        await fill(memory, records, ratings)
        assert memory.records
        assert memory.ratings
        return await calibrate(memory.records, memory.ratings, wanted, NOON)


async def fill(memory: Memory, records: Sequence[Record], ratings: Sequence[Rating]) -> None:
    assert memory.records
    assert memory.ratings
    for record in records:
        await memory.records.put(record)
    await memory.ratings.add(ratings)


async def test_the_first_snapshot_of_a_name_serves_at_once(tmp_path: Path) -> None:
    table = rated(60)
    records = await records_of(table, range(60))

    outcome = await run(tmp_path, records, ratings_of(table, records), order(tmp_path))

    assert outcome.step is Step.PROMOTED, outcome
    assert (outcome.parent, outcome.candidate, outcome.fitted) == ("", f"{NAME}@1", 60)
    written = read_snapshot(Path(outcome.file))
    assert written.judges == dict.fromkeys(SKILLS, "1")
    assert written.provenance.created == NOON.isoformat()


async def test_too_few_new_ratings_are_not_worth_a_fit_but_an_open_alarm_is(tmp_path: Path) -> None:
    table = rated(60)
    serving = snapshot_of(table)
    records = await records_of(table, range(12), (serving,))
    ratings = ratings_of(table, records)
    alarm = SnapshotState(alarms=(OpenAlarm(judge="ann", since="2026-07-01", what="scores higher"),))
    wanted = order(tmp_path, served=(serving,))

    calm = await run(tmp_path, records, ratings, replace(wanted, state=SnapshotState()))
    alarmed = await run(tmp_path, (), (), replace(wanted, state=alarm))

    assert (calm.step, calm.new_ratings) == (Step.NOT_DUE, 24)
    assert alarmed.step is not Step.NOT_DUE


async def test_what_people_went_back_from_is_not_promoted_again_on_the_same_ratings(tmp_path: Path) -> None:
    table = rated(240)
    poor = snapshot_of(upside_down(table))
    records = await records_of(table, range(240), (poor,), audits=80)
    ratings = ratings_of(table, records)
    first = await run(tmp_path, records, ratings, order(tmp_path, served=(poor,)))
    shelf = rollback(open_shelf(tmp_path, NAME, (poor,)), Act(who="ada", at="2026-07-02T12:00:00+00:00"))
    alarm = OpenAlarm(judge="ann", since="2026-07-02", what="scores higher")
    wanted = order(
        tmp_path, served=tuple(shelf.snapshots.values()), state=replace(shelf.state, alarms=(alarm,))
    )

    async with memory_on(sqlite_in(tmp_path)) as memory:
        assert memory.records
        assert memory.ratings
        again = await calibrate(memory.records, memory.ratings, wanted, NOON)
        asked = await calibrate(memory.records, memory.ratings, replace(wanted, even_if_not_due=True), NOON)

    assert (first.step, again.step, asked.step) == (Step.PROMOTED, Step.NOT_DUE, Step.PROMOTED)
    assert again.words.startswith(
        "people went back to an earlier snapshot on 2026-07-02: 0 ratings are newer"
    )


async def test_a_candidate_that_is_far_better_on_the_audit_takes_over_and_its_flips_are_shown(
    tmp_path: Path,
) -> None:
    table = rated(240)
    poor = snapshot_of(upside_down(table))
    records = await records_of(table, range(240), (poor,), audits=80)
    wanted = order(tmp_path, served=(poor,))

    outcome = await run(tmp_path, records, ratings_of(table, records), wanted)

    assert outcome.step is Step.PROMOTED, outcome
    assert (outcome.parent, outcome.candidate) == (poor.revision, f"{NAME}@2")
    assert (outcome.fitted, outcome.audited) == (160, 80)
    assert outcome.gate is not None
    assert outcome.gate.overall.relative < -0.2
    assert outcome.flips[0].policy == "careful@1"
    assert outcome.flips[0].flips
    shelf = open_shelf(tmp_path, NAME, (poor,))
    assert shelf.serving is not None
    assert shelf.serving.version == 2
    assert sorted(shelf.snapshots) == [1, 2], "who pinned the first keeps it"


async def test_a_candidate_that_was_measured_against_what_serves_no_longer_waits(tmp_path: Path) -> None:
    table = rated(240)
    poor = snapshot_of(upside_down(table))
    records = await records_of(table, range(240), (poor,), audits=80)
    wanted = order(tmp_path, served=(poor,))

    async def overtaken(_: CalibrationOutcome) -> None:
        write_snapshot(replace(poor, version=2), tmp_path / f"{NAME}@2.json.gz")

    async with memory_on(sqlite_in(tmp_path)) as memory:
        await fill(memory, records, ratings_of(table, records))
        assert memory.records
        assert memory.ratings
        outcome = await calibrate(memory.records, memory.ratings, wanted, NOON, promoting=overtaken)

    assert outcome.step is Step.UNDECIDED
    assert outcome.words == OTHER_SERVES
    assert "candidates" in outcome.file


async def test_ratings_that_show_a_judge_to_drift_open_an_alarm_and_make_a_refit_due(tmp_path: Path) -> None:
    table = rated(450)
    serving = snapshot_of(table.take(np.arange(200)))
    changed = drifted(table.take(np.arange(200, 450)), "ann", 0.3)
    records = await records_of(changed, range(250), (serving,))

    outcome = await run(tmp_path, records, ratings_of(changed, records), order(tmp_path, served=(serving,)))

    assert "ann" in {alarm.judge for alarm in outcome.anchored.alarms}
    assert "scores" in outcome.anchored.alarms[0].what
    state = open_shelf(tmp_path, NAME, (serving,)).state
    assert {alarm.judge for alarm in state.alarms} == {alarm.judge for alarm in outcome.anchored.alarms}


@pytest.mark.parametrize(("judges", "fixed"), [(("ann", "bob"), ()), (("ann",), ("ann",))])
async def test_judges_that_depart_together_or_cannot_change_put_the_source_in_doubt_and_mask_nobody(
    tmp_path: Path, judges: Sequence[str], fixed: Sequence[str]
) -> None:
    table = rated(450)
    serving = snapshot_of(table.take(np.arange(200)))
    changed = table.take(np.arange(200, 450))
    for judge in judges:
        changed = drifted(changed, judge, 0.3)
    records = await records_of(changed, range(250), (serving,))
    wanted = order(tmp_path, served=(serving,), fixed=frozenset(fixed))

    outcome = await run(tmp_path, records, ratings_of(changed, records), wanted)

    assert outcome.anchored.alarms == ()
    assert [doubt.source for doubt in outcome.anchored.doubts] == ["essay"]
    state = open_shelf(tmp_path, NAME, (serving,)).state
    assert state.alarms == ()
    assert "ann" in state.doubts[0].what


def drifted(table: RatedTable, judge: str, shift: float) -> RatedTable:
    own = np.array([column.startswith(f"{judge}/") for column in table.columns])
    return replace(table, values=np.where(own, np.clip(table.values + shift, 0, 1), table.values))


async def test_without_an_audit_the_candidate_waits_beside_the_snapshots(tmp_path: Path) -> None:
    table = rated(60)
    serving = snapshot_of(table)
    records = await records_of(table, range(60), (serving,))

    outcome = await run(tmp_path, records, ratings_of(table, records), order(tmp_path, served=(serving,)))

    assert outcome.step is Step.UNDECIDED
    assert "audit" in outcome.words
    assert outcome.file == str(tmp_path / "candidates" / f"{NAME}@2.json.gz")
    assert read_snapshot(Path(outcome.file)).version == 2
    assert open_shelf(tmp_path, NAME).serving is None


async def test_ratings_by_people_who_saw_the_score_are_not_learnt_from(tmp_path: Path) -> None:
    table = rated(80)
    records = await records_of(table, range(80))
    blind, seeing = records[:60], records[60:]
    ratings = [*ratings_of(table, blind), *ratings_of(table, seeing, saw_score=True)]

    outcome = await run(tmp_path, records, ratings, order(tmp_path))

    assert outcome.fitted == 60
    assert any("saw the score" in note for note in outcome.notes)


async def test_ballots_of_a_judge_that_has_changed_since_are_left_out(tmp_path: Path) -> None:
    table = rated(60)
    records = await records_of(table, range(60))
    now = order(tmp_path, revisions={**dict.fromkeys(SKILLS, "1"), "bob": "2"})

    outcome = await run(tmp_path, records, ratings_of(table, records), now)

    names = {column.name.partition("/")[0] for column in read_snapshot(Path(outcome.file)).columns}
    assert "bob" not in names
    assert {"ann", "cid"} <= names
    assert any("changed since" in note for note in outcome.notes)


async def test_what_cannot_be_fitted_is_told(tmp_path: Path) -> None:
    table = rated(30)
    records = await records_of(table, range(30))
    half = [r for r in ratings_of(table, records) if r.criterion == "depth"]

    outcome = await run(tmp_path, records, half, order(tmp_path))

    assert outcome.step is Step.NOT_FITTED
    assert any("every criterion" in note for note in outcome.notes)


async def test_a_text_of_the_audit_that_came_in_again_is_not_fitted_on(tmp_path: Path) -> None:
    table = rated(60)
    records = await records_of(table, range(60), audits=30)
    again = await records_of(table, range(30))

    outcome = await run(tmp_path, [*records, *again], ratings_of(table, [*records, *again]), order(tmp_path))

    assert (outcome.fitted, outcome.audited) == (30, 30)


@pytest.mark.parametrize("stream", [Stream.REVIEW, Stream.APPEAL])
async def test_an_audited_record_rated_for_other_reasons_is_no_use(tmp_path: Path, stream: Stream) -> None:
    table = rated(60)
    records = await records_of(table, range(60), audits=10)
    ratings = [*ratings_of(table, records[:10], stream=stream), *ratings_of(table, records[10:])]

    outcome = await run(tmp_path, records, ratings, order(tmp_path))

    assert (outcome.fitted, outcome.audited) == (50, 0)


def upside_down(table: RatedTable) -> RatedTable:
    """As if people had rated other items: the judges tell nothing."""
    order_ = list(reversed(range(table.items)))
    return replace(table, targets={c: y[order_] for c, y in table.targets.items()})
