"""The catalogue on disk: endpoints, judges, panels, rubrics, policies and snapshots, checked as a whole."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Final

from moa_scorer.app.files.endpoints import EndpointFile
from moa_scorer.app.files.judges import JudgeFile
from moa_scorer.app.files.panels import PanelFile
from moa_scorer.app.files.parts import Known
from moa_scorer.app.files.policies import PolicyFile
from moa_scorer.app.files.prices import read_prices
from moa_scorer.app.files.routes import route_mistakes
from moa_scorer.app.files.rubrics import RubricFile
from moa_scorer.app.files.shelves import Shelf, read_shelf
from moa_scorer.app.files.snapshots import ReadSnapshot, read_reference, read_snapshots, read_states
from moa_scorer.app.files.stopping import read_stoppings
from moa_scorer.app.files.yaml_file import read_yaml
from moa_scorer.calibration.files import read_snapshot
from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.stopping import Stopping
from moa_scorer.providers.prices import PriceTable
from moa_scorer.providers.spec import EndpointSpec

FOLDERS: Final = ("endpoints", "judges", "panels", "rubrics", "policies", "snapshots", "stopping")
PROMPTS: Final = "prompts"
"""Folder of a user's own prompt templates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFiles:
    """Everything that the catalogue's directories hold, free of mistakes."""

    panels: tuple[Panel, ...]
    rubrics: tuple[Rubric, ...]
    policies: tuple[Policy, ...]
    snapshots: tuple[Snapshot, ...]
    reference: Reference
    endpoints: Mapping[str, EndpointSpec] = field(default_factory=dict)
    """By name."""
    judges: tuple[JudgeFile, ...] = ()
    """The language models among the judges."""
    prices: PriceTable = field(default_factory=PriceTable)
    prompts: Path | None = None
    """A user's own templates."""
    states: Mapping[str, SnapshotState] = field(default_factory=dict)
    """Name of a snapshot, without its version -> what was decided about it."""
    stoppings: tuple[Stopping, ...] = ()
    """Calibrated stopping rules of panels with tiers."""


def defaults_dir() -> Path:
    """The packaged catalogue; in a checkout, the one under deploy/."""
    packaged = Path(str(resources.files("moa_scorer"))) / "defaults"
    return packaged if packaged.is_dir() else packaged.parents[1] / "deploy"


def newest_file(name: str, catalog_dir: Path | None) -> Path:
    """A file by its path inside the catalogue: that of `catalog_dir` if it has one, else the packaged."""
    own = None if catalog_dir is None else catalog_dir / name
    return own if own is not None and own.is_file() else defaults_dir() / name


def read_catalog(
    catalog_dir: Path | None, judges: Collection[str], read: ReadSnapshot = read_snapshot
) -> CatalogFiles:
    """Reads the packaged catalogue and `catalog_dir` over it; `judges` are those that need no file.

    A revision (`name@version`) in `catalog_dir` replaces the packaged one; other revisions stand beside each
    other. Raises ConfigurationError with every mistake of every file.
    """
    mistakes: list[str] = []
    folders = [defaults_dir()]
    if catalog_dir is not None and _usable(catalog_dir, mistakes):
        folders.append(catalog_dir)
    prompts = None if catalog_dir is None else catalog_dir / PROMPTS
    endpoints, unsure = _endpoints(folders, mistakes)
    models = _judges(folders, mistakes, Known(endpoints=None if unsure else endpoints), endpoints, prompts)
    _own_names(models, judges, mistakes)
    rubrics = _rubrics(folders, mistakes)
    known = _known(judges, models, rubrics)
    panels = _panels(folders, mistakes, known)
    _routes(panels, mistakes)
    policies = _policies(folders, mistakes, known)
    snapshots = read_snapshots(
        folders,
        mistakes,
        panels=panels.by_revision(),
        rubrics=rubrics.by_revision(),
        unsure=[name for name, shelf in (("panels", panels), ("rubrics", rubrics)) if shelf.broken],
        read=read,
    )
    states = read_states(folders, mistakes)
    stoppings = read_stoppings(folders, mistakes)
    reference = read_reference(folders, mistakes)
    prices = read_prices(folders, mistakes)
    if mistakes:
        raise ConfigurationError(tuple(mistakes))
    return CatalogFiles(
        panels=panels.values(),
        rubrics=rubrics.values(),
        policies=policies.values(),
        snapshots=snapshots,
        reference=reference,
        endpoints=endpoints,
        judges=models.values(),
        prices=prices,
        prompts=prompts,
        states=states,
        stoppings=stoppings,
    )


def read_rubrics(catalog_dir: Path | None) -> tuple[Rubric, ...]:
    """The catalogue's rubrics alone, by name and version; raises ConfigurationError."""
    mistakes: list[str] = []
    folders = [defaults_dir()]
    if catalog_dir is not None and _usable(catalog_dir, mistakes):
        folders.append(catalog_dir)
    rubrics = _rubrics(folders, mistakes)
    if mistakes:
        raise ConfigurationError(tuple(mistakes))
    return rubrics.values()


def read_rubric(path: Path) -> Rubric:
    """The rubric of one file; raises ConfigurationError."""
    mistakes: list[str] = []
    rubric = _rubric(path, mistakes)
    if rubric is None or mistakes:
        raise ConfigurationError(tuple(mistakes))
    return rubric


def _usable(catalog_dir: Path, mistakes: list[str]) -> bool:
    if not catalog_dir.is_dir():
        mistakes.append(f"{catalog_dir}: is not a directory")
        return False
    if not any((catalog_dir / name).is_dir() for name in FOLDERS):
        wanted = ", ".join(f"{name}/" for name in FOLDERS)
        mistakes.append(f"{catalog_dir}: holds none of {wanted}")
        return False
    return True


def _endpoints(folders: Sequence[Path], mistakes: list[str]) -> tuple[dict[str, EndpointSpec], bool]:
    """Endpoints by name, and whether some could not be read."""

    def read(path: Path, mistakes: list[str]) -> EndpointFile | None:
        return read_yaml(path, EndpointFile, mistakes)

    shelf = read_shelf(folders, "endpoints", read, mistakes)
    specs: dict[str, EndpointSpec] = {}
    for found in shelf.in_order():
        wrong = found.mistakes(found.value.misfits(found.file.parent, os.environ))
        mistakes += wrong
        if wrong:
            shelf.broken = True
        else:
            specs[found.value.name] = found.value.spec(found.file.parent, os.environ)
    return specs, shelf.broken


def _judges(
    folders: Sequence[Path],
    mistakes: list[str],
    known: Known,
    endpoints: Mapping[str, EndpointSpec],
    prompts: Path | None,
) -> Shelf[JudgeFile]:
    shelf = read_shelf(folders, "judges", lambda p, m: read_yaml(p, JudgeFile, m, known), mistakes)
    for found in shelf.in_order():
        mistakes += found.mistakes(found.value.misfits(endpoints, prompts))
    return shelf


def _own_names(models: Shelf[JudgeFile], judges: Collection[str], mistakes: list[str]) -> None:
    for found in models.in_order():
        if found.value.name in judges:
            mistakes.append(f"{found.file}: name: '{found.value.name}' is a judge of the server's own")


def _rubrics(folders: Sequence[Path], mistakes: list[str]) -> Shelf[Rubric]:
    return read_shelf(folders, "rubrics", _rubric, mistakes)


def _rubric(path: Path, mistakes: list[str]) -> Rubric | None:
    parsed = read_yaml(path, RubricFile, mistakes)
    mistakes += (f"{path}: {at}: {words}" for at, words in (parsed.misfits() if parsed else ()))
    return parsed.value() if parsed else None


def _panels(folders: Sequence[Path], mistakes: list[str], known: Known) -> Shelf[Panel]:
    def read(path: Path, mistakes: list[str]) -> Panel | None:
        parsed = read_yaml(path, PanelFile, mistakes, known)
        mistakes += (f"{path}: {at}: {words}" for at, words in (parsed.misfits(known) if parsed else ()))
        return parsed.value() if parsed else None

    return read_shelf(folders, "panels", read, mistakes)


def _routes(panels: Shelf[Panel], mistakes: list[str]) -> None:
    """Looked at when all panels are known; where one could not be read, a route may be to that one."""
    for found in () if panels.broken else panels.in_order():
        mistakes += found.mistakes(route_mistakes(found.value, panels.values()))


def _policies(folders: Sequence[Path], mistakes: list[str], known: Known) -> Shelf[Policy]:
    def read(path: Path, mistakes: list[str]) -> Policy | None:
        parsed = read_yaml(path, PolicyFile, mistakes, known)
        return parsed.value() if parsed else None

    return read_shelf(folders, "policies", read, mistakes)


def _known(judges: Collection[str], models: Shelf[JudgeFile], rubrics: Shelf[Rubric]) -> Known:
    """What panels and policies may name; where a file could not be read, anything of its collection."""
    named = None if models.broken else {*judges, *models.names()}
    readers = None if models.broken else models.names()
    if rubrics.broken:
        return Known(judges=named, readers=readers)
    criteria = {c.name for found in rubrics.found.values() for c in found.value.criteria}
    return Known(judges=named, readers=readers, rubrics=rubrics.names(), criteria=criteria)
