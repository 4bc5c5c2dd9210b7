"""A snapshot by its file or by its name in the catalogue."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from moa_scorer.calibration.files import read_snapshot
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.scoring.brought import fitted_for
from moa_scorer.scoring.catalog import Catalog

FILES: Final = (".json.gz", ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A snapshot with what it was fitted for."""

    snapshot: Snapshot
    panel: Panel
    rubric: Rubric


def is_file(name: str) -> bool:
    """Whether a snapshot is given by its file, not by its name."""
    return name.endswith(FILES) or "/" in name.removeprefix("snapshots/")


def with_snapshot(catalog: Catalog, name: str) -> tuple[Catalog, str]:
    """The catalogue with the snapshot of a file in it, and the snapshot's name there.

    Raises ConfigurationError for a file that is none.
    """
    if not is_file(name):
        return catalog, name.removeprefix("snapshots/")
    own = read_snapshot(Path(name))
    others = tuple(s for s in catalog.snapshots if s.revision != own.revision)
    return replace(catalog, snapshots=(*others, own)), own.revision


def choose(catalog: Catalog, name: str) -> Chosen:
    """The snapshot of a file or a name; raises ConfigurationError or NotFound."""
    holding, revision = with_snapshot(catalog, name)
    snapshot = holding.snapshot(revision)
    panel, rubric = fitted_for(snapshot, holding, DEFAULT_TENANT)
    return Chosen(snapshot=snapshot, panel=panel, rubric=rubric)
