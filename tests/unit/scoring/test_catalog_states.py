"""Which version serves, and what speaks against it, is what the state beside the snapshots says."""

from dataclasses import replace
from datetime import date

import pytest

from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.standing import OpenAlarm, SnapshotState
from moa_scorer.scoring.catalog import Catalog
from tests.fakes.ratings import fitted, make_panel, make_rubric, simulate

FIRST = fitted(simulate(120))
SECOND = replace(FIRST, version=2)
NAME = "essay.essay.trio"


def catalog(state: SnapshotState | None) -> Catalog:
    return Catalog(
        panels=(make_panel(),),
        rubrics=(make_rubric(),),
        policies=(),
        judges={},
        snapshots=(FIRST, SECOND),
        reference=EMPTY_REFERENCE,
        default_panel="trio",
        states={NAME: state} if state else {},
    )


@pytest.mark.parametrize(
    ("state", "version"), [(None, 2), (SnapshotState(), 2), (SnapshotState(serving=1), 1)]
)
def test_unpinned_callers_get_the_serving_version_and_pinned_ones_their_own(
    state: SnapshotState | None, version: int
) -> None:
    own = catalog(state)
    serving = own.snapshot_for(make_rubric(), make_panel(), "essay")

    assert serving is not None
    assert serving.version == version
    assert own.snapshot(f"{NAME}@2") == SECOND


def test_the_standing_follows_the_state_and_the_date() -> None:
    alarm = OpenAlarm(judge="ann", since="2026-06-01", what="drifts")
    own = catalog(SnapshotState(age_limit_days=30, alarms=(alarm,)))

    assert own.standing(FIRST, date(2026, 1, 20)).why_stale(()) == ""
    assert "drifts" in own.standing(FIRST, date(2026, 1, 20)).why_stale({"ann"})
    assert "the limit is 30" in own.standing(FIRST, date(2026, 7, 1)).why_stale(())
    assert own.standing(None, date(2026, 7, 1)).why_stale(()) == ""
