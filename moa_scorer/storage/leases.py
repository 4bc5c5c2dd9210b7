"""Work that one process at a time does, whichever it is."""

from typing import Final

from sqlalchemy import Column, Table, or_

from moa_scorer.storage.database import Database
from moa_scorer.storage.schema import METADATA, Micros, Name, micros_in
from moa_scorer.storage.upserts import insert_into

LEASES: Final = Table(
    "leases",
    METADATA,
    Column("work", Name, primary_key=True),
    Column("holder", Name, nullable=False),
    Column("until", Micros, nullable=False),
)
_ROW: Final = LEASES.c


async def held(database: Database, work: str, holder: str, now: int, seconds: float) -> bool:
    """Whether the work is the holder's for so many seconds from `now`, in microseconds.

    It is where nobody else has it, or the other one's time is over.
    """
    row = {"work": work, "holder": holder, "until": now + micros_in(seconds)}
    inserting = insert_into(database.dialect, LEASES).values(**row)
    taking = inserting.on_conflict_do_update(
        index_elements=[_ROW.work],
        set_={"holder": inserting.excluded.holder, "until": inserting.excluded.until},
        where=or_(_ROW.holder == holder, _ROW.until <= now),
    ).returning(_ROW.holder)
    async with database.writing() as connection:
        return (await connection.execute(taking)).first() is not None
