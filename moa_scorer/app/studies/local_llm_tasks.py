"""Which rated texts the local language model is asked about, and the comparison that they are for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from moa_scorer.app.compose import Application
from moa_scorer.app.studies.embedded_tasks import (
    FULL,
    SOURCES,
    Index,
    Source,
    ballots_path,
    by_hash,
    items_of,
    panel_of,
)
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import RatedTable, judge_of
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.learning.embedded.evaluate import PANEL, Array, Fold, Task, run_fold
from moa_scorer.learning.protocol.baselines import plain_mean
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import WHOLE, BallotRow, Rows, read_rows
from moa_scorer.learning.study.table import rated_table, usable_items

JUDGE: Final = "local_llm"
WITH: Final = "embedded+local-llm"
WITHOUT: Final = "embedded"
ALONE: Final = "local-llm alone"

ITEMS: Final = 150
"""Texts of each kind that the model is asked about."""
KINDS: Final = ("summary", "story")


def source_of(kind: str) -> Source:
    """The rated texts of a kind; KeyError for a kind that the model is not asked about."""
    return {s.name: s for s in SOURCES if s.name in KINDS}[kind]


def chosen(source: Source, data: Path) -> list[RatedItem]:
    """The pre-registered texts in the order in which they are asked; every beginning is a sample too."""
    return by_hash(items_of(source, data))[:ITEMS]


def llm_ballots_path(source: Source, data: Path) -> Path:
    """The packed ballots of the model on a source's texts."""
    return data / "ballots" / f"local_llm-{source.name}.jsonl.gz"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """A panel with and without the model, over the same texts."""

    task: Task
    """Over all rated texts of the kind; where the model was not asked its ballot is an abstention."""
    without: Task
    """The same without the model's columns."""
    asked: Index
    """Positions of the texts that the model was asked about."""


def comparison(application: Application, source: Source, data: Path) -> Comparison:
    """Reads committed ballots only. Raises ValueError when the model's are not there."""
    panel, rubric = panel_of(application, FULL), application.catalog.rubric(DEFAULT_TENANT, source.name)
    own = read_rows(llm_ballots_path(source, data))
    if not own:
        raise ValueError(f"no ballots of {JUDGE} on {source.name} texts: run make collect-local-llm")
    rows = read_rows(ballots_path(source, data))
    items = usable_items(items_of(source, data), rows, rubric, panel.judges)
    both = with_model(panel)
    table = rated_table(items, _joined(items, rows, own), rubric, both.judges)
    task = _task(WITH, items, table, both, source, application)
    return Comparison(
        task=task,
        without=_task(WITHOUT, items, _less(table, JUDGE), panel, source, application),
        asked=np.array([i for i, item in enumerate(items) if item.id in own], dtype=np.intp),
    )


def with_model(panel: Panel) -> Panel:
    """The panel with the model as one more judge."""
    return replace(panel, name=WITH, judges=(*panel.judges, JUDGE))


def _joined(items: Sequence[RatedItem], rows: Rows, own: Rows) -> Rows:
    """The model's ballots among the others'."""
    unasked = {WHOLE: AbstentionReason.NOT_NEEDED}
    return {
        item.id: {
            **rows[item.id],
            JUDGE: own.get(item.id, {}).get(JUDGE)
            or BallotRow(item=item.id, judge=JUDGE, revision="", abstained=unasked),
        }
        for item in items
    }


def _less(table: RatedTable, judge: str) -> RatedTable:
    kept = [k for k, c in enumerate(table.columns) if judge_of(c) != judge]
    return replace(table, columns=tuple(table.columns[k] for k in kept), values=table.values[:, kept])


def _task(
    name: str,
    items: Sequence[RatedItem],
    table: RatedTable,
    panel: Panel,
    source: Source,
    application: Application,
) -> Task:
    def split(train: Index, test: Index) -> tuple[RatedTable, RatedTable]:
        return table.take(train), table.take(test)

    return Task(
        name=f"{source.name} × {name}",
        items=tuple(items),
        table=table,
        split=split,
        rubric=application.catalog.rubric(DEFAULT_TENANT, source.name),
        panel=panel,
        kind=source.name,
        single_raters=source.single_raters,
    )


def compared(found: Comparison, folds: Index, *, same_texts: bool = False) -> tuple[Fold, ...]:
    """One run a fold: both panels fitted on the other folds, tested on the asked texts of this one.

    `same_texts` fits both on asked texts alone; else on all rated texts, as a snapshot would be.
    """
    asked = np.isin(np.arange(folds.size), found.asked)
    done = []
    for fold in sorted(set(folds[found.asked].tolist())):
        train = np.flatnonzero((folds != fold) & (asked | (not same_texts)))
        test = np.flatnonzero((folds == fold) & asked)
        done.append(_one_fold(found, train, test))
    return tuple(done)


def _one_fold(found: Comparison, train: Index, test: Index) -> Fold:
    both = run_fold(found.task, train, test, baselines=False)
    rest = run_fold(found.without, train, test, baselines=False)
    said = {PANEL: both.said[PANEL], WITHOUT: rest.said[PANEL], ALONE: _alone(found.task.table.take(test))}
    return replace(both, said=said)


def _alone(table: RatedTable) -> Mapping[str, Array]:
    """The model's own scores, nothing fitted; their mean for the overall."""
    own = {c: k for k, c in enumerate(table.columns) if judge_of(c) == JUDGE}
    mean = plain_mean(replace(table, columns=tuple(own), values=table.values[:, list(own.values())]))
    heads = {h: table.values[:, own[f"{JUDGE}/{h}"]] for h in table.targets if f"{JUDGE}/{h}" in own}
    return {**heads, OVERALL: mean}
