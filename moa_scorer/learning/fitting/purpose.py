"""What a snapshot is fitted for: ballots of one's own judges, or a rubric and panel of a catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from moa_scorer.calibration.reference import EMPTY_REFERENCE, Reference
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.learning.study.study import Study, panel_of, rubric_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """The rubric and the panel that verdicts will be asked by."""

    rubric: Rubric
    panel: Panel
    revisions: Mapping[str, str] = field(default_factory=dict)
    """Judge -> revision that the ballots are taken to be of; without any the judges are the caller's own."""
    reference: Reference = EMPTY_REFERENCE
    """What orders content while too few items are rated for weights."""


def own_purpose(study: Study) -> Purpose:
    """The study's own criteria at equal weights, and its own judges in one layer."""
    return Purpose(rubric=rubric_of(study), panel=panel_of(study))


def fitted_to(study: Study, purpose: Purpose) -> Study:
    """The study in the order of the rubric's criteria and the panel's judges; others' ballots are left out.

    Raises ValueError where the ratings are not of the rubric's criteria, or no judge is of the panel.
    """
    criteria = tuple(c.name for c in purpose.rubric.criteria)
    if set(criteria) != set(study.criteria):
        raise ValueError(
            f"rubric {purpose.rubric.revision} asks about {', '.join(criteria)}; "
            f"the ratings are of {', '.join(study.criteria)}"
        )
    judges = tuple(j for j in purpose.panel.judges if j in study.judges)
    if not judges:
        raise ValueError(
            f"panel {purpose.panel.revision} has the judges {', '.join(purpose.panel.judges)}; "
            f"the ballots are of {', '.join(study.judges)}"
        )
    strangers = [j for j in study.judges if j not in judges]
    silent = [j for j in purpose.panel.judges if j not in judges]
    notes = (
        *(
            [f"judges that are not of panel {purpose.panel.revision}: {', '.join(strangers)}"]
            if strangers
            else []
        ),
        *(
            [f"judges of the panel without ballots, and so without weight: {', '.join(silent)}"]
            if silent
            else []
        ),
    )
    return replace(study.with_judges(judges), criteria=criteria, notes=(*study.notes, *notes))
