"""`make eval-shared`: the whole protocol over sets of recorded judges, resumable.

It writes SHARED.md. A cell is one study with one number of rated items. Finished cells are
kept in the state folder and skipped next time, as long as data, seed, repeats and the code that makes the
numbers are the same.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import moa_scorer
from moa_scorer.app.protocol_pool import evaluated
from moa_scorer.app.studies.shared_report import markdown
from moa_scorer.app.studies.shared_sets import SETS, SharedSet, repeats_of, studies_of
from moa_scorer.app.threads import cap
from moa_scorer.learning.protocol.findings import Evaluation, document, from_document
from moa_scorer.learning.student.word_vectors import read_word_vectors
from moa_scorer.learning.study.ratings import digest

if TYPE_CHECKING:
    from moa_scorer.calibration.table import Array
    from moa_scorer.learning.study.study import Study

RATED: Final = (0, 20, 22, 50, 100, 200, None)
"""Numbers of rated items; None = all but a fold's."""
ROOMS: Final = ("calibration", "aggregation", "measures", "learning")
"""Whose code makes the numbers."""
SEED: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One study with one number of rated items."""

    of: SharedSet
    study: "Study"
    rated: int | None

    @property
    def name(self) -> str:
        """For its file."""
        return f"{self.of.slug}.{self.study.name}.{'all' if self.rated is None else self.rated}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what is not finished, and writes the two files from all that is."""
    options = _options(arguments)
    data, state, out = Path(options.data), Path(options.state), Path(options.out)
    if not data.is_dir():
        sys.stderr.write(f"eval-shared: there is no folder {data}: nothing to measure, nothing written\n")
        return 0
    cap(1)
    state.mkdir(parents=True, exist_ok=True)
    code = "" if options.any_code else code_digest()
    found: dict[str, list[Evaluation]] = {}
    cells = list(_cells(data, options.only, _wanted(options.rated)))
    with _bars() as bars:
        task = bars.add_task("cells", total=len(cells))
        for cell in cells:
            bars.update(task, description=cell.name)
            kept = _cell(cell, state, code, options, bars)
            if kept is not None:
                found.setdefault(cell.of.label, []).append(kept)
            bars.advance(task)
    if options.write:
        _write(out, found, data, options)
    else:
        sys.stdout.write(markdown(found, {}))
    return 0


def code_digest() -> str:
    """sha256 over the source of the rooms that make the numbers."""
    root = Path(moa_scorer.__file__).parent
    files = [p for room in ROOMS for p in sorted((root / room).rglob("*.py"))]
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()


def _cells(data: Path, only: Sequence[str], rated: Sequence[int | None]) -> Iterator[Cell]:
    for chosen in SETS:
        if not (data / chosen.file).is_file():
            sys.stderr.write(f"eval-shared: there is no {chosen.file}: {chosen.label} is left out\n")
        elif not only or any(word.lower() in chosen.label.lower() for word in only):
            yield from _cells_of(chosen, data, rated)


def _cells_of(chosen: SharedSet, data: Path, counts: Sequence[int | None]) -> Iterator[Cell]:
    read: dict[bool, tuple[Study, ...]] = {}
    for rated in counts:
        declared = rated == 0
        if declared not in read:
            read[declared] = studies_of(chosen, data, rated=rated)
        for study in read[declared]:
            yield Cell(of=chosen, study=study, rated=rated)


def _cell(
    cell: Cell, state: Path, code: str, options: argparse.Namespace, bars: Progress
) -> Evaluation | None:
    """The finished cell, from the state or run now; None where the study is too small for it."""
    path, repeats = (
        state / f"{cell.name}.json",
        options.repeats or repeats_of(cell.of, cell.study, cell.rated, options.share),
    )
    key = {
        "digests": dict(cell.study.digests),
        "seed": SEED,
        "repeats": repeats,
        "items": len(cell.study.items),
    }
    known = _finished(path, key, code)
    if known is None:
        vectors = _vectors(cell, Path(options.vectors))
        known = {
            "key": key,
            "code": code or code_digest(),
            **_run(cell, repeats, options.processes, vectors, bars),
        }
        path.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    return from_document(known["evaluation"]) if known["evaluation"] else None


def _finished(path: Path, key: Mapping[str, Any], code: str) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known if known["key"] == key and code in ("", known["code"]) else None


def _run(
    cell: Cell, repeats: int, processes: int, vectors: "Mapping[str, Array] | None", bars: Progress
) -> dict[str, Any]:
    task = bars.add_task("splits", total=repeats * (5 if cell.rated is None else 1))
    try:
        found = evaluated(
            cell.study,
            rated=cell.rated,
            repeats=repeats,
            seed=SEED,
            processes=processes,
            vectors=vectors,
            progress=lambda: bars.advance(task),
        )
    except ValueError as error:
        return {"evaluation": None, "why": str(error)}
    finally:
        bars.remove_task(task)
    return {"evaluation": document(found) | {"out_of_fold": [], "masks": []}}


def _vectors(cell: Cell, path: Path) -> "Mapping[str, Array] | None":
    """Of words, where a student joins the panel."""
    return read_word_vectors(path) if cell.of.student and cell.rated is None else None


def _write(
    out: Path, found: Mapping[str, Sequence[Evaluation]], data: Path, options: argparse.Namespace
) -> None:
    hashes = {s.file: digest(data / s.file) for s in SETS if s.label in found}
    (out / "SHARED.md").write_text(markdown(found, hashes, _given(options)), encoding="utf-8")


def _given(options: argparse.Namespace) -> str:
    """The arguments that change the figures, as they may be given again."""
    parts = [f"--only '{word}'" for word in options.only]
    parts += [f"--rated {options.rated}"] if options.rated else []
    parts += [f"--share {options.share:g}"] if options.share != 1.0 else []
    parts += [f"--repeats {options.repeats}"] if options.repeats else []
    return " ".join(parts)


def _wanted(said: str) -> tuple[int | None, ...]:
    return tuple(None if k == "all" else int(k) for k in said.split(",")) if said else RATED


def _bars() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make eval-shared", description=__doc__)
    parser.add_argument("--data", default="../shared/data", help="folder of the sets")
    parser.add_argument("--state", default="build/eval-shared", help="folder of finished cells")
    parser.add_argument("--out", default="deploy/snapshots", help="folder of SHARED.md")
    parser.add_argument("--vectors", default="tests/data/word_vectors.npz", help="of words, for the student")
    parser.add_argument("--only", action="append", default=[], help="a part of a set's name; repeatable")
    parser.add_argument(
        "--rated", default="", help="items that fits get, such as 0,22,all; default: all seven"
    )
    parser.add_argument("--repeats", type=int, help="other than the set's own number of draws")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the usual draws of rated items; at least 3"
    )
    parser.add_argument("--processes", type=int, default=2, help="splits that are run side by side")
    parser.add_argument("--any-code", action="store_true", help="keep cells that other code has made")
    parser.add_argument("--print", dest="write", action="store_false", help="print the table, write nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
