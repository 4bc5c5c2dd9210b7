"""Ratings and ends of appeals in the database: lines that are only ever added, and go with their record."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Row,
    Table,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement

from moa_scorer.domain.rating import Appeal, AppealOutcome, Rating, RatingFilter, Receipt, Stream
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Decision
from moa_scorer.storage.database import Database
from moa_scorer.storage.records_table import RECORDS
from moa_scorer.storage.schema import METADATA, Micros, Name, RowId, micros, moment
from moa_scorer.storage.upserts import insert_into

PAGE: Final = 1_000
"""Ratings that are read at a time."""

RATINGS: Final = Table(
    "ratings",
    METADATA,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("tenant", Name, nullable=False),
    Column("id", Name, nullable=False),
    Column("record", Name, nullable=False),
    Column("rater", Name, nullable=False),
    Column("criterion", Name, nullable=False),
    Column("value", Double, nullable=False, comment="in [0, 1]"),
    Column("saw_score", Boolean, nullable=False),
    Column("stream", Name, nullable=False),
    Column("propensity", Double, nullable=True, comment="in (0, 1]; null = not known"),
    Column("plan", Name, nullable=False, comment="empty = none"),
    Column("rated", Micros, nullable=False),
    Column("received", Micros, nullable=False),
    Column("rubric", Name, nullable=False, comment="revision"),
    Column("panel", Name, nullable=False, comment="revision"),
    Column("kind", Name, nullable=False),
    UniqueConstraint("tenant", "id"),
    ForeignKeyConstraint(["tenant", "record"], ["records.tenant", "records.name"], ondelete="CASCADE"),
    Index(None, "tenant", "record"),
    Index(None, "tenant", "rubric", "panel", "kind", "received"),
)

APPEALS: Final = Table(
    "appeals",
    METADATA,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("tenant", Name, nullable=False),
    Column("id", Name, nullable=False),
    Column("record", Name, nullable=False),
    Column("outcome", Name, nullable=False),
    Column("decision", Name, nullable=False),
    Column("decided_by", Name, nullable=False),
    Column("decided", Micros, nullable=False),
    Column("received", Micros, nullable=False),
    UniqueConstraint("tenant", "id"),
    ForeignKeyConstraint(["tenant", "record"], ["records.tenant", "records.name"], ondelete="CASCADE"),
    Index(None, "tenant", "record"),
)
_ROW: Final = RATINGS.c
Line = TypeVar("Line", Rating, Appeal)


class SqlRatings:
    """The `RatingStore` of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, ratings: Sequence[Rating]) -> Sequence[Receipt]:
        """As in the port."""
        if not ratings:
            return ()
        async with self._database.writing() as connection:
            return await self._added(connection, RATINGS, ratings, _rating_row, _rating)

    async def add_appeal(self, appeal: Appeal) -> Receipt:
        """As in the port."""
        async with self._database.writing() as connection:
            (receipt,) = await self._added(connection, APPEALS, (appeal,), _appeal_row, _appeal)
        return receipt

    async def scan(self, where: RatingFilter) -> AsyncIterator[Rating]:
        """As in the port."""
        last = 0
        while True:
            page = select(RATINGS).where(*_conditions(where), _ROW.number > last)
            async with self._database.reading() as connection:
                rows = (await connection.execute(page.order_by(_ROW.number).limit(PAGE))).all()
            for row in rows:
                yield _rating(row)
            if len(rows) < PAGE:
                return
            last = rows[-1].number

    async def count(self, where: RatingFilter) -> int:
        """As in the port."""
        counting = select(func.count()).select_from(RATINGS).where(*_conditions(where))
        async with self._database.reading() as connection:
            return (await connection.execute(counting)).scalar_one()

    async def rated(self, where: RatingFilter) -> frozenset[str]:
        """As in the port."""
        naming = select(_ROW.record).where(*_conditions(where)).distinct()
        async with self._database.reading() as connection:
            return frozenset((await connection.execute(naming)).scalars())

    async def appeals(self, tenant: Tenant, record: str) -> Sequence[Appeal]:
        """As in the port."""
        own = select(APPEALS).where(APPEALS.c.tenant == tenant, APPEALS.c.record == record)
        async with self._database.reading() as connection:
            rows = (await connection.execute(own.order_by(APPEALS.c.number))).all()
        return [_appeal(row) for row in rows]

    async def _added(
        self,
        connection: AsyncConnection,
        table: Table,
        lines: Sequence[Line],
        row_of: Callable[[Line], dict[str, Any]],
        read: Callable[[Row[Any]], Line],
    ) -> list[Receipt]:
        """Those whose records exist are inserted; of the others, and of known ids, is said what they are."""
        tenant = lines[0].tenant
        there = await _existing(connection, tenant, {line.record for line in lines})
        new = [row_of(line) for line in lines if line.record in there]
        inserted: set[str] = set()
        if new:
            inserting = insert_into(self._database.dialect, table).values(new)
            returned = inserting.on_conflict_do_nothing(index_elements=["tenant", "id"])
            inserted = set((await connection.execute(returned.returning(table.c.id))).scalars())
        known = await _known(connection, table, tenant, {line.id for line in lines}, read)
        return [_receipt(line, there, inserted, known) for line in lines]


async def _existing(connection: AsyncConnection, tenant: Tenant, names: Collection[str]) -> frozenset[str]:
    """Records that are there, and stay until the transaction ends.

    One transaction at a time has a record, and takes them in the order of their names: two who hand in the
    same lines in another order never wait for each other.
    """
    naming = select(RECORDS.c.name).where(RECORDS.c.tenant == tenant, RECORDS.c.name.in_(sorted(names)))
    held = naming.order_by(RECORDS.c.name).with_for_update(key_share=True)
    return frozenset((await connection.execute(held)).scalars())


async def _known(
    connection: AsyncConnection,
    table: Table,
    tenant: Tenant,
    ids: Collection[str],
    read: Callable[[Row[Any]], Line],
) -> dict[str, Line]:
    own = select(table).where(table.c.tenant == tenant, table.c.id.in_(sorted(ids)))
    return {line.id: line for line in map(read, (await connection.execute(own)).all())}


def _receipt(
    line: Line, there: frozenset[str], inserted: set[str], known: Mapping[str, Rating | Appeal]
) -> Receipt:
    """Of the lines with one id the first is the one that was stored."""
    if line.record not in there:
        return Receipt.GONE
    if line.id in inserted:
        inserted.remove(line.id)
        return Receipt.STORED
    other = known.get(line.id)
    return Receipt.KNOWN if other is not None and other.what() == line.what() else Receipt.CONFLICT


def _conditions(where: RatingFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_ROW.tenant == where.tenant]
    if where.records:
        found.append(_ROW.record.in_(where.records))
    found += [
        column == wanted
        for column, wanted in (
            (_ROW.rubric, where.rubric),
            (_ROW.panel, where.panel),
            (_ROW.kind, where.kind),
        )
        if wanted
    ]
    if where.received_after is not None:
        found.append(_ROW.received > micros(where.received_after))
    if where.streams:
        found.append(_ROW.stream.in_([stream.value for stream in where.streams]))
    if where.unseen:
        found.append(_ROW.saw_score.is_(False))
    return found


def _rating_row(rating: Rating) -> dict[str, Any]:
    return {
        "tenant": rating.tenant,
        "id": rating.id,
        "record": rating.record,
        "rater": rating.rater,
        "criterion": rating.criterion,
        "value": rating.value,
        "saw_score": rating.saw_score,
        "stream": rating.stream.value,
        "propensity": rating.propensity,
        "plan": rating.plan,
        "rated": micros(rating.rated),
        "received": micros(rating.received),
        "rubric": rating.rubric,
        "panel": rating.panel,
        "kind": rating.kind,
    }


def _rating(row: Row[Any]) -> Rating:
    return Rating(
        id=row.id,
        tenant=Tenant(row.tenant),
        record=row.record,
        rater=row.rater,
        criterion=row.criterion,
        value=row.value,
        saw_score=row.saw_score,
        stream=Stream(row.stream),
        propensity=row.propensity,
        plan=row.plan,
        rated=moment(row.rated),
        received=moment(row.received),
        rubric=row.rubric,
        panel=row.panel,
        kind=row.kind,
    )


def _appeal_row(appeal: Appeal) -> dict[str, Any]:
    return {
        "tenant": appeal.tenant,
        "id": appeal.id,
        "record": appeal.record,
        "outcome": appeal.outcome.value,
        "decision": appeal.decision.value,
        "decided_by": appeal.decided_by,
        "decided": micros(appeal.decided),
        "received": micros(appeal.received),
    }


def _appeal(row: Row[Any]) -> Appeal:
    return Appeal(
        id=row.id,
        tenant=Tenant(row.tenant),
        record=row.record,
        outcome=AppealOutcome(row.outcome),
        decision=Decision(row.decision),
        decided_by=row.decided_by,
        decided=moment(row.decided),
        received=moment(row.received),
    )
