"""`make eval`: measures the embedded panels against people's ratings by tests/data/PREREGISTRATION.md.

Reads the committed ballots, so it needs no model; writes EVALUATION.md and evaluation.json.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import Progress

from moa_scorer.app.compose import Application, compose
from moa_scorer.app.settings import load_settings
from moa_scorer.app.studies.embedded_tasks import COMMENT, FAST, FULL, SOURCES, items_of, make_task, panel_of
from moa_scorer.app.studies.noise_floor import noise_floor
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.learning.embedded.evaluate import Task
from moa_scorer.learning.embedded.report import markdown
from moa_scorer.learning.embedded.results import (
    SPLITS,
    comment_figures,
    coverage_of,
    cross_validated,
    final_split,
    placebo,
    unseen_sources,
)
from moa_scorer.learning.embedded.splits import read_splits
from moa_scorer.learning.study.ratings import RatedItem, digest
from moa_scorer.telemetry.logs import configure

CHOSEN: Final = (("summary", FULL), ("story", FULL), (COMMENT, FAST), (COMMENT, FULL))
NOISE_ITEMS: Final = 20
"""Texts of each kind that the noise floor is measured on, of the final split."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs every task, two at a time, and writes the two files."""
    options = _options(arguments)
    data, out = Path(options.data), Path(options.out)
    found: dict[str, Any] = {"data": {p.name: digest(p) for p in sorted(data.glob("*.jsonl.gz"))}}
    jobs = [(name, panel, part) for name, panel in CHOSEN for part in _parts(name, panel)]
    with Progress(console=Console(stderr=True)) as bars, ProcessPoolExecutor(options.processes) as pool:
        bar = bars.add_task("measuring", total=len(jobs) + 1)
        futures = {pool.submit(measure, *job, str(data), options.splits): job for job in jobs}
        for future in as_completed(futures):
            name, panel, part = futures[future]
            found.setdefault(f"{name} × {panel}", {})[part] = future.result()
            bars.advance(bar)
        found["noise"] = noise(data) if options.noise else []
        bars.advance(bar)
    tasks = {f"{name} × {panel}": found.pop(f"{name} × {panel}") for name, panel in CHOSEN}
    result = {**found, "splits": options.splits, "tasks": tasks}
    (out / "evaluation.json").write_text(json.dumps(_rounded(result), indent=1, ensure_ascii=False) + "\n")
    (out / "EVALUATION.md").write_text(markdown(result))
    sys.stdout.write(markdown(result))
    return 0


def _parts(name: str, panel: str) -> tuple[str, ...]:
    """What is measured of a task. Sources are left out only where the table holds all of their comments: the
    student of a sample learns from the rest as well."""
    parts = ("cross-validated", "final", "coverage", "placebo")
    if name != COMMENT:
        return (*parts, "unseen sources")
    return (*parts, "comments") if panel == FAST else parts


def measure(name: str, panel: str, part: str, data: str, splits: int) -> Any:
    """One part of one task's results, in a process of its own."""
    application = compose(load_settings())
    try:
        task, parts = _task(application, name, panel, Path(data))
    finally:
        application.close()
    folds, final = parts
    if part == "cross-validated":
        return cross_validated(task, folds)
    if part == "final":
        return final_split(task, final)
    if part == "coverage":
        return coverage_of(task, splits)
    if part == "placebo":
        return placebo(task, folds)
    if part == "unseen sources":
        return unseen_sources(task)
    return comment_figures(task, folds)


def _task(
    application: Application, name: str, panel: str, data: Path
) -> tuple[Task, tuple[np.ndarray[Any, np.dtype[np.intp]], np.ndarray[Any, np.dtype[np.bool_]]]]:
    source = next(s for s in SOURCES if s.name == name)
    task = make_task(application, source, panel_of(application, panel), data)
    splits = read_splits(data / "splits.json")
    folds = np.array([splits.fold(i) for i in task.items], dtype=np.intp)
    return task, (folds, np.array([splits.is_final(i) for i in task.items]))


def noise(data: Path) -> list[Mapping[str, Any]]:
    """How far harmless edits move the scores of some held-out texts, scored now by the local judges."""
    configure("console", "error")
    application = compose(load_settings())
    splits = read_splits(data / "splits.json")
    chosen: list[RatedItem] = []
    for source in SOURCES:
        chosen += [i for i in items_of(source, data) if splits.is_final(i)][:NOISE_ITEMS]
    requests = [ScoreRequest(content=i.content(), panel=FULL) for i in chosen]
    try:
        moved = asyncio.run(_noise(application, requests))
    finally:
        application.close()
    return [asdict(n) for n in moved]


async def _noise(application: Application, requests: list[ScoreRequest]) -> tuple[Any, ...]:
    await application.warm(FULL)
    return await noise_floor(application.pipeline, requests, seed=0, at_once=application.pool.threads + 1)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return [_rounded(v) for v in value] if isinstance(value, (list, tuple)) else value


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make eval", description=__doc__)
    parser.add_argument("--data", default="tests/data", help="folder with ratings, splits and ballots")
    parser.add_argument(
        "--out", default="deploy/snapshots", help="folder of EVALUATION.md and evaluation.json"
    )
    parser.add_argument("--splits", type=int, default=SPLITS, help="random splits for the coverage")
    parser.add_argument("--processes", type=int, default=2, help="tasks measured side by side")
    parser.add_argument("--no-noise", dest="noise", action="store_false", help="leave out the noise floor")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
