"""States of judges in the database, for all processes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Row, Table, select

from moa_scorer.domain.audit_log import AuditEntry
from moa_scorer.domain.judge_state import JudgeStanding, JudgeState
from moa_scorer.storage.audit_log import append
from moa_scorer.storage.database import Database
from moa_scorer.storage.schema import METADATA, Micros, Name, Words, micros, moment
from moa_scorer.storage.upserts import insert_into

JUDGE_STATES: Final = Table(
    "judge_states",
    METADATA,
    Column("judge", Name, primary_key=True),
    Column("standing", Name, nullable=False),
    Column("why", Words, nullable=False),
    Column("since", Micros, nullable=False),
    Column("model", Words, nullable=False, comment="as its endpoint was known to report; empty = not known"),
    Column("until", Micros, nullable=True, comment="when it ends by itself; null = never"),
)


class SqlJudgeStates:
    """The `JudgeStates` of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[JudgeState]:
        """As in the port."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(JUDGE_STATES).order_by(JUDGE_STATES.c.judge))).all()
        return [_state(row) for row in rows]

    async def put(self, state: JudgeState, entry: AuditEntry | None = None) -> None:
        """As in the port."""
        said = {
            "standing": state.standing.value,
            "why": state.why,
            "since": micros(state.since),
            "model": state.model,
            "until": None if state.until is None else micros(state.until),
        }
        inserting = insert_into(self._database.dialect, JUDGE_STATES).values(judge=state.judge, **said)
        replacing = inserting.on_conflict_do_update(index_elements=["judge"], set_=said)
        async with self._database.writing() as connection:
            if entry is not None:
                await append(connection, entry)
            await connection.execute(replacing)

    async def know(self, judge: str, model: str, now: datetime) -> None:
        """As in the port."""
        usual = {"standing": JudgeStanding.IN_SERVICE.value, "why": "", "since": micros(now), "until": None}
        inserting = insert_into(self._database.dialect, JUDGE_STATES).values(
            judge=judge, model=model, **usual
        )
        async with self._database.writing() as connection:
            await connection.execute(
                inserting.on_conflict_do_update(index_elements=["judge"], set_={"model": model})
            )


def _state(row: Row[Any]) -> JudgeState:
    return JudgeState(
        judge=row.judge,
        standing=JudgeStanding(row.standing),
        why=row.why,
        since=moment(row.since),
        model=row.model,
        until=None if row.until is None else moment(row.until),
    )
