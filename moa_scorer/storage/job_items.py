"""Items of jobs: begun, settled once, listed, forgotten, each in a transaction of the caller."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from moa_scorer.domain.job import Begun, ItemState, Progress, RetryClass, Settled
from moa_scorer.storage.job_rows import begun_row, settled_of, settled_row
from moa_scorer.storage.jobs_table import ITEMS

_ROW: Final = ITEMS.c
_FAILED: Final = (ItemState.FAILED, ItemState.SET_ASIDE)
_AGAIN: Final = (RetryClass.TRANSIENT, RetryClass.POISON)
_INSERTS: Final[Mapping[str, Callable[[Table], "sqlite.Insert | postgresql.Insert"]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


async def begin(connection: AsyncConnection, job: str, items: Sequence[Begun]) -> None:
    """Notes that these items are about to be worked on; one that is settled stays as it is."""
    if items:
        inserting = _INSERTS[connection.dialect.name](ITEMS).on_conflict_do_update(
            index_elements=[_ROW.job, _ROW.item],
            set_={"crashes": _ROW.crashes + 1},
            where=_ROW.state == ItemState.RUNNING,
        )
        await connection.execute(inserting, [begun_row(job, item) for item in items])


async def settle(connection: AsyncConnection, job: str, items: Sequence[Settled]) -> Sequence[Settled]:
    """Notes what became of these items; gives those that were not settled before."""
    new: list[Settled] = []
    for item in items:
        row = settled_row(job, item)
        inserting = _INSERTS[connection.dialect.name](ITEMS).values(**row)
        settling = inserting.on_conflict_do_update(
            index_elements=[_ROW.job, _ROW.item],
            set_={name: inserting.excluded[name] for name in row if name != "crashes"},
            where=_ROW.state == ItemState.RUNNING,
        ).returning(_ROW.item)
        if (await connection.execute(settling)).first() is not None:
            new.append(item)
    return new


def counted(progress: Progress, items: Sequence[Settled]) -> dict[str, int]:
    """The counts of a job with these items in them."""
    found = [item.state for item in items]
    return {
        "scored": progress.scored + found.count(ItemState.SCORED),
        "unscored": progress.unscored + found.count(ItemState.UNSCORED),
        "failed": progress.failed + found.count(ItemState.FAILED),
        "set_aside": progress.set_aside + found.count(ItemState.SET_ASIDE),
        "calls": progress.calls + sum(item.calls for item in items),
        "micro_usd": progress.micro_usd + sum(item.micro_usd for item in items),
    }


async def left_running(connection: AsyncConnection, job: str) -> Sequence[Begun]:
    """Items that were begun and not settled, and how many processes ended while they were at work on each."""
    unsettled = (_ROW.job == job, _ROW.state == ItemState.RUNNING)
    found = await connection.execute(select(ITEMS).where(*unsettled).order_by(_ROW.item))
    return [Begun(index=row.item, line=row.line, id=row.id, crashes=row.crashes) for row in found]


async def give_back(connection: AsyncConnection, job: str) -> None:
    """Items at work count as not begun: their process ends them in good order."""
    await connection.execute(delete(ITEMS).where(_ROW.job == job, _ROW.state == ItemState.RUNNING))


async def settled_from(connection: AsyncConnection, job: str, index: int) -> frozenset[int]:
    """Indexes of settled items from `index` on."""
    settled = (_ROW.job == job, _ROW.item >= index, _ROW.state != ItemState.RUNNING)
    return frozenset((await connection.execute(select(_ROW.item).where(*settled))).scalars())


async def listed(
    connection: AsyncConnection, job: str, size: int, after: int, *, failed_only: bool = False
) -> Sequence[Settled]:
    """A page of settled items, in order."""
    state = _ROW.state.in_(_FAILED) if failed_only else _ROW.state != ItemState.RUNNING
    chosen = select(ITEMS).where(_ROW.job == job, _ROW.item > after, state)
    return [settled_of(row) for row in await connection.execute(chosen.order_by(_ROW.item).limit(size))]


async def forget_failures(connection: AsyncConnection, job: str) -> tuple[dict[str, int], int | None]:
    """Items worth another try count as not begun: how many, by state, and the index of the first."""
    again = (_ROW.job == job, _ROW.retry.in_(_AGAIN))
    counts = select(_ROW.state, func.count()).where(*again).group_by(_ROW.state)
    found = {row[0]: int(row[1]) for row in await connection.execute(counts)}
    first: int | None = await connection.scalar(select(func.min(_ROW.item)).where(*again))
    await connection.execute(delete(ITEMS).where(*again))
    return found, first


async def forget_all(connection: AsyncConnection, job: str) -> None:
    """Deletes the items of a job."""
    await connection.execute(delete(ITEMS).where(_ROW.job == job))
