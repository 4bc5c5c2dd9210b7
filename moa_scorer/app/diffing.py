"""The decisions that two sides make of stored records, read one after the other with a bar."""

from collections.abc import Sequence
from pathlib import Path

from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.compared import Compared
from moa_scorer.app.compose import compose
from moa_scorer.app.settings import Settings
from moa_scorer.app.sides import read_sides
from moa_scorer.app.stored import answers, stored
from moa_scorer.domain.errors import DamagedRecord
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.diff import diff
from moa_scorer.scoring.shadow_table import ShadowRow, ShadowTable


async def diff_of(
    old: str, new: str, settings: Settings, meant: RecordFilter, backup: Path | None, examples: int
) -> Compared:
    """What the new side changes of what the old one says; raises ConfigurationError, StorageUnavailable."""
    application = compose(settings)
    application.close()
    catalog = application.catalog
    one, other = read_sides(old, new, catalog, settings)
    async with stored(settings, backup) as storage:
        artefacts = Artefacts(lambda: catalog, storage.artefacts)
        with Progress(await storage.records.count(meant), "comparing") as progress:
            damaged: list[DamagedRecord] = []
            records = answers(storage.records.scan(meant, damaged.append))
            found = await diff(
                records, one, other, artefacts, examples=examples, progress=progress.advance_by
            )
    return Compared(
        old=one.name,
        new=other.name,
        found=found.beside_damaged(len(damaged)),
        damaged=tuple(damaged),
    )


async def shadows_of(
    settings: Settings, meant: RecordFilter, backup: Path | None
) -> tuple[tuple[ShadowRow, ...], Sequence[DamagedRecord]]:
    """How often each shadow would have decided otherwise, and which records are damaged.

    Raises ConfigurationError and StorageUnavailable.
    """
    table, damaged = ShadowTable(), list[DamagedRecord]()
    async with stored(settings, backup) as storage:
        with Progress(await storage.records.count(meant), "reading") as progress:
            async for record in storage.records.scan(meant, damaged.append):
                table.add(record)
                progress.advance()
    return table.rows(), damaged
