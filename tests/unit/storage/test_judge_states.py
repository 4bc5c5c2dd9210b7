"""States of judges in a real SQLite and a real PostgreSQL."""

from datetime import UTC, datetime

from moa_scorer.domain.judge_state import JudgeStanding, JudgeState
from moa_scorer.storage.database import Database
from moa_scorer.storage.judge_states import SqlJudgeStates

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
