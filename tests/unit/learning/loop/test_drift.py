"""Sentinels find a judge that changed, and say which and how."""

from dataclasses import replace

import numpy as np

from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.learning.loop.drift import alarms, failure_sentinels, model_changes, sentinels
from moa_scorer.learning.study.rows import WHOLE, BallotRow
from tests.fakes.ratings import fitted, simulate

SNAPSHOT = fitted(simulate(400, group_size=1, seed=1))
ANCHORS = simulate(300, group_size=1, seed=2)


def drifted(from_anchor: int) -> RatedTable:
    """ann scores clarity higher, by one standard deviation of its errors, from this anchor on."""
    values = ANCHORS.values.copy()
    values[from_anchor:, 0] += 0.13
    return replace(ANCHORS, values=values)


def test_judges_that_answer_as_they_did_raise_no_alarm() -> None:
    found = sentinels(SNAPSHOT, ANCHORS)

    assert [(s.judge, s.what) for s in found] == [
        (j, c) for j in ("ann", "bob", "cid") for c in ("clarity", "depth")
    ]
    assert all(s.alarm_at is None and s.anchors == len(s.trace) == 300 for s in found)
    assert alarms(found, since="2026-07-01") == ()


def test_a_late_drift_is_found_soon_after_it_began_and_named() -> None:
    found = sentinels(SNAPSHOT, drifted(150))
    (alarm,) = alarms(found, since="2026-07-01")

    assert found[0].alarm_at is not None
    assert 150 < found[0].alarm_at <= 230
    assert (alarm.judge, alarm.since) == ("ann", "2026-07-01")
    assert alarm.what.startswith("scores clarity higher than in the ratings, by ")


def test_anchors_of_one_document_are_watched_once() -> None:
    repeated = replace(ANCHORS, groups=tuple(f"g{i // 3}" for i in range(300)))

    assert {s.anchors for s in sentinels(SNAPSHOT, repeated)} == {100}


def test_missing_scores_are_left_out() -> None:
    values = ANCHORS.values.copy()
    values[::2, 0] = np.nan

    assert sentinels(SNAPSHOT, replace(ANCHORS, values=values))[0].anchors == 150


def cast(count: int, refused: int) -> dict[str, dict[str, BallotRow]]:
    """ann's ballots, the last of them refusals."""
    reason = {WHOLE: AbstentionReason.REFUSED}
    return {
        f"i{i}": {
            "ann": BallotRow(
                item=f"i{i}", judge="ann", revision="", abstained=reason if i >= count - refused else {}
            )
        }
        for i in range(count)
    }


def test_a_run_of_refusals_is_found_and_single_ones_are_not() -> None:
    def found(refused: int) -> list[tuple[str, int | None]]:
        rows = cast(200, refused)
        return [(s.what, s.alarm_at) for s in failure_sentinels(SNAPSHOT, rows, list(rows))]

    assert found(1) == [("refused", None), ("unparseable", None)]
    (_, at), (_, none) = found(20)
    assert at is not None
    assert 180 < at <= 190
    assert none is None


def test_another_model_behind_a_name_is_told_at_once() -> None:
    known = {"ann": "m-1", "bob": ""}
    changed = list(model_changes(known, {"ann": ["m-1", "", "m-2"], "bob": ["x"], "cid": ["y"]}))

    assert changed == [("ann", "is answered by another model, m-2 instead of m-1")]
    assert alarms((), changed, since="2026-07-01")[0].what == changed[0][1]
