"""What a change would do to stored decisions, read one after the other with a bar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.compared import Compared
from moa_scorer.app.compose import catalog_of
from moa_scorer.app.mistakes import did_you_mean
from moa_scorer.app.settings import Settings
from moa_scorer.app.sides import read_side
from moa_scorer.app.stored import answers, stored
from moa_scorer.domain.errors import ConfigurationError, DamagedRecord
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.what_if import Change, what_if


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A change by names; what is not set stays as each record has it."""

    policy: str = ""
    """A name in the catalogue, or a file; the same for the snapshot."""
    snapshot: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    quorum: int | None = None

    @property
    def words(self) -> str:
        """What it comes to, for people."""
        return ", ".join(self._words())

    def _words(self) -> Iterator[str]:
        yield from (name for name in (self.policy, self.snapshot) if name)
        yield from (f"{criterion} {weight:g}" for criterion, weight in self.weights.items())
        if self.without:
            yield f"without {', '.join(sorted(self.without))}"
        if self.only:
            yield f"only {', '.join(sorted(self.only))}"
        if self.quorum is not None:
            yield f"a quorum of {self.quorum}"


async def what_if_of(
    wanted: Wanted, meant: RecordFilter, settings: Settings, backup: Path | None, examples: int
) -> Compared:
    """What would change; raises ConfigurationError for what cannot be read, and StorageUnavailable."""
    catalog = catalog_of(settings)
    change = _change(wanted, catalog, settings)
    async with stored(settings, backup) as storage:
        artefacts = Artefacts(lambda: catalog, storage.artefacts)
        with Progress(await storage.records.count(meant), "working out") as progress:
            damaged: list[DamagedRecord] = []
            records = answers(storage.records.scan(meant, damaged.append))
            found = await what_if(records, change, artefacts, examples=examples, progress=progress.advance_by)
    return Compared(
        old="the records",
        new=wanted.words,
        found=found.beside_damaged(len(damaged)),
        damaged=tuple(damaged),
    )


def _change(wanted: Wanted, catalog: Catalog, settings: Settings) -> Change:
    policy = read_side(wanted.policy, catalog, settings).policy if wanted.policy else None
    snapshot = read_side(wanted.snapshot, catalog, settings).snapshot if wanted.snapshot else None
    if wanted.policy and policy is None:
        raise ConfigurationError((f"--policy {wanted.policy}: is no policy",))
    if wanted.snapshot and snapshot is None:
        raise ConfigurationError((f"--snapshot {wanted.snapshot}: is no snapshot",))
    if wanted.weights and not any(wanted.weights.values()):
        raise ConfigurationError(("--weight: one weight at least must be above 0",))
    known = {judge for panel in catalog.panels for judge in panel.judges}
    if strange := sorted((wanted.without | wanted.only) - known):
        words = (f"no panel has a judge '{name}'{did_you_mean(name, sorted(known))}" for name in strange)
        raise ConfigurationError(tuple(words))
    return Change(
        policy=policy,
        snapshot=snapshot,
        weights=wanted.weights,
        without=wanted.without,
        only=wanted.only,
        quorum=wanted.quorum,
    )
