"""`make fit-embedded`: collects the embedded judges' ballots of rated texts, fits, writes deploy/snapshots.

Resumable: ballots that are there, under the judges' present revisions, are not collected again. Only texts
outside the final split are fitted on.
"""

import argparse
import asyncio
import datetime
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import Progress

from moa_scorer.app.compose import STUDENT, Application, compose
from moa_scorer.app.settings import load_settings
from moa_scorer.app.studies.ballots import CollectionFailed, collect_ballots, publish, resume_from
from moa_scorer.app.studies.embedded_tasks import (
    COMMENT,
    FAST,
    FULL,
    PANELS,
    SOURCES,
    Source,
    ballots_path,
    items_of,
    make_task,
    panel_of,
    sampled,
)
from moa_scorer.calibration.files import write_reference, write_snapshot
from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.reference import Reference, fit_reference
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.student import save
from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.embedded.evaluate import PANEL, Task, correlation, cross_validate, inside
from moa_scorer.learning.embedded.splits import read_splits
from moa_scorer.learning.student.columns import rated_comments, teach
from moa_scorer.learning.student.word_vectors import read_word_vectors
from moa_scorer.learning.study.ratings import RatedItem, digest
from moa_scorer.telemetry.logs import configure

SEED: Final = 0
FOLDS: Final = 5
CODE: Final = "moa-scorer 0.1"
CORPUS: Final = "English news summaries, short stories and comments, outside the final split"

console = Console(stderr=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs all steps; 1 with a clear line when a judge cannot judge."""
    options = _options(arguments)
    configure("console", "error")
    data, out, work = Path(options.data), Path(options.out), Path(options.work)
    try:
        if not options.no_collect:
            teach_student(data, out)
            with _application() as application:
                asyncio.run(collect(application, data, work))
        with _application() as application:
            write_snapshots(application, data, out, options.created)
    except (CollectionFailed, ValueError) as error:
        sys.stderr.write(f"fit-embedded: {error}\n")
        return 1
    return 0


@contextmanager
def _application() -> Iterator[Application]:
    application = compose(load_settings())
    try:
        yield application
    finally:
        application.close()


def teach_student(data: Path, out: Path) -> None:
    """Fits the comment student on all comments outside the final split."""
    console.print("fitting the comment student")
    splits = read_splits(data / "splits.json")
    items = [i for s in SOURCES if s.name == COMMENT for i in items_of(s, data) if not splits.is_final(i)]
    taught = rated_comments(items, read_word_vectors(data / "word_vectors.npz"))
    save(teach(taught, np.arange(len(items))), out / Path(STUDENT).name)


async def collect(application: Application, data: Path, work: Path) -> None:
    """Asks every judge about the texts that it has not judged yet, with a progress bar."""
    fast = panel_of(application, FAST).judges
    everyone = panel_of(application, FULL).judges
    await application.warm()
    with Progress(console=console) as bars:
        for source in SOURCES:
            items, log = items_of(source, data), work / f"{source.name}.jsonl"
            resume_from(ballots_path(source, data), log)
            for chosen, judges in _asked(source, items, fast, everyone):
                await _collect(application, bars, source.name, chosen, judges, log)
            revisions = {name: application.catalog.judge(name).profile.revision for name in everyone}
            publish(log, ballots_path(source, data), items, revisions)


def _asked(
    source: Source, items: list[RatedItem], fast: tuple[str, ...], everyone: tuple[str, ...]
) -> list[tuple[list[RatedItem], tuple[str, ...]]]:
    """Which judges are asked about which texts: of comments the slow judges see a sample only."""
    if source.name != COMMENT:
        return [(items, everyone)]
    return [(items, fast), (sampled(items), everyone)]


async def _collect(
    application: Application,
    bars: Progress,
    name: str,
    items: list[RatedItem],
    judges: tuple[str, ...],
    log: Path,
) -> None:
    bar = bars.add_task(f"{name}: {len(judges)} judges on {len(items)} texts", total=None)

    def progress(done: int, total: int) -> None:
        bars.update(bar, completed=done, total=total)

    await collect_ballots(application, items, judges, log, progress)
    bars.update(bar, completed=1, total=1)


def write_snapshots(application: Application, data: Path, out: Path, created: str) -> None:
    """Fits every rubric and panel on the texts outside the final split, and the reference quantiles."""
    splits = read_splits(data / "splits.json")

    def keep(item: RatedItem) -> bool:
        return not splits.is_final(item)

    tasks = {
        (s.name, p): make_task(application, s, panel_of(application, p), data, keep)
        for s in SOURCES
        for p in PANELS
    }
    reference = reference_of([tasks[s.name, FULL].table for s in SOURCES])
    write_reference(reference, out / "reference.json")
    for source in SOURCES:
        ratings = "+".join(digest(data / f"{name}.jsonl.gz") for name in source.files)
        for panel in PANELS:
            task = tasks[source.name, panel]
            snapshot = fit_task(
                application, task, reference, Origin(created=created, code=CODE, ratings=ratings)
            )
            path = out / f"{snapshot.revision.partition('@')[0]}.json.gz"
            write_snapshot(snapshot, path)
            said = ", ".join(f"{k} {v:.3f}" for k, v in snapshot.metrics.items())
            console.print(f"{path}: {snapshot.items} texts; left out in turn: {said}", soft_wrap=True)


def fit_task(application: Application, task: Task, reference: Reference, origin: Origin) -> Snapshot:
    """The snapshot of a task, with what left-out groups say of it."""
    judges = {j: application.catalog.judge(j).profile.calibrated_as for j in task.panel.judges}
    snapshot = fit(
        task.table,
        rubric=task.rubric,
        kinds=(task.kind,),
        languages=("en",),
        panel=task.panel,
        judge_revisions=judges,
        seed=SEED,
        origin=origin,
        reference=reference,
    )
    return replace(snapshot, metrics=held_out(task))


def held_out(task: Task) -> Mapping[str, float]:
    """Spearman per head and coverage of the overall, each item scored by a fit without its group."""
    splits = {g: k % FOLDS for k, g in enumerate(sorted(set(task.table.groups)))}
    folds = cross_validate(task, np.array([splits[g] for g in task.table.groups]), baselines=False)
    heads = (*task.rubric.weights(), OVERALL)
    spearman = {
        f"spearman.{h}": round(float(np.mean([correlation(f, PANEL, h) for f in folds])), 4) for h in heads
    }
    held = [inside(f, OVERALL) for f in folds]
    return {**spearman, "coverage.overall": round(float(np.mean(np.concatenate(held))), 4)}


def reference_of(tables: Sequence[RatedTable]) -> Reference:
    """Quantiles of every judge's column over all kinds of text."""
    columns = tuple(dict.fromkeys(c for t in tables for c in t.columns))
    blocks = []
    for table in tables:
        block = np.full((table.items, len(columns)), np.nan)
        block[:, [columns.index(c) for c in table.columns]] = table.values
        blocks.append(block)
    joined = RatedTable(
        columns=columns,
        values=np.vstack(blocks),
        targets={
            OVERALL: np.concatenate(
                [t.targets[OVERALL] if OVERALL in t.targets else np.zeros(t.items) for t in tables]
            )
        },
        ids=tuple(i for t in tables for i in t.ids),
        groups=tuple(g for t in tables for g in t.groups),
        sources=tuple(s for t in tables for s in t.sources),
        raters=np.concatenate([t.raters for t in tables]),
    )
    return fit_reference(joined, corpus=CORPUS)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    parser = argparse.ArgumentParser(prog="make fit-embedded", description=__doc__)
    parser.add_argument("--data", default="tests/data", help="folder with ratings, splits and ballots")
    parser.add_argument("--out", default="deploy/snapshots", help="folder that the snapshots are written to")
    parser.add_argument("--work", default="build/ballots", help="folder for ballots while they are collected")
    parser.add_argument("--created", default=today, help="date in the provenance")
    parser.add_argument("--no-collect", action="store_true", help="fit from the ballots that are there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
