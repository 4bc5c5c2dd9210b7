"""What a record's number was made with, found by digest: its snapshot and its reference quantiles."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.errors import DamagedRecord, NotFound
from moa_scorer.domain.record import PlanRecord
from moa_scorer.domain.stores import ArtefactStore
from moa_scorer.scoring.artefact_bytes import (
    REFERENCE,
    SNAPSHOT,
    Unreadable,
    reference_bytes,
    reference_of,
    snapshot_bytes,
    snapshot_of,
)
from moa_scorer.scoring.catalog import Catalog

PARSED: Final = 16
"""Artefacts kept parsed; a snapshot takes tens of megabytes once its masks are worked out."""
GONE: Final = "is neither served nor kept"
DAMAGED: Final = "is kept, and its bytes are not those that were written"

T = TypeVar("T", Snapshot, Reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What turns ballots into a number."""

    snapshot: Snapshot | None
    """None when nobody had rated for the rubric and panel."""
    reference: Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingArtefact:
    """Something that a number was made with cannot be had."""

    name: str
    """`snapshots/REVISION` or `reference quantiles`."""
    digest: str
    why: str = GONE

    def __str__(self) -> str:
        return f"{self.name} ({self.digest}) {self.why}"


class Artefacts:
    """Finds snapshots and reference quantiles: first among those that are served, then among those kept."""

    def __init__(self, catalog: Callable[[], Catalog], kept: ArtefactStore | None = None) -> None:
        """`catalog` gives the one in force."""
        self._catalog = catalog
        self._kept = kept
        self._parsed: OrderedDict[str, Snapshot | Reference] = OrderedDict()

    async def of(self, plan: PlanRecord) -> Calibration | MissingArtefact:
        """What a plan's number was made with; raises StorageUnavailable."""
        snapshot = await self._snapshot(plan.calibration) if plan.snapshot else None
        if isinstance(snapshot, str):
            name = f"snapshots/{plan.snapshot}"
            return MissingArtefact(name=name, digest=plan.calibration, why=snapshot)
        wanted = plan.reference or plan.calibration
        reference = await self._reference(wanted)
        if isinstance(reference, str):
            return MissingArtefact(name="reference quantiles", digest=wanted, why=reference)
        return Calibration(snapshot=snapshot, reference=reference)

    async def _snapshot(self, digest: str) -> Snapshot | str:
        """The snapshot, or why there is none."""
        served = (each for each in self._catalog().snapshots if each.digest == digest)
        return next(served, None) or await self._read(digest, Snapshot, snapshot_of)

    async def _reference(self, digest: str) -> Reference | str:
        served = self._catalog().reference
        return served if served.digest == digest else await self._read(digest, Reference, reference_of)

    async def _read(self, digest: str, kind: type[T], parse: Callable[[bytes, str], T]) -> T | str:
        """From the store; of the parsed ones that not used for longest goes first."""
        found = self._parsed.pop(digest, None)
        if not isinstance(found, kind):
            if self._kept is None:
                return GONE
            try:
                found = parse(await self._kept.get(digest), digest)
            except NotFound:
                return GONE
            except (DamagedRecord, Unreadable):
                return DAMAGED
        self._parsed[digest] = found
        while len(self._parsed) > PARSED:
            self._parsed.popitem(last=False)
        return found


async def keep_served(catalog: Catalog, kept: ArtefactStore) -> None:
    """Keeps what is served, for records to be replayed when it no longer is; raises StorageUnavailable."""
    for snapshot in catalog.snapshots:
        if not await kept.has(snapshot.digest):
            await kept.put(snapshot.digest, SNAPSHOT, snapshot_bytes(snapshot))
    if not await kept.has(catalog.reference.digest):
        await kept.put(catalog.reference.digest, REFERENCE, reference_bytes(catalog.reference))
