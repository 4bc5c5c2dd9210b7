"""A study -> a snapshot, what it rests on, and what it is worth on unseen items."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.snapshot import LINE_FROM, Snapshot, Stage
from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.fitting.cross_check import CALLS, CrossCheck, TooFew, cross_check
from moa_scorer.learning.fitting.purpose import Purpose, fitted_to, own_purpose
from moa_scorer.learning.study.severity import without_severity
from moa_scorer.learning.study.study import Study, table_of

STEPS = CALLS + 2
"""How often `fit_study` says that it is one step further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedStudy:
    """A fitted snapshot, and what it may be believed beside what it says itself."""

    snapshot: Snapshot
    study: Study
    """What it was fitted on: without audits, with ratings less severity."""
    raters: int
    """People known by name; 0 = not known."""
    severe: float
    """Largest difference of severity between two raters, in units of the scale; 0 where not known."""
    audits: int
    """Items that were kept out for a gate."""
    check: CrossCheck | None
    """Held-out figures; None where there are none."""
    unchecked: str
    """Why there are no held-out figures, where there are none."""
    votes: float | None
    """Effective votes of all judges together; None = not estimable."""
    without_votes: str
    """Why effective votes are not estimable, where they are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """What whoever fits decides."""

    created: str
    """ISO 8601 date."""
    code: str
    """Version of the fitting code."""
    purpose: Purpose | None = None
    """The rubric and panel of a catalogue that the snapshot is to serve; None = the study's own."""
    seed: int = 0
    version: int = 1
    """Number of this fit for its rubric, kind and panel, from 1."""
    measures: bool = True
    """Whether measures of the text may be columns beside the judges."""
    severity: bool = True
    """Whether ratings are taken less their rater's severity."""
    checked: bool = True
    """Whether held-out figures are worked out too, by many fits; without them an audit has to tell."""


def fit_study(study: Study, fitting: Fitting, tick: Callable[[], None] = lambda: None) -> FittedStudy:
    """Fits a snapshot of a study and checks it on folds of its groups.

    Audits are left out: they are for a gate. Below 22 items the snapshot only moves the mean of the judges to
    the mean of the raters. Raises ValueError where nothing can be fitted.
    """
    purpose = fitting.purpose or own_purpose(study)
    given = fitted_to(_ordinary(study), purpose)
    calm = without_severity(given) if fitting.severity else given
    table = table_of(calm, measures=fitting.measures, rubric=purpose.rubric)
    tick()
    snapshot = _fitted(calm, table, purpose, fitting)
    tick()
    check, unchecked = _checked(given, table, purpose, fitting, tick) if fitting.checked else (None, "")
    votes = None if snapshot.stage is Stage.OFFSET else fit_mask(snapshot, _everything(snapshot)).votes
    names = {rater for item in given.items for raters in item.raters.values() for rater in raters}
    return FittedStudy(
        snapshot=snapshot if check is None else replace(snapshot, metrics=check.metrics()),
        study=calm,
        raters=len(names),
        severe=_severe(given, calm),
        audits=len(study.items) - len(given.items),
        check=check,
        unchecked=unchecked,
        votes=votes,
        without_votes="" if votes is not None else _why_no_votes(snapshot),
    )


def _ordinary(study: Study) -> Study:
    if not study.judges:
        raise ValueError("no judge has scored anything: name the columns with --judge-columns 'score_*'")
    if not study.items:
        raise ValueError("no item has a rating of every criterion")
    items = tuple(item for item in study.items if not item.audit)
    if not items:
        raise ValueError("all rated items are audits, which are kept for the gate")
    return replace(study, items=items)


def _fitted(study: Study, table: RatedTable, purpose: Purpose, fitting: Fitting) -> Snapshot:
    digests = list(study.digests.values())
    return fit(
        table,
        rubric=purpose.rubric,
        kinds=(study.kind,),
        languages=(study.language,) if study.language else (),
        panel=purpose.panel,
        judge_revisions={j: purpose.revisions.get(j, "") for j in study.judges},
        seed=fitting.seed,
        origin=Origin(
            created=fitting.created,
            code=fitting.code,
            ratings=digests[-1] if digests else "",
            notes=study.notes,
        ),
        version=fitting.version,
        reference=purpose.reference,
    )


def _checked(
    study: Study, table: RatedTable, purpose: Purpose, fitting: Fitting, tick: Callable[[], None]
) -> tuple[CrossCheck | None, str]:
    try:
        return cross_check(study, table, purpose, seed=fitting.seed, severity=fitting.severity, tick=tick), ""
    except TooFew as error:
        return None, str(error)


def _everything(snapshot: Snapshot) -> tuple[int, ...]:
    return tuple(range(len(snapshot.columns)))


def _why_no_votes(snapshot: Snapshot) -> str:
    if snapshot.stage is Stage.OFFSET:
        return f"that needs {LINE_FROM} items"
    if snapshot.noise is None:
        return "that needs items which two or more people rated"
    if len(snapshot.columns) and any(c.missing for c in snapshot.columns):
        return "raters barely agree, too few items have every judge's answer, or the figure is too unsure"
    return "raters barely agree, or the interval of the figure is wider than the figure"


def _severe(given: Study, calm: Study) -> float:
    """How far apart the most and the least severe rater are."""
    found = [
        after - before
        for one, other in zip(given.items, calm.items, strict=True)
        for criterion in one.raters
        for before, after in zip(one.ratings[criterion], other.ratings[criterion], strict=True)
    ]
    return max(found) - min(found) if found and not math.isnan(max(found)) else 0.0
