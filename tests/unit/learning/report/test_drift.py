"""The drift chart watches the second half of a file against its first, or all of it against a snapshot."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.learning.report.drift import Drift, watched
from moa_scorer.learning.study.study import Study
from tests.fakes.studies import simulated_study


@pytest.fixture(scope="module")
def study() -> Study:
    return simulated_study({"ann": 1.0, "bob": 0.8}, items=600, group_size=1, criteria=("clarity",))


def highest(drift: Drift) -> dict[str, float]:
    return {c.name: max(c.y) for c in drift.curves}


def later(study: Study, judge: str, by: float) -> Study:
    """The same study, the judge scoring the last third of it higher."""
    rows = dict(study.rows)
    for item in study.items[len(study.items) * 2 // 3 :]:
        row = rows[item.id][judge]
        moved = {c: float(np.clip(s + by, 0, 1)) for c, s in row.scores.items()}
        rows[item.id] = {**rows[item.id], judge: replace(row, scores=moved)}
    return replace(study, rows=rows)


def test_judges_at_rest_raise_no_alarm(study: Study) -> None:
    drift = watched(study, None, seed=0)
    assert set(highest(drift)) == {"ann", "bob"}
    assert all(value < drift.alarm for value in highest(drift).values())
    assert len(drift.curves[0].x) == 300


def test_the_judge_that_changed_crosses_the_line_and_no_other(study: Study) -> None:
    drift = watched(later(study, "bob", 0.25), None, seed=0)
    assert highest(drift)["bob"] >= drift.alarm
    assert highest(drift)["ann"] < drift.alarm


def test_too_few_documents_are_not_watched() -> None:
    small = simulated_study({"ann": 1.0}, items=60, group_size=1)
    assert watched(small, None, seed=0).curves == ()


def test_a_writer_who_always_comes_first_is_no_drift(study: Study) -> None:
    """Items of a document stand in the order of their writers, whom the judge treats unlike each other."""
    pairs = simulated_study({"ann": 1.0}, items=1200, group_size=2, criteria=("clarity",))
    rows = dict(pairs.rows)
    for item in pairs.items[::2]:
        row = rows[item.id]["ann"]
        lifted = {c: float(np.clip(s + 0.3, 0, 1)) for c, s in row.scores.items()}
        rows[item.id] = {"ann": replace(row, scores=lifted)}
    drift = watched(replace(pairs, rows=rows), None, seed=0)
    assert highest(drift)["ann"] < drift.alarm
