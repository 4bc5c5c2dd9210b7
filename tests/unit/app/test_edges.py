"""What a server tells of the calibration in force."""

from dataclasses import replace

import pytest

from moa_scorer.app.serving.edges import open_alarms
from moa_scorer.calibration.standing import OpenAlarm, OpenDoubt, SnapshotState
from tests.fakes.records import rated, recorded_catalog, snapshot_of


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (SnapshotState(), 0),
        (SnapshotState(alarms=(OpenAlarm(judge="ann", since="2026-07-01", what="scores higher"),)), 1),
        (SnapshotState(doubts=(OpenDoubt(source="forum", since="2026-07-01", what="is unlike"),)), 1),
    ],
)
def test_judges_that_drift_and_sources_in_doubt_both_count_as_open_alarms(
    state: SnapshotState, count: int
) -> None:
    table = rated(60)
    snapshot = snapshot_of(table)
    catalog = recorded_catalog(table, snapshots=(snapshot,))
    name = snapshot.revision.partition("@")[0]

    assert open_alarms(snapshot, replace(catalog, states={name: state})) == count
