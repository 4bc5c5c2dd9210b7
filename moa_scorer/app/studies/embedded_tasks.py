"""The rated texts in the repository and the embedded judges' ballots of them, as tasks to fit and measure."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.app.compose import Application
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.learning.embedded.evaluate import Task
from moa_scorer.learning.embedded.splits import read_splits
from moa_scorer.learning.student.columns import (
    RatedComments,
    cross_fitted,
    rated_comments,
    split_with_student,
)
from moa_scorer.learning.student.word_vectors import read_word_vectors
from moa_scorer.learning.study.ratings import RatedItem, read_ratings
from moa_scorer.learning.study.rows import Rows, read_rows
from moa_scorer.learning.study.table import rated_table, usable_items

Index = NDArray[np.intp]

FULL: Final = "embedded"
FAST: Final = "embedded-fast"
PANELS: Final = (FULL, FAST)
COMMENT: Final = "comment"
SAMPLE: Final = 1500
"""Comments that the slow judges are asked about; the fast ones are asked about all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One rubric's rated texts; the rubric, the kind and the file of ballots have one name."""

    name: str
    files: tuple[str, ...]
    single_raters: bool
    """Whether single people agree well enough to be a ceiling."""


SOURCES: Final = (
    Source(name="summary", files=("summeval",), single_raters=True),
    Source(name="story", files=("hanna",), single_raters=False),
    Source(name=COMMENT, files=("moderation",), single_raters=True),
)


def items_of(source: Source, data: Path) -> list[RatedItem]:
    """All rated items of a source, in file order."""
    return [item for name in source.files for item in read_ratings(data / f"{name}.jsonl.gz")]


def sampled(items: Sequence[RatedItem], most: int = SAMPLE) -> list[RatedItem]:
    """So many items at most, the first by hash, in the order given."""
    chosen = {item.id for item in by_hash(items)[:most]}
    return [item for item in items if item.id in chosen]


def by_hash(items: Sequence[RatedItem]) -> list[RatedItem]:
    """The items in the order of a salted hash of their ids: every beginning is a random sample."""
    return sorted(items, key=lambda item: hashlib.sha256(f"sample|{item.id}".encode()).digest())


def ballots_path(source: Source, data: Path) -> Path:
    """The packed ballots of a source."""
    return data / "ballots" / f"{source.name}.jsonl.gz"


def panel_of(application: Application, name: str) -> Panel:
    """A panel of the catalogue."""
    return application.catalog.panel(DEFAULT_TENANT, name)


def make_task(
    application: Application,
    source: Source,
    panel: Panel,
    data: Path,
    keep: Callable[[RatedItem], bool] = lambda _: True,
) -> Task:
    """The items that `keep` takes, with every judge's ballot. Raises ValueError when ballots are missing."""
    rubric = application.catalog.rubric(DEFAULT_TENANT, source.name)
    rows: Rows = read_rows(ballots_path(source, data))
    everything = items_of(source, data)
    items = usable_items(filter(keep, everything), rows, rubric, panel.judges)
    if not items:
        raise ValueError(f"no ballots of panel {panel.name} on {source.name} texts: run make fit-embedded")
    table = rated_table(items, rows, rubric, panel.judges)
    taught = _comments(everything, data) if source.name == COMMENT else None

    def split(train: Index, test: Index) -> tuple[RatedTable, RatedTable]:
        if taught is None:
            return table.take(train), table.take(test)
        return split_with_student(table, taught, train, test)

    return Task(
        name=f"{source.name} × {panel.name}",
        items=tuple(items),
        table=table if taught is None else cross_fitted(table, taught, np.arange(len(items))),
        split=split,
        rubric=rubric,
        panel=panel,
        kind=source.name,
        single_raters=source.single_raters,
    )


def _comments(items: Sequence[RatedItem], data: Path) -> RatedComments:
    """All rated comments; those of the final split teach only where a training part holds them."""
    final = read_splits(data / "splits.json").final
    return rated_comments(items, read_word_vectors(data / "word_vectors.npz"), reserved=final)
