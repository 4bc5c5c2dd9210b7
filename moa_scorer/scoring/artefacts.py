"""What a record's number was made with, found by digest: its snapshot and its reference quantiles."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.record import PlanRecord
from moa_scorer.scoring.catalog import Catalog

PARSED: Final = 8
"""Snapshots kept parsed; one takes tens of megabytes once its masks are worked out."""

T = TypeVar("T", Snapshot, Reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What turns ballots into a number."""

    snapshot: Snapshot | None
    """None when nobody had rated for the rubric and panel."""
    reference: Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingArtefact:
    """Something that a number was made with is neither served nor kept."""

    name: str
    """Such as `snapshots/REVISION` or `reference quantiles`."""
    digest: str

    def __str__(self) -> str:
        return f"{self.name} with digest {self.digest} is neither served nor kept"


class Kept(Protocol):
    """Artefacts that were kept beside the records; None = not this one. Raises StorageUnavailable."""

    async def snapshot(self, digest: str) -> Snapshot | None:
        """The snapshot of that digest."""
        ...

    async def reference(self, digest: str) -> Reference | None:
        """The reference quantiles of that digest."""
        ...


class Artefacts:
    """Finds snapshots and reference quantiles: first among those that are served, then among those kept."""

    def __init__(self, catalog: Callable[[], Catalog], kept: Kept | None = None) -> None:
        """`catalog` gives the one in force."""
        self._catalog = catalog
        self._kept = kept
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()
        self._references: OrderedDict[str, Reference] = OrderedDict()

    async def of(self, plan: PlanRecord) -> Calibration | MissingArtefact:
        """What a plan's number was made with; raises StorageUnavailable."""
        snapshot = await self._snapshot(plan.calibration) if plan.snapshot else None
        if plan.snapshot and snapshot is None:
            return MissingArtefact(name=f"snapshots/{plan.snapshot}", digest=plan.calibration)
        wanted = plan.reference or plan.calibration
        reference = await self._reference(wanted)
        if reference is None:
            return MissingArtefact(name="reference quantiles", digest=wanted)
        return Calibration(snapshot=snapshot, reference=reference)

    async def _snapshot(self, digest: str) -> Snapshot | None:
        served = (each for each in self._catalog().snapshots if each.digest == digest)
        if (found := next(served, None)) is not None:
            return found
        return await _remembered(self._snapshots, digest, self._kept.snapshot if self._kept else None)

    async def _reference(self, digest: str) -> Reference | None:
        served = self._catalog().reference
        if served.digest == digest:
            return served
        return await _remembered(self._references, digest, self._kept.reference if self._kept else None)


async def _remembered(
    parsed: OrderedDict[str, T], digest: str, read: Callable[[str], Awaitable[T | None]] | None
) -> T | None:
    """The artefact among the parsed ones, else as it is read; the one not used for longest goes first."""
    if digest in parsed:
        parsed.move_to_end(digest)
        return parsed[digest]
    found = await read(digest) if read is not None else None
    if found is not None:
        parsed[digest] = found
        while len(parsed) > PARSED:
            parsed.popitem(last=False)
    return found
