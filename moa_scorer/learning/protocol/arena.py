"""One study made ready for many splits, and what every method says of the new items of one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.fit import Origin, fit, with_overall
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.reference import Reference, fit_reference
from moa_scorer.calibration.snapshot import OVERALL, Snapshot, Stage, stage_of
from moa_scorer.calibration.table import RatedTable, is_measure
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.learning.predict import Predictions, predict
from moa_scorer.learning.protocol.baselines import word_count
from moa_scorer.learning.protocol.findings import PANEL, SCORES_ONLY, TEXT, WITH_STUDENT
from moa_scorer.learning.protocol.lesson import Lesson, Said, standing
from moa_scorer.learning.protocol.rivals import rivals_for, unrated
from moa_scorer.learning.protocol.text_kernel import Likeness, likeness, text_values
from moa_scorer.learning.protocol.trials import Trial
from moa_scorer.learning.student.columns import (
    COLUMNS,
    RatedComments,
    rated_comments,
    split_with_student,
)
from moa_scorer.learning.study.study import Study, panel_of, rubric_of, table_of

Array = NDArray[np.float64]

LEAST_FOR_TEXT: Final = 22
"""Rated items that a text model needs."""
STUDENT: Final = COLUMNS[0].partition("/")[0]
UNSCORED: Final = "unscored"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arena:
    """Everything about a study that is the same in every split. Rows are its items."""

    study: Study
    rubric: Rubric
    panel: Panel
    tables: Mapping[str, RatedTable]
    """`panel`, and where there are measures `panel, scores only` -> the table that it is fitted on."""
    reference: Reference
    """From the scores of all items; ratings are not read."""
    human: Mapping[str, Array]
    """Head -> mean rating in [0, 1]."""
    words: Array
    texts: Likeness | None
    """How alike the items' texts are; None where texts are not known, or not to be used."""
    student: RatedComments | None = None
    """What a student of comments learns from; None = it is not of the panel."""

    @property
    def heads(self) -> tuple[str, ...]:
        """Criteria, then `overall` where there are several."""
        return self.study.criteria if len(self.study.criteria) == 1 else (*self.study.criteria, OVERALL)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Round:
    """What every method said in one split."""

    said: Mapping[str, Mapping[str, Said]]
    """Method -> head -> what it said of the split's new items."""
    predictions: Predictions
    """The panel's verdicts."""
    votes: float
    """Effective votes of the full panel; NaN = not estimable."""


def arena(
    study: Study, *, measures: bool = True, text: bool = True, vectors: Mapping[str, Array] | None = None
) -> Arena:
    """Measures every text once. `measures` and `text` say whether they may be used where texts are known.

    `vectors` of words let the product's student of comments join the panel as a method of its own. Raises
    ValueError where it cannot learn: it needs ratings of civility.
    """
    full = table_of(study, measures=measures)
    if all(map(is_measure, full.columns)):
        raise ValueError(f"{study.name}: no judge has scored anything")
    tables = {PANEL: full}
    if any(is_measure(c) for c in full.columns):
        tables[SCORES_ONLY] = table_of(study, measures=False)
    rubric, texts = rubric_of(study), [item.text for item in study.items]
    known = text and all(t.strip() for t in texts)
    return Arena(
        study=study,
        rubric=rubric,
        panel=panel_of(study),
        tables=tables,
        reference=fit_reference(full, corpus=f"the scores of all items of {study.name}"),
        human=with_overall(full, rubric),
        words=word_count(texts),
        texts=likeness(texts) if known else None,
        student=rated_comments(study.items, vectors) if vectors else None,
    )


def run(ground: Arena, trial: Trial) -> Round:
    """Every method fitted on the rated items of one split and asked about its new ones."""
    said: dict[str, Mapping[str, Said]] = {}
    tables = _split(ground, trial)
    snapshots = {m: _fitted(ground, rated, trial) for m, (rated, _) in tables.items()}
    verdicts = {
        m: predict(
            snapshots[m],
            new,
            ground.rubric,
            _panel(ground, m),
            kind=ground.rubric.kinds[0],
            language=ground.study.language or "en",
            reference=ground.reference,
        )
        for m, (_, new) in tables.items()
    }
    for method, predictions in verdicts.items():
        said[method] = {h: as_said(predictions, h, calibrated=trial.rated.size > 0) for h in ground.heads}
    return Round(
        said=said | _rivals(ground, trial),
        predictions=verdicts[PANEL],
        votes=_votes(snapshots[PANEL]),
    )


def _split(ground: Arena, trial: Trial) -> dict[str, tuple[RatedTable, RatedTable]]:
    """Method -> (rated items, new items)."""
    found = {m: (t.take(trial.rated), t.take(trial.new)) for m, t in ground.tables.items()}
    everything = trial.rated.size + trial.new.size == len(ground.study.items)
    if ground.student is not None and everything:
        found[WITH_STUDENT] = split_with_student(ground.tables[PANEL], ground.student, trial.rated, trial.new)
    return found


def _panel(ground: Arena, method: str) -> Panel:
    """The study's judges, and where the method has one the student."""
    if method != WITH_STUDENT:
        return ground.panel
    return replace(ground.panel, judges=(*ground.panel.judges, STUDENT))


def _fitted(ground: Arena, table: RatedTable, trial: Trial) -> Snapshot | None:
    """The product's fit; None without ratings."""
    if trial.rated.size == 0:
        return None
    return fit(
        table,
        rubric=ground.rubric,
        kinds=ground.rubric.kinds,
        languages=(ground.study.language or "en",),
        panel=ground.panel,
        judge_revisions={},
        seed=0,
        origin=Origin(created="", code=""),
        reference=ground.reference if stage_of(trial.rated.size) is Stage.OFFSET else None,
    )


def as_said(predictions: Predictions, head: str, *, calibrated: bool) -> Said:
    """Unscored items stand at the median of the scores: abstaining never helps."""
    score = predictions.scores[head]
    missing = np.isnan(score)
    middle = 0.5 if missing.all() else float(np.nanmedian(score))
    filled = np.where(missing, middle, score)
    return Said(
        order=filled,
        value=filled if calibrated else np.full(filled.size, np.nan),
        lower=predictions.lower[head],
        upper=predictions.upper[head],
    )


def _votes(snapshot: Snapshot | None) -> float:
    if snapshot is None or snapshot.stage is Stage.OFFSET:
        return float("nan")
    votes = fit_mask(snapshot, tuple(range(len(snapshot.columns)))).votes
    return float("nan") if votes is None else votes


def _rivals(ground: Arena, trial: Trial) -> dict[str, dict[str, Said]]:
    found: dict[str, dict[str, Said]] = {}
    texts = ground.texts if trial.rated.size >= LEAST_FOR_TEXT else None
    for head in ground.heads:
        lesson = lesson_of(ground, trial, head)
        if trial.rated.size == 0:
            own = dict(unrated(lesson))
        else:
            own = {name: rival(lesson) for name, rival in rivals_for(lesson).items()}
        if texts is not None:
            value = text_values(texts, trial.rated, trial.new, lesson.target, lesson.groups)
            own[TEXT] = _without_interval(value)
        for name, said in own.items():
            found.setdefault(name, {})[head] = said
    return found


def lesson_of(ground: Arena, trial: Trial, head: str) -> Lesson:
    """What the rivals may look at."""
    table = ground.tables[PANEL]
    judges, scores = standing(table, head)
    measured = np.array([is_measure(c) for c in table.columns])
    human = ground.human[head]
    return Lesson(
        judges=judges,
        scores=scores,
        columns=table.values[:, ~measured],
        measures=table.values[:, measured],
        words=ground.words,
        train=trial.rated,
        target=human[trial.rated],
        groups=tuple(table.groups[i] for i in trial.rated),
        new=trial.new,
        binary=bool(np.isin(human, (0.0, 1.0)).all()),
    )


def _without_interval(value: Array) -> Said:
    nothing = np.full(value.size, np.nan)
    return Said(order=value, value=value, lower=nothing, upper=nothing)
