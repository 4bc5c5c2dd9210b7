"""A snapshot grows old, and alarms speak against the judges that they are about."""

from datetime import date

import pytest

from moa_scorer.calibration.standing import OpenAlarm, SnapshotState, standing_of
from moa_scorer.domain.standing import IN_FORCE

TODAY = date(2026, 7, 1)
ALARM = OpenAlarm(judge="ann", since="2026-06-01", what="scores higher than it did")


def test_nothing_speaks_against_a_snapshot_without_a_state() -> None:
    assert standing_of(SnapshotState(), "2026-01-01", TODAY) == IN_FORCE
    assert IN_FORCE.why_stale({"ann"}) == ""


@pytest.mark.parametrize(("limit", "stale"), [(181, False), (180, True)])
def test_a_snapshot_is_believed_to_the_last_day_of_its_limit(limit: int, stale: bool) -> None:
    standing = standing_of(SnapshotState(age_limit_days=limit), "2026-01-01T10:00:00Z", TODAY)

    assert bool(standing.why_stale(())) is stale
    assert not stale or "fitted 181 days ago" in standing.expired


def test_with_a_limit_a_date_that_cannot_be_read_counts_as_too_old() -> None:
    standing = standing_of(SnapshotState(age_limit_days=10), "last week", TODAY)

    assert "nobody knows when" in standing.why_stale(())


def test_an_alarm_matters_only_where_its_judge_answered() -> None:
    standing = standing_of(SnapshotState(alarms=(ALARM,)), "2026-01-01", TODAY)

    assert standing.why_stale({"bob"}) == ""
    assert "ann scores higher than it did (since 2026-06-01)" in standing.why_stale({"ann", "bob"})
