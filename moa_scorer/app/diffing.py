"""The decisions that two sides make of stored records, read one after the other with a bar."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.compose import compose
from moa_scorer.app.settings import Settings
from moa_scorer.app.sides import read_sides
from moa_scorer.app.stored import answers, stored
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.diff import diff
from moa_scorer.scoring.shadow_table import ShadowRow, ShadowTable
from moa_scorer.scoring.what_if_tally import WhatIf


def where(
    *, since: datetime | None = None, panel: str = "", rubric: str = "", policy: str = ""
) -> RecordFilter:
    """Which records are meant; everything set must hold."""
    return RecordFilter(tenant=DEFAULT_TENANT, since=since, panel=panel, rubric=rubric, policy=policy)


async def diff_of(
    old: str, new: str, settings: Settings, meant: RecordFilter, backup: Path | None, examples: int
) -> tuple[str, str, WhatIf]:
    """Names of both sides and what the new one changes; raises ConfigurationError and StorageUnavailable."""
    application = compose(settings)
    application.close()
    catalog = application.catalog
    one, other = read_sides(old, new, catalog, settings)
    async with stored(settings, backup) as storage:
        artefacts = Artefacts(lambda: catalog, storage.artefacts)
        with Progress(await storage.records.count(meant), "comparing") as progress:
            records = answers(storage.records.scan(meant))
            found = await diff(
                records, one, other, artefacts, examples=examples, progress=progress.advance_by
            )
    return one.name, other.name, found


async def shadows_of(settings: Settings, meant: RecordFilter, backup: Path | None) -> tuple[ShadowRow, ...]:
    """How often each shadow would have decided otherwise; raises ConfigurationError, StorageUnavailable."""
    table = ShadowTable()
    async with stored(settings, backup) as storage:
        with Progress(await storage.records.count(meant), "reading") as progress:
            async for record in storage.records.scan(replace(meant, panel="")):
                table.add(record)
                progress.advance()
    return table.rows()
