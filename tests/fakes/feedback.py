"""A server's memory with rated records in it: what people would have said of the simulated items."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.rating import Rating, Stream
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.scoring.keeping import Memory
from moa_scorer.storage.database import Database
from moa_scorer.storage.judge_states import SqlJudgeStates
from moa_scorer.storage.ratings import SqlRatings
from moa_scorer.storage.records import SqlRecords
from tests.fakes.judges import SystemClock
from tests.fakes.records import request_of

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@asynccontextmanager
async def memory_on(url: str, audit_share: float = 0.0) -> AsyncIterator[Memory]:
    """A memory over a fresh database."""
    database = Database(url)
    await database.create_all()
    records = SqlRecords(database, SystemClock())
    try:
        yield Memory(
            records=records,
            ratings=SqlRatings(database),
            judge_states=SqlJudgeStates(database),
            audit_share=audit_share,
        )
    finally:
        await records.aclose()
        await database.aclose()


def sqlite_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'records.db'}"


def essays(table: RatedTable, items: Iterable[int], **over: object) -> list[ScoreRequest]:
    """Requests for the items, all of kind essay."""
    return [request_of(table.ids[i], 0, **over) for i in items]


def ratings_of(
    table: RatedTable, records: Sequence[Record], *, rater: str = "ada", **over: object
) -> list[Rating]:
    """What the table says people said of these records, criterion by criterion."""
    return [
        _rating(record, criterion, float(targets[table.ids.index(record.request.content.id)]), rater, over)
        for record in records
        for criterion, targets in table.targets.items()
    ]


def _rating(record: Record, criterion: str, value: float, rater: str, over: dict[str, object]) -> Rating:
    said: dict[str, object] = {
        "id": f"{record.name}/{rater}/{criterion}",
        "tenant": DEFAULT_TENANT,
        "record": record.name,
        "rater": rater,
        "criterion": criterion,
        "value": value,
        "saw_score": False,
        "stream": Stream.AUDIT if record.audited else Stream.REVIEW,
        "rated": NOON,
        "received": NOON + timedelta(minutes=1),
        "rubric": record.plan.rubric.revision,
        "panel": record.plan.panel.revision,
        "kind": record.request.content.kind,
    }
    return Rating(**(said | over))  # type: ignore[arg-type]
