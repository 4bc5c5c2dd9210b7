"""A candidate takes over only through the gate, and can be taken back; nothing that was there is touched."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moa_scorer.calibration.files import write_snapshot
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import OpenAlarm, OpenDoubt, SnapshotState
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.learning.loop.gate import Gate, judged
from moa_scorer.learning.loop.lineage import Action, read_lineage
from moa_scorer.learning.loop.promotion import (
    Act,
    PromotionRefused,
    Shelf,
    close_alarms,
    close_doubts,
    limit_age,
    lineage_path,
    open_alarms,
    open_doubts,
    open_shelf,
    promote,
    read_state,
    refit_due,
    rollback,
    serve_again,
    state_path,
)
from tests.fakes.ratings import fitted, simulate

FIRST = fitted(simulate(120, seed=1))
SECOND = fitted(simulate(140, seed=2))
NAME = FIRST.name
ACT = Act(who="ada", at="2026-07-01")
ALARM = OpenAlarm(judge="ann", since="2026-07-02", what="scores higher than it did")
DOUBT = OpenDoubt(source="forum", since="2026-07-02", what="is unlike what was rated")


def verdict(factor: float) -> Gate:
    errors = np.random.default_rng(0).normal(size=200)
    return judged(
        (errors, factor * errors),
        [str(i) for i in range(200)],
        {},
        valid=200,
        covered=180,
        coverage=0.9,
        fitted=200,
    )


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """One snapshot that nobody decided about."""
    write_snapshot(FIRST, tmp_path / "mine.json.gz")
    return open_shelf(tmp_path, NAME)


def promoted(shelf: Shelf) -> Shelf:
    promote(shelf, SECOND, verdict(1.0), ACT)
    return open_shelf(shelf.folder, NAME)


def test_a_candidate_that_passes_serves_as_the_next_version(shelf: Shelf) -> None:
    after = promoted(shelf)

    assert after.serving is not None
    assert after.serving.version == 2
    assert after.serving == replace(SECOND, version=2)
    assert after.snapshots[1] == FIRST, "a pinned revision stays what it was"


def test_the_first_snapshot_of_a_name_needs_no_gate(tmp_path: Path) -> None:
    after = promote(open_shelf(tmp_path, NAME), FIRST, None, ACT)

    assert after.serving == FIRST
    assert read_lineage(lineage_path(tmp_path, NAME))[0].parent == ""


@pytest.mark.parametrize(("factor", "words"), [(2.0, "the gate says fail"), (None, "show on an audit")])
def test_without_a_pass_nothing_changes(shelf: Shelf, factor: float | None, words: str) -> None:
    with pytest.raises(PromotionRefused, match=words):
        promote(shelf, SECOND, None if factor is None else verdict(factor), ACT)

    assert sorted(p.name for p in shelf.folder.iterdir()) == ["mine.json.gz"]


def reversed_ann(snapshot: Snapshot) -> Snapshot:
    columns = tuple(replace(c, falling=c.name.startswith("ann/")) for c in snapshot.columns)
    return replace(snapshot, columns=columns)


def test_a_judge_found_the_other_way_round_waits_for_a_person_once(shelf: Shelf) -> None:
    with pytest.raises(PromotionRefused, match="--accept-polarity ann"):
        promote(shelf, reversed_ann(SECOND), verdict(1.0), ACT)
    promote(shelf, reversed_ann(SECOND), verdict(1.0), ACT, accepted=["ann"])

    after = promote(open_shelf(shelf.folder, NAME), reversed_ann(FIRST), verdict(1.0), ACT)
    assert after.serving is not None
    assert (after.serving.version, after.state.accepted) == (3, ("ann",))


def test_a_rollback_lets_the_parent_serve_and_keeps_every_file(shelf: Shelf) -> None:
    rollback(promoted(shelf), replace(ACT, note="complaints"))
    after = open_shelf(shelf.folder, NAME)

    assert after.serving == FIRST
    assert set(after.snapshots) == {1, 2}
    assert [e.action for e in read_lineage(lineage_path(shelf.folder, NAME))] == [
        Action.PROMOTE,
        Action.ROLLBACK,
    ]
    with pytest.raises(PromotionRefused, match="no earlier snapshot"):
        rollback(after, ACT)


def test_a_version_that_was_rolled_back_is_never_given_again(shelf: Shelf) -> None:
    back = rollback(promoted(shelf), ACT)
    after = promote(back, SECOND, verdict(1.0), ACT)

    assert after.serving is not None
    assert after.serving.version == 3
    assert read_lineage(lineage_path(shelf.folder, NAME))[-1].parent == FIRST.revision


def test_a_version_that_has_served_takes_over_again_and_no_other(shelf: Shelf) -> None:
    back = rollback(promoted(shelf), ACT)
    write_snapshot(replace(SECOND, version=7), shelf.folder / "dropped.json.gz")
    after = serve_again(open_shelf(shelf.folder, NAME), 2, ACT)

    assert after.serving is not None
    assert after.serving.version == 2
    assert open_shelf(shelf.folder, NAME).state == after.state
    for version, words in ((2, "serves already"), (7, "has never served"), (9, "no version 9")):
        with pytest.raises(PromotionRefused, match=words):
            serve_again(open_shelf(shelf.folder, NAME), version, ACT)
    assert back.serving == FIRST


def test_the_lineage_says_who_when_what_and_the_figures_of_the_gate(shelf: Shelf) -> None:
    promoted(shelf)
    (entry,) = read_lineage(lineage_path(shelf.folder, NAME))

    assert (entry.who, entry.at, entry.snapshot) == ("ada", "2026-07-01", f"{NAME}@2")
    assert (entry.parent, entry.parent_digest) == (FIRST.revision, FIRST.digest)
    assert entry.digest == replace(SECOND, version=2).digest
    assert entry.gate["change"] == 0


def test_a_line_of_the_lineage_that_was_changed_is_noticed(shelf: Shelf) -> None:
    rollback(promoted(shelf), ACT)
    path = lineage_path(shelf.folder, NAME)
    path.write_text(path.read_text().replace("ada", "eve", 1))

    with pytest.raises(ConfigurationError, match="line 2: a line before it was changed"):
        read_lineage(path)


def test_alarms_are_opened_once_and_closed_by_a_person(shelf: Shelf) -> None:
    opened = open_alarms(open_alarms(shelf, [ALARM], ACT), [ALARM], ACT)

    assert read_state(state_path(shelf.folder, NAME)).alarms == (ALARM,)
    assert close_alarms(opened, ["ann"], ACT).state.alarms == ()
    actions = [e.action for e in read_lineage(lineage_path(shelf.folder, NAME))]
    assert actions == [Action.ALARM, Action.CLOSE]


def test_doubts_are_opened_once_and_closed_by_a_person_who_may_say_why(shelf: Shelf) -> None:
    opened = open_doubts(open_doubts(shelf, [DOUBT], ACT), [DOUBT], ACT)

    assert opened.state.doubts == (DOUBT,)
    assert close_doubts(opened, ["elsewhere"], ACT) == opened
    assert close_doubts(opened, ["forum"], replace(ACT, note="was looked at")).state.doubts == ()
    entries = read_lineage(lineage_path(shelf.folder, NAME))
    assert [(e.action, e.note) for e in entries] == [
        (Action.ALARM, "source 'forum': is unlike what was rated"),
        (Action.CLOSE, "source 'forum' was looked at"),
    ]


def test_a_promotion_closes_the_alarms_that_it_answers_and_keeps_the_age_limit(shelf: Shelf) -> None:
    after = promoted(limit_age(open_alarms(shelf, [ALARM], ACT), 90, ACT))

    assert (after.state.alarms, after.state.age_limit_days) == ((), 90)


def test_a_candidate_is_due_after_25_ratings_or_an_alarm() -> None:
    assert not refit_due(24, SnapshotState())
    assert refit_due(25, SnapshotState())
    assert refit_due(0, SnapshotState(alarms=(ALARM,)))


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "cannot be read"), ('{"serving": "2"}', "serving"), ('{"serving": 7}', "no version 7")],
)
def test_a_state_that_cannot_hold_is_told_with_its_file(shelf: Shelf, text: str, words: str) -> None:
    state_path(shelf.folder, NAME).write_text(text)

    with pytest.raises(ConfigurationError, match=words):
        open_shelf(shelf.folder, NAME)
