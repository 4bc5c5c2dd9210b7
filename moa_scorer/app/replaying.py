"""Every stored record that is meant, replayed one after the other with a bar."""

from collections.abc import Callable
from pathlib import Path

from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.records_at import artefacts_in
from moa_scorer.app.settings import Settings
from moa_scorer.app.stored import stored
from moa_scorer.domain.errors import DamagedRecord
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.scoring.replay import Replay, replayed


async def replays_of(
    meant: RecordFilter, settings: Settings, backup: Path | None, told: Callable[[Replay], None]
) -> None:
    """Tells what became of each record; raises ConfigurationError and StorageUnavailable."""
    async with stored(settings, backup) as storage:
        artefacts = artefacts_in(storage, settings)
        with Progress(await storage.records.count(meant), "replaying") as progress:

            def damaged(damage: DamagedRecord) -> None:
                told(Replay(name=damage.name, damaged=damage.part))
                progress.advance()

            async for record in storage.records.scan(meant, damaged):
                told(await replayed(record, artefacts))
                progress.advance()


def outcome_of(replay: Replay) -> str:
    """In a word."""
    if replay.same:
        return "same"
    if replay.damaged:
        return "damaged"
    return "different" if replay.missing is None else "without their snapshot"
