"""Calibration snapshots and reference quantiles on disk, checked against panels and rubrics."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import isclose
from pathlib import Path
from typing import Final, TypeVar

from moa_scorer.aggregation.own import is_own
from moa_scorer.calibration import files
from moa_scorer.calibration.reference import EMPTY_REFERENCE, Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.learning.loop.promotion import read_state

REFERENCE: Final = "reference.json"
STATE: Final = ".state.json"
"""Ending of a file with the decisions about the snapshots of a name."""

T = TypeVar("T")
ReadSnapshot = Callable[[Path], Snapshot]
"""Raises ConfigurationError."""


class SnapshotReader:
    """Reads a snapshot's file again only when it has changed: parsing one takes most of a reload's time."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[tuple[int, int, int], Snapshot]] = {}

    def __call__(self, path: Path) -> Snapshot:
        """The snapshot, the same one as before where the file is; raises ConfigurationError, OSError."""
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._read.get(path)
        if known is None or known[0] != stamp:
            known = self._read[path] = (stamp, files.read_snapshot(path))
        return known[1]

    def forget_gone(self) -> None:
        """Lets go of snapshots whose files are no longer there."""
        self._read = {path: known for path, known in self._read.items() if path.exists()}


def read_snapshots(
    folders: Sequence[Path],
    mistakes: list[str],
    *,
    panels: Mapping[str, Panel],
    rubrics: Mapping[str, Rubric],
    unsure: Collection[str] = (),
    read: ReadSnapshot = files.read_snapshot,
) -> tuple[Snapshot, ...]:
    """The snapshots of all catalogue folders; one of a later folder replaces one of the same revision.

    `panels` and `rubrics` are by revision; `unsure` names those of the two that could not be read in full.
    """
    found: dict[str, tuple[Snapshot, str]] = {}
    for folder in folders:
        here: dict[str, tuple[Snapshot, str]] = {}
        for path in sorted((folder / "snapshots").glob("*.json.gz")):
            snapshot = _read(read, path, mistakes)
            if snapshot is None:
                continue
            if snapshot.revision in here:
                mistakes.append(
                    f"{path}: version: {snapshot.revision} stands in {here[snapshot.revision][1]} too"
                )
            here[snapshot.revision] = (snapshot, str(path))
        found |= here
    for snapshot, file in found.values():
        mistakes += (f"{file}: {m}" for m in _misfits(snapshot, panels, rubrics, unsure))
    return tuple(snapshot for _, (snapshot, _) in sorted(found.items()))


def read_reference(folders: Sequence[Path], mistakes: list[str]) -> Reference:
    """The reference quantiles of the last folder that has them; without any, raw scores are averaged."""
    paths = [path for folder in folders if (path := folder / "snapshots" / REFERENCE).is_file()]
    if not paths:
        return EMPTY_REFERENCE
    return _read(files.read_reference, paths[-1], mistakes) or EMPTY_REFERENCE


def read_states(folders: Sequence[Path], mistakes: list[str]) -> dict[str, SnapshotState]:
    """Name of a snapshot, without its version -> its state; that of a later folder replaces another."""
    found = {}
    for folder in folders:
        for path in sorted((folder / "snapshots").glob(f"*{STATE}")):
            state = _read(read_state, path, mistakes)
            if state is not None:
                found[path.name.removesuffix(STATE)] = state
    return found


def _read(read: Callable[[Path], T], path: Path, mistakes: list[str]) -> T | None:
    try:
        return read(path)
    except ConfigurationError as error:
        mistakes += error.mistakes
        return None


def _misfits(
    snapshot: Snapshot,
    panels: Mapping[str, Panel],
    rubrics: Mapping[str, Rubric],
    unsure: Collection[str],
) -> Iterator[str]:
    """Where a snapshot does not fit what it says it was fitted for.

    One of somebody's own judges brings its panel and rubric itself: it serves their ballots, and no content.
    """
    panel, rubric = panels.get(snapshot.panel), rubrics.get(snapshot.rubric)
    if panel is None and is_own(snapshot):
        return
    if panel is not None:
        for judge in snapshot.judges:
            if judge not in panel.judges:
                yield f"judges: panel {panel.revision} lacks '{judge}': a changed panel is another version"
    elif "panels" not in unsure:
        yield f"panel: there is no panel {snapshot.panel}"
    if rubric is not None:
        if not _same_weights(snapshot.weights, rubric.weights()):
            yield f"weights: not those of rubric {rubric.revision}: a changed rubric is another version"
    elif "rubrics" not in unsure:
        yield f"rubric: there is no rubric {snapshot.rubric}"


def _same_weights(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return list(one) == list(other) and all(isclose(one[k], other[k], abs_tol=1e-9) for k in one)
