"""Replays a slice of the database's records by what is kept in the database alone."""

from collections import Counter
from dataclasses import dataclass, field, replace

from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.domain.errors import DamagedRecord
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Scored
from moa_scorer.scoring.artefacts import Artefacts, MissingArtefact
from moa_scorer.scoring.replay import compared
from moa_scorer.storage.artefacts import SqlArtefacts
from moa_scorer.storage.database import Database
from moa_scorer.storage.records import SqlRecords
from tests.replay.making import FIRST_DAY, Slice, StandingClock
from tests.replay.recorded_panel import recorded_catalog

BARE = replace(recorded_catalog(), snapshots=(), panels=(), policies=(), reference=EMPTY_REFERENCE)
"""A server that serves none of what the records rest on."""


@dataclass(slots=True, kw_only=True)
class Found:
    """What replaying came to."""

    same: int = 0
    differences: list[str] = field(default_factory=list)
    """Record, path and both values."""
    damaged: list[str] = field(default_factory=list)
    """Record and part."""
    missing: list[str] = field(default_factory=list)
    """Record and artefact."""
    seen: Counter[str] = field(default_factory=Counter)
    """What kinds of records there were."""
    masks: set[str] = field(default_factory=set)
    """Sets of judges that answered."""

    @property
    def records(self) -> int:
        """All that were looked at."""
        return self.same + len(self.differences) + len(self.damaged) + len(self.missing)

    def add(self, other: "Found") -> None:
        """Another slice's."""
        self.same += other.same
        self.differences += other.differences
        self.damaged += other.damaged
        self.missing += other.missing
        self.seen += other.seen
        self.masks |= other.masks


class Checker:
    """Replays slices of one database; what it has parsed and worked out serves the next slice too."""

    def __init__(self, url: str) -> None:
        database = Database(url)
        self._store = SqlRecords(database, StandingClock(FIRST_DAY))
        self._artefacts = Artefacts(lambda: BARE, SqlArtefacts(database))

    async def check(self, of: Slice) -> Found:
        """Replays every record of the slice."""
        found = Found()
        async for record in self._store.scan(of.where, lambda damage: found.damaged.append(_words(damage))):
            _tell(found, record)
            calibration = await self._artefacts.of(record.plan)
            if isinstance(calibration, MissingArtefact):
                found.missing.append(f"records/{record.name}: {calibration}")
            elif (difference := compared(record, calibration).difference) is not None:
                words = f"{difference.path}: {difference.stored} is now {difference.recomputed}"
                found.differences.append(f"records/{record.name}: {words}")
            else:
                found.same += 1
        return found


def _words(damage: DamagedRecord) -> str:
    return f"records/{damage.name}: {damage.part}"


def _tell(found: Found, record: Record) -> None:
    verdict, outcome = record.verdict, record.verdict.outcome
    certificate = outcome.certificate.status if isinstance(outcome, Scored) else "no score"
    found.seen[f"completion {verdict.completion}"] += 1
    found.seen[f"certificate {certificate}"] += 1
    found.seen[f"decision {record.ruling.decision}"] += 1
    found.masks.add(",".join(ballot.judge for ballot in verdict.ballots if ballot.judged()))
