"""The catalogue on disk: panels, rubrics, policies and snapshots, checked as a whole."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from moa_scorer.app.file_models import Known, PanelFile, PolicyFile, RubricFile
from moa_scorer.app.snapshot_files import read_reference, read_snapshots
from moa_scorer.app.yaml_file import read_yaml
from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.rubric import Rubric

FOLDERS: Final = ("panels", "rubrics", "policies", "snapshots")


class _Revisioned(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...


R = TypeVar("R", bound=_Revisioned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[R]):
    """A resource and where it stands."""

    value: R
    file: str


@dataclass(slots=True)
class Shelf(Generic[R]):
    """One collection while it is read."""

    found: dict[str, Found[R]] = field(default_factory=dict)
    """Revision -> resource; a later directory's takes the place of an earlier one's."""
    broken: bool = False
    """Whether a file could not be read, so that names may be missing through no fault of who uses them."""

    def values(self) -> tuple[R, ...]:
        """By name and version."""
        return tuple(f.value for f in sorted(self.found.values(), key=lambda f: f.value.revision))

    def by_revision(self) -> dict[str, R]:
        """`name@version` -> resource."""
        return {revision: found.value for revision, found in self.found.items()}

    def names(self) -> set[str]:
        """`name` and `name@version` of everything found."""
        return {f.value.name for f in self.found.values()} | set(self.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFiles:
    """Everything that the catalogue's directories hold, free of mistakes."""

    panels: tuple[Panel, ...]
    rubrics: tuple[Rubric, ...]
    policies: tuple[Policy, ...]
    snapshots: tuple[Snapshot, ...]
    reference: Reference


def defaults_dir() -> Path:
    """The packaged catalogue; in a checkout, the one under deploy/."""
    packaged = Path(str(resources.files("moa_scorer"))) / "defaults"
    return packaged if packaged.is_dir() else packaged.parents[1] / "deploy"


def newest_file(name: str, catalog_dir: Path | None) -> Path:
    """A file by its path inside the catalogue: that of `catalog_dir` if it has one, else the packaged."""
    own = None if catalog_dir is None else catalog_dir / name
    return own if own is not None and own.is_file() else defaults_dir() / name


def read_catalog(catalog_dir: Path | None, judges: Collection[str]) -> CatalogFiles:
    """Reads the packaged catalogue and `catalog_dir` over it; `judges` are the names panels may use.

    A revision (`name@version`) in `catalog_dir` replaces the packaged one; other revisions stand beside each
    other. Raises ConfigurationError with every mistake of every file.
    """
    mistakes: list[str] = []
    folders = [defaults_dir()]
    if catalog_dir is not None and _usable(catalog_dir, mistakes):
        folders.append(catalog_dir)
    rubrics = _read_shelf(folders, "rubrics", _rubric, mistakes, Known())
    known = _known(judges, rubrics)
    panels = _read_shelf(folders, "panels", _panel, mistakes, known)
    policies = _read_shelf(folders, "policies", _policy, mistakes, known)
    snapshots = read_snapshots(
        folders,
        mistakes,
        panels=panels.by_revision(),
        rubrics=rubrics.by_revision(),
        unsure=[name for name, shelf in (("panels", panels), ("rubrics", rubrics)) if shelf.broken],
    )
    reference = read_reference(folders, mistakes)
    if mistakes:
        raise ConfigurationError(tuple(mistakes))
    return CatalogFiles(
        panels=panels.values(),
        rubrics=rubrics.values(),
        policies=policies.values(),
        snapshots=snapshots,
        reference=reference,
    )


def _usable(catalog_dir: Path, mistakes: list[str]) -> bool:
    if not catalog_dir.is_dir():
        mistakes.append(f"{catalog_dir}: is not a directory")
        return False
    if not any((catalog_dir / name).is_dir() for name in FOLDERS):
        wanted = ", ".join(f"{name}/" for name in FOLDERS)
        mistakes.append(f"{catalog_dir}: holds none of {wanted}")
        return False
    return True


def _rubric(path: Path, mistakes: list[str], known: Known) -> Rubric | None:
    parsed = read_yaml(path, RubricFile, mistakes, known)
    return parsed.value() if parsed else None


def _panel(path: Path, mistakes: list[str], known: Known) -> Panel | None:
    parsed = read_yaml(path, PanelFile, mistakes, known)
    return parsed.value() if parsed else None


def _policy(path: Path, mistakes: list[str], known: Known) -> Policy | None:
    parsed = read_yaml(path, PolicyFile, mistakes, known)
    return parsed.value() if parsed else None


def _known(judges: Collection[str], rubrics: Shelf[Rubric]) -> Known:
    """What panels and policies may name; where a rubric could not be read, any rubric and criterion."""
    if rubrics.broken:
        return Known(judges=judges)
    criteria = {c.name for found in rubrics.found.values() for c in found.value.criteria}
    return Known(judges=judges, rubrics=rubrics.names(), criteria=criteria)


def _read_shelf(
    folders: Sequence[Path],
    collection: str,
    read: Callable[[Path, list[str], Known], R | None],
    mistakes: list[str],
    known: Known,
) -> Shelf[R]:
    shelf: Shelf[R] = Shelf()
    for folder in folders:
        here: dict[str, Found[R]] = {}
        for path in sorted((folder / collection).glob("*.y*ml")):
            value = read(path, mistakes, known)
            if value is None:
                shelf.broken = True
            elif value.revision in here:
                other = here[value.revision].file
                mistakes.append(f"{path}: name: {value.revision} stands in {other} too")
            else:
                here[value.revision] = Found(value=value, file=str(path))
        shelf.found.update(here)
    return shelf
