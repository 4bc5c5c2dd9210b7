"""States of judges in a real SQLite and a real PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from moa_scorer.domain.audit_log import AuditAction
from moa_scorer.domain.judge_state import JudgeStanding, JudgeState
from moa_scorer.storage.audit_log import SqlAuditLog
from moa_scorer.storage.database import Database
from moa_scorer.storage.judge_states import SqlJudgeStates
from tests.fakes.identities import entry_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_the_last_state_of_a_judge_holds(database: Database) -> None:
    store = SqlJudgeStates(database)
    first = JudgeState(
        judge="gpt", standing=JudgeStanding.DRIFT_MASKED, why="refuses", since=NOON, model="m-1"
    )
    other = JudgeState(judge="claude", standing=JudgeStanding.QUARANTINED, since=NOON)
    last = JudgeState(judge="gpt", standing=JudgeStanding.IN_SERVICE, since=NOON)

    for state in (first, other, last):
        await store.put(state)

    assert await store.all() == [other, last]


async def test_a_model_that_becomes_known_leaves_what_was_decided(database: Database) -> None:
    store = SqlJudgeStates(database)
    gone = JudgeState(
        judge="gpt",
        standing=JudgeStanding.QUARANTINED,
        why="bills twice",
        since=NOON,
        until=NOON + timedelta(days=1),
    )
    await store.put(gone)

    await store.know("gpt", "m-2", NOON + timedelta(hours=1))
    await store.know("claude", "m-3", NOON)

    usual = JudgeState(judge="claude", standing=JudgeStanding.IN_SERVICE, since=NOON, model="m-3")
    assert await store.all() == [usual, replace(gone, model="m-2")]


async def test_what_is_decided_about_a_judge_is_in_the_audit_log_with_it(database: Database) -> None:
    entry = entry_of(AuditAction.JUDGE_QUARANTINED, "judges/gpt")
    await SqlJudgeStates(database).put(
        JudgeState(judge="gpt", standing=JudgeStanding.QUARANTINED, since=NOON), entry
    )
    (written,) = await SqlAuditLog(database).page(5)
    assert replace(written, number=0) == entry


def test_a_quarantine_is_over_at_its_end_and_never_without_one() -> None:
    state = JudgeState(judge="gpt", standing=JudgeStanding.QUARANTINED, since=NOON)
    later = NOON + timedelta(hours=1)
    assert state.holds(later)
    assert not replace(state, until=later).holds(later)
    assert not replace(state, standing=JudgeStanding.IN_SERVICE).holds(later)
