"""The comment student's columns in a table of ratings: always from a student that never saw the item's group.

What the served student said of its own training texts must not reach layer 2: those scores know the ratings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.fit_student import (
    Corpus,
    crossfit_student,
    fit_student,
    read_corpus,
    student_columns,
)
from moa_scorer.calibration.student import CRITERIA, Student
from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.ratings import RatedItem

Array = NDArray[np.float64]
Index = NDArray[np.intp]

TARGET = "civility"
"""Criterion that the student learns."""
COLUMNS = tuple(f"student/{name}" for name in CRITERIA)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """Rated comments as the student learns from them."""

    corpus: Corpus
    targets: Array
    """Mean rating of each text, in [0, 1]."""
    sources: tuple[str, ...]
    """Data set of each text: one expert for each."""
    groups: tuple[str, ...]


def lesson(items: Sequence[RatedItem], vectors: dict[str, Array]) -> Lesson:
    """Reads the comments once, for any number of fits. Raises ValueError where civility was not rated."""
    means = [item.mean(TARGET) for item in items]
    if any(mean is None for mean in means):
        raise ValueError("a comment without a rating of civility cannot teach")
    return Lesson(
        corpus=read_corpus([item.text for item in items], vectors),
        targets=np.array(means, dtype=np.float64),
        sources=tuple(item.dataset for item in items),
        groups=tuple(item.group for item in items),
    )


def teach(lesson: Lesson, index: Index) -> Student:
    """The student of the comments at `index`."""
    return fit_student(lesson.corpus, index, lesson.targets, lesson.sources)


def cross_fitted(table: RatedTable, lesson: Lesson, index: Index, seed: int = 0) -> RatedTable:
    """The table's items at `index`, the student's columns cross-fitted among them.

    `table` and `lesson` run over the same items in the same order. Where the table holds the student's
    columns, its abstentions stay; where it does not, they are added.
    """
    scores = crossfit_student(lesson.corpus, index, lesson.targets, lesson.sources, lesson.groups, seed=seed)
    return _with(table.take(index), scores)


def examined(table: RatedTable, lesson: Lesson, train: Index, test: Index) -> RatedTable:
    """The table's items at `test`, the student's columns by a student of the items at `train`."""
    return _with(table.take(test), student_columns(teach(lesson, train), lesson.corpus, test))


def split_with_student(
    table: RatedTable, lesson: Lesson, train: Index, test: Index, seed: int = 0
) -> tuple[RatedTable, RatedTable]:
    """(training table, test table): no student's score in either knows a rating of its own group, and none in
    the training table knows one of the test items."""
    return cross_fitted(table, lesson, train, seed), examined(table, lesson, train, test)


def _with(table: RatedTable, scores: Array) -> RatedTable:
    known = [c for c in COLUMNS if c in table.columns]
    if known:
        places = [table.columns.index(c) for c in COLUMNS]
        values = table.values.copy()
        values[:, places] = np.where(np.isnan(values[:, places]), np.nan, scores)
        return replace(table, values=values)
    judged = sum(not c.startswith("measures/") for c in table.columns)
    return replace(
        table,
        columns=(*table.columns[:judged], *COLUMNS, *table.columns[judged:]),
        values=np.hstack([table.values[:, :judged], scores, table.values[:, judged:]]),
    )
