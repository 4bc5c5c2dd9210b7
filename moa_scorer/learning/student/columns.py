"""The comment student's columns in a table of ratings: always from a student that never saw the item's group.

What the served student said of its own training texts must not reach layer 2: those scores know the ratings.
"""

from collections.abc import Collection, Mapping, Sequence
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
from moa_scorer.learning.study.ratings import RatedItem

Array = NDArray[np.float64]
Index = NDArray[np.intp]

TARGET = "civility"
"""Criterion that the student learns."""
COLUMNS = tuple(f"student/{name}" for name in CRITERIA)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatedComments:
    """Rated comments as the student learns from them."""

    ids: tuple[str, ...]
    corpus: Corpus
    targets: Array
    """Mean rating of each text, in [0, 1]."""
    sources: tuple[str, ...]
    """Data set of each text: one expert for each."""
    groups: tuple[str, ...]
    reserved: frozenset[str] = frozenset()
    """Groups whose items teach only where a table's training part holds them."""


def rated_comments(
    items: Sequence[RatedItem], vectors: Mapping[str, Array], reserved: Collection[str] = ()
) -> RatedComments:
    """Reads the comments once, for any number of fits and for tables of any of them.

    Raises ValueError where civility was not rated.
    """
    means = [item.mean(TARGET) for item in items]
    if any(mean is None for mean in means):
        raise ValueError("a comment without a rating of civility cannot teach")
    return RatedComments(
        ids=tuple(item.id for item in items),
        corpus=read_corpus([item.text for item in items], vectors),
        targets=np.array(means, dtype=np.float64),
        sources=tuple(item.dataset for item in items),
        groups=tuple(item.group for item in items),
        reserved=frozenset(reserved),
    )


def teach(comments: RatedComments, index: Index) -> Student:
    """The student of the comments at `index`."""
    return fit_student(comments.corpus, index, comments.targets, comments.sources)


def cross_fitted(table: RatedTable, comments: RatedComments, index: Index, seed: int = 0) -> RatedTable:
    """The table's items at `index`, the student's columns cross-fitted among them.

    All items of the table are among the comments, in any order; the other comments teach too, unless they are
    reserved. Where the table holds the student's columns, its abstentions stay; where not, they are added.
    """
    return split_with_student(table, comments, index, np.array([], dtype=np.intp), seed)[0]


def split_with_student(
    table: RatedTable, comments: RatedComments, train: Index, test: Index, seed: int = 0
) -> tuple[RatedTable, RatedTable]:
    """(training table, test table): no student's score in either knows a rating of its own group, and none in
    the training table knows one of the test items."""
    place = {item: i for i, item in enumerate(comments.ids)}
    places = np.array([place[item] for item in table.ids], dtype=np.intp)
    pool = _pool(table, comments, places, train, test)
    scores = np.full((len(comments.ids), len(CRITERIA)), np.nan)
    scores[pool] = crossfit_student(
        comments.corpus, pool, comments.targets, comments.sources, comments.groups, seed=seed
    )
    if test.size:
        scores[places[test]] = student_columns(teach(comments, pool), comments.corpus, places[test])
    return _with(table.take(train), scores[places[train]]), _with(table.take(test), scores[places[test]])


def _pool(table: RatedTable, comments: RatedComments, places: Index, train: Index, test: Index) -> Index:
    """Positions of the comments that may teach: the training items, and all that the table does not hold."""
    barred = comments.reserved | {table.groups[i] for i in test}
    held = set(places.tolist())
    others = [i for i, g in enumerate(comments.groups) if i not in held and g not in barred]
    return np.sort(np.concatenate([places[train], np.array(others, dtype=np.intp)]))


def _with(table: RatedTable, scores: Array) -> RatedTable:
    if all(c in table.columns for c in COLUMNS):
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
