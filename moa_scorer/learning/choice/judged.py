"""A study's items with what the product says of them, each by a fit that never saw its group."""

from collections.abc import Callable

import numpy as np

from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.fit import Origin, fit, with_overall
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.verdict import CertificateStatus
from moa_scorer.learning.choice.thresholds import Judged
from moa_scorer.learning.predict import Predictions, predict
from moa_scorer.learning.study.study import Study, panel_of, rubric_of, table_of

FOLDS = 5
LEAST_ITEMS = 30
"""Of which a fold's training part still has the 22 that intervals need."""
EDGE = 1e-9


def judge_study(
    study: Study,
    *,
    good_from: float,
    criterion: str = OVERALL,
    interval: bool = False,
    seed: int = 0,
    progress: Callable[[], None] = lambda: None,
) -> Judged:
    """Grouped cross-fitted verdicts beside the people's mean, which is good from `good_from` in [0, 1] on.

    `criterion` is one of the study's or `overall`; with `interval` rules compare its bounds, else the score.
    An item without a VALID certificate is left to people. `progress` is called five times. Raises ValueError
    for too few items or a criterion that nobody rated.
    """
    if criterion not in (*study.criteria, OVERALL):
        raise ValueError(f"{study.name}: nobody rated {criterion}; there are {', '.join(study.criteria)}")
    if len(study.items) < LEAST_ITEMS:
        raise ValueError(
            f"{study.name}: {len(study.items)} rated items are too few for thresholds; rate more"
        )
    table = table_of(study)
    folds = group_folds(table.groups, FOLDS, seed)
    score, low, high = (np.full(table.items, np.nan) for _ in range(3))
    for fold in range(int(folds.max()) + 1):
        test = np.flatnonzero(folds == fold)
        found = _predicted(study, table.take(np.flatnonzero(folds != fold)), table.take(test), seed)
        valid = np.array([s is CertificateStatus.VALID for s in found.statuses])
        score[test] = np.where(valid, found.scores[criterion], np.nan)
        low[test], high[test] = found.lower[criterion], found.upper[criterion]
        progress()
    return Judged(
        low=low if interval else score,
        high=high if interval else score,
        good=with_overall(table, rubric_of(study))[criterion] >= good_from - EDGE,
        groups=np.unique(np.asarray(table.groups), return_inverse=True)[1],
        spread=score,
    )


def _predicted(study: Study, train: RatedTable, test: RatedTable, seed: int) -> Predictions:
    kind, panel, rubric = study.kind or study.name, panel_of(study), rubric_of(study)
    snapshot = fit(
        train,
        rubric=rubric,
        kinds=(kind,),
        languages=(study.language,) if study.language else (),
        panel=panel,
        judge_revisions={},
        seed=seed,
        origin=Origin(created="", code=""),
    )
    return predict(snapshot, test, rubric, panel, kind=kind, language=study.language or "en")
