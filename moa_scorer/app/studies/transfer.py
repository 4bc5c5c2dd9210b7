"""`make transfer`: what certificates say of items that a snapshot was not fitted for.

Sets of recorded judges are paired where they have judges in common, the embedded comment panel is fitted on
one site and measured on another. Kind and rubric have the same names on both sides, so that nothing but the
items tells them apart. Writes TRANSFER.md and transfer.json.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import Progress

from moa_scorer.app.compose import compose
from moa_scorer.app.settings import load_settings
from moa_scorer.app.studies.embedded_tasks import COMMENT, FAST, SOURCES, make_task, panel_of
from moa_scorer.app.threads import cap
from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.fit import fit
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable, judge_of
from moa_scorer.learning.embedded.evaluate import Task
from moa_scorer.learning.loop.transfer import CONTROLS, ORIGIN, Transfer, one_criterion, transfer, transfers
from moa_scorer.learning.study.files import read_studies
from moa_scorer.learning.study.ratings import digest
from moa_scorer.learning.study.study import Study

FILES: Final = ("alttest_extra.jsonl.gz", "summeval.jsonl.gz")
"""Sets of the same recorded judges on several tasks."""
STUDENT: Final = "student"
SEED: Final = 0
HEAD: Final = """\
# What certificates say of items that a snapshot was not fitted for

Fitted on one set, measured on another with the same judges; kind and rubric are named alike, so nothing but
the items tells the sets apart. *Alone*: every item is looked at by itself. *Batch*: the file is looked at as
a whole first, by bets on conformal p-values (`moa_scorer/learning/loop/drift_batch.py`); after an alarm no
item is VALID. *From*: the smallest random batch (10, 20, 50 … source documents) with an alarm. The promise:
nothing that is called VALID covers less than .85. Rows of a set on itself are held-out items of it, and
should stay VALID.

| fitted on | measured on | items | alone: VALID | coverage | evidence | from | batch: VALID | coverage |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the matrix and writes it; 1 where a VALID certificate covers too little."""
    options = _options(arguments)
    shared, data, out = Path(options.shared), Path(options.data), Path(options.out)
    cap(1)
    found: list[Transfer] = []
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        bar = bars.add_task("measuring", total=None)
        for one in (*_recorded(shared), *(() if options.recorded_only else _comments(data))):
            found.append(one)
            bars.update(bar, advance=1, description=f"{one.fitted} → {one.measured}")
    hashes = {
        p.name: digest(p)
        for p in sorted([*(shared / f for f in FILES), *data.glob("mod*.gz")])
        if p.is_file()
    }
    (out / "TRANSFER.md").write_text(markdown(found, hashes), encoding="utf-8")
    plain = {"data": hashes, "seed": SEED, "transfers": [_plain(t) for t in found]}
    (out / "transfer.json").write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    broken = [t for t in found if not t.kept]
    for one in broken:
        sys.stderr.write(f"transfer: {one.fitted} → {one.measured}: VALID with coverage {one.coverage:.3f}\n")
    return 1 if broken else 0


def markdown(found: Sequence[Transfer], hashes: dict[str, str]) -> str:
    """The matrix as a table."""
    rows = "".join(_row(t) for t in found)
    pairs = [t for t in found if t.fitted != t.measured]
    broken = [t for t in pairs if t.valid_alone > 0 and t.coverage_alone < 0.85]
    words = (
        f"\nOf {len(pairs)} pairs, {len(broken)} break the promise where items are looked at alone, "
        f"{sum(not t.kept for t in pairs)} with the batch.\n\n## Data\n\n"
    )
    return HEAD + rows + words + "".join(f"- `{name}`: sha256 `{h}`\n" for name, h in hashes.items())


def _row(one: Transfer) -> str:
    cells = (
        one.fitted,
        one.measured if one.measured != one.fitted else "itself, held out",
        str(one.items),
        f"{one.valid_alone:.1%}",
        _share(one.coverage_alone),
        f"10^{one.evidence:.1f}",
        str(one.found_from or "–"),
        f"{one.valid:.1%}",
        _share(one.coverage),
    )
    return f"| {' | '.join(cells)} |\n"


def _share(share: float) -> str:
    return "–" if math.isnan(share) else f"{share:.3f}"


def _plain(one: Transfer) -> dict[str, object]:
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in asdict(one).items()}


def _recorded(shared: Path) -> Iterator[Transfer]:
    """Between the recorded sets that are there."""
    missing = [name for name in FILES if not (shared / name).is_file()]
    if missing:
        sys.stderr.write(f"transfer: {', '.join(missing)} not in {shared}: recorded judges are left out\n")
        return
    studies = [study for name in FILES for study in read_studies(shared / name)]
    common = set.intersection(*(set(s.judges) for s in studies))
    yield from transfers([one_criterion(_with(s, common), c) for s in studies for c in s.criteria], seed=SEED)


def _with(study: Study, judges: set[str]) -> Study:
    return study.with_judges([j for j in study.judges if j in judges])


def _comments(data: Path) -> Iterator[Transfer]:
    """The embedded comment panel from site to site, and on held-out items of each."""
    source = next(s for s in SOURCES if s.name == COMMENT)
    with closing(compose(load_settings())) as application:
        task = make_task(application, source, panel_of(application, FAST), data)
    table = _untaught(task.table)
    sites = np.array([item.dataset for item in task.items])
    folds = group_folds(table.groups, CONTROLS, SEED)
    for site in np.unique(sites):
        own = table.take(np.flatnonzero((sites == site) & (folds != 0)))
        snapshot = _fit(task, own)
        for other in np.unique(sites):
            measured = table.take(np.flatnonzero((sites == other) & (folds == 0)))
            names = (str(site), str(other))
            yield transfer(
                snapshot, measured, task.rubric, task.panel, kind=task.kind, names=names, seed=SEED
            )


def _untaught(table: RatedTable) -> RatedTable:
    """The table without the judge that was taught on the ratings: of one site alone it would be another."""
    kept = [k for k, column in enumerate(table.columns) if judge_of(column) != STUDENT]
    return replace(
        table, columns=tuple(table.columns[k] for k in kept), values=table.values[:, kept], abstentions={}
    )


def _fit(task: Task, table: RatedTable) -> Snapshot:
    return fit(
        table,
        rubric=task.rubric,
        kinds=(task.kind,),
        languages=("en",),
        panel=task.panel,
        judge_revisions={},
        seed=SEED,
        origin=ORIGIN,
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="transfer", description=__doc__)
    parser.add_argument("--shared", default="../shared/data", help="folder of the recorded sets")
    parser.add_argument("--data", default="tests/data", help="folder of rated texts and embedded ballots")
    parser.add_argument("--out", default="deploy/snapshots", help="folder for the two files")
    parser.add_argument("--recorded-only", action="store_true", help="without the embedded panel")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
