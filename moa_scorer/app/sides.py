"""What a comparison of decisions is between: policies, snapshots or catalogues, by name or by file."""

from pathlib import Path

from moa_scorer.app.chosen import named
from moa_scorer.app.compose import catalog_of
from moa_scorer.app.files.policy_file import read_policy
from moa_scorer.app.mistakes import did_you_mean
from moa_scorer.app.settings import Settings
from moa_scorer.calibration.files import read_snapshot
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.diff import Side


def read_sides(old: str, new: str, catalog: Catalog, settings: Settings) -> tuple[Side, Side]:
    """Both sides; raises ConfigurationError for what cannot be read and for sides of two kinds."""
    one, other = (read_side(wanted, catalog, settings) for wanted in (old, new))
    if one.kind != other.kind:
        words = f"{old} is a {one.kind} and {new} is a {other.kind}: compare two of a kind"
        raise ConfigurationError((words,))
    return one, other


def read_side(wanted: str, catalog: Catalog, settings: Settings) -> Side:
    """A folder is a catalogue, a file a policy (YAML) or a snapshot, else it is a name in the catalogue."""
    path = Path(wanted)
    if path.is_dir():
        there = settings.model_copy(update={"catalog_dir": path})
        return Side(name=wanted, catalog=catalog_of(there))
    if path.is_file() and path.suffix in (".yaml", ".yml"):
        return Side(name=wanted, policy=read_policy(path))
    if path.is_file():
        return Side(name=wanted, snapshot=read_snapshot(path))
    return _named(wanted, catalog)


def _named(wanted: str, catalog: Catalog) -> Side:
    """A policy or a snapshot of the catalogue; `policies/` or `snapshots/` before it tells which."""
    collection, _, name = wanted.rpartition("/")
    if collection in ("", "policies") and any(name in (p.name, p.revision) for p in catalog.policies):
        policy = named(name, catalog.policies)
        return Side(name=f"policies/{policy.revision}", policy=policy)
    if collection in ("", "snapshots") and any(name in (s.name, s.revision) for s in catalog.snapshots):
        snapshot = named(name, catalog.snapshots)
        return Side(name=f"snapshots/{snapshot.revision}", snapshot=snapshot)
    known = [*(p.revision for p in catalog.policies), *(s.revision for s in catalog.snapshots)]
    words = f"'{wanted}' is no file, folder, policy or snapshot{did_you_mean(name, known)}"
    raise ConfigurationError((words,))
