"""What many records rest on, written by several processes at a time."""

import asyncio
from dataclasses import replace

from moa_scorer.storage.artefacts import SqlArtefacts
from moa_scorer.storage.database import Database
from moa_scorer.storage.rows import Artefact


async def test_two_that_write_the_same_ones_in_another_order_never_wait_for_each_other(
    database: Database,
) -> None:
    many = [Artefact(digest=f"d{number}", kind="plan", content=b"x" * 20_000) for number in range(100)]

    async def write(artefacts: list[Artefact]) -> None:
        async with database.writing() as connection:
            await SqlArtefacts(database).write(connection, artefacts)

    for turn in range(3):
        new = [replace(artefact, digest=f"{artefact.digest}-{turn}") for artefact in many]
        await asyncio.gather(write(new), write(new[::-1]))
        assert len(await SqlArtefacts(database).among(artefact.digest for artefact in new)) == len(new)
