"""Rated items with what judges said of them: what every fit and every evaluation starts from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from moa_scorer.calibration.table import Array, RatedTable, Scale
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.learning.study.propensities import pooled_propensities
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import WHOLE, BallotRow, Rows
from moa_scorer.learning.study.table import Measure, measures_of, rated_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One task: a rubric's worth of criteria, rated on the same items by people and by judges."""

    name: str
    """A word for files and tables."""
    items: tuple[RatedItem, ...]
    """With at least one rating of every criterion."""
    unrated: tuple[RatedItem, ...] = ()
    """The other items of the files: judges may have scored them, and people may rate them next."""
    rows: Rows
    """Item -> judge -> what it said, in [0, 1] on the judge's own scale."""
    judges: tuple[str, ...]
    """As first met; names without `/`."""
    criteria: tuple[str, ...]
    """As first met."""
    scales: Mapping[str, Scale] = field(default_factory=dict)
    """Judge -> its raw scale."""
    rating_scale: tuple[float, float] = (0.0, 1.0)
    """(lowest, highest) value of the people's own scale."""
    kind: str = ""
    """Kind of content; the study's name where nobody said."""
    language: str = ""
    """ISO 639-1 code of all texts; empty = not said."""
    micro_usd: Mapping[str, float] = field(default_factory=dict)
    """Judge -> mean cost of one item in millionths of a dollar, where known."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Judge -> mean seconds an item, where known."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """File name -> sha256 of what was read."""
    notes: tuple[str, ...] = ()
    """What was left out of the files, and why: a sentence each."""

    def take(self, ids: Sequence[str]) -> "Study":
        """The items of these ids, in this order."""
        known = {item.id: item for item in self.items}
        return replace(self, items=tuple(known[i] for i in ids))

    def with_judges(self, judges: Sequence[str]) -> "Study":
        """The same items with these judges alone. Raises ValueError for one that is not of the study."""
        unknown = [j for j in judges if j not in self.judges]
        if unknown:
            raise ValueError(f"no judge {', '.join(unknown)}; there are {', '.join(self.judges)}")
        return replace(self, judges=tuple(judges))


def rubric_of(study: Study) -> Rubric:
    """A rubric of the study's criteria at equal weights."""
    low, high = study.rating_scale
    return Rubric(
        name=study.name,
        version=1,
        title=study.name,
        kinds=(study.kind or study.name,),
        criteria=tuple(Criterion(name=c, description=c) for c in study.criteria),
        scale_min=low,
        scale_max=high,
    )


def panel_of(study: Study, quorum: int = 1) -> Panel:
    """A panel of the study's judges in one layer."""
    return Panel(
        name=study.name,
        version=1,
        title=study.name,
        judges=study.judges,
        quorum=quorum,
        default_rubric=study.name,
    )


def table_of(study: Study, *, measures: bool = True, rubric: Rubric | None = None) -> RatedTable:
    """What `fit` reads: every item of the study, a judge that said nothing of an item abstaining on it.

    The overall is weighed by `rubric`, by default the study's own.
    """
    rows = {item.id: _complete(item.id, study) for item in study.items}
    measure: Measure = measures_of_text if measures else no_measures
    table = rated_table(study.items, rows, rubric or rubric_of(study), study.judges, measure)
    return replace(
        table,
        scales={j: s for j, s in study.scales.items() if j in study.judges},
        propensity=_propensities(study.items),
    )


def _propensities(items: Sequence[RatedItem]) -> Array | None:
    """Chances of having been chosen, comparable over rounds and audits; None where nobody chose."""
    propensities = np.array([item.propensity for item in items], dtype=np.float64)
    if bool(np.all(propensities == 1.0)):
        return None
    return pooled_propensities(propensities, [(item.round, item.audit) for item in items])


def measures_of_text(item: RatedItem) -> Mapping[str, float]:
    """The measures of an item's text, as taken before; none where neither they nor the text were kept."""
    if item.measures is not None:
        return item.measures
    return measures_of(item) if item.text.strip() else {}


def no_measures(item: RatedItem) -> Mapping[str, float]:  # noqa: ARG001
    """Scores only."""
    return {}


def _complete(item: str, study: Study) -> dict[str, BallotRow]:
    cast = study.rows.get(item, {})
    return {j: cast.get(j) or _silent(item, j) for j in study.judges}


def _silent(item: str, judge: str) -> BallotRow:
    return BallotRow(item=item, judge=judge, revision="", abstained={WHOLE: AbstentionReason.NOT_APPLICABLE})
