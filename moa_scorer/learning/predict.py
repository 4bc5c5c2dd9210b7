"""What the product says of rated items: the rows of a table through `reconcile`, one by one."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.reference import EMPTY_REFERENCE, Reference
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import RatedTable, criterion_of, is_measure, judge_of
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score, ScoreKind
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.standing import IN_FORCE, Standing
from moa_scorer.domain.verdict import CertificateStatus, CriterionScore, Scored, Verdict

Array = NDArray[np.float64]

_NOT_ASKED: Final = Abstention(reason=AbstentionReason.NOT_NEEDED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """Verdicts over the items of a table, as arrays; NaN = no number."""

    scores: Mapping[str, Array]
    """Head -> score in [0, 1]; NaN = unscored."""
    lower: Mapping[str, Array]
    """Head -> lower bound; NaN without a VALID certificate."""
    upper: Mapping[str, Array]
    statuses: tuple[CertificateStatus | None, ...]
    """One an item; None = unscored."""

    def share(self, status: CertificateStatus) -> float:
        """Share of the items with this certificate."""
        return sum(s is status for s in self.statuses) / len(self.statuses)


def predict(
    snapshot: Snapshot | None,
    table: RatedTable,
    rubric: Rubric,
    panel: Panel,
    *,
    kind: str,
    language: str = "en",
    reference: Reference = EMPTY_REFERENCE,
) -> Predictions:
    """The verdict of every item; missing values are abstentions, and the ratings are not looked at."""
    heads = (*rubric.weights(), OVERALL)
    scores = {h: np.full(table.items, np.nan) for h in heads}
    lower = {h: np.full(table.items, np.nan) for h in heads}
    upper = {h: np.full(table.items, np.nan) for h in heads}
    statuses: list[CertificateStatus | None] = []
    said = verdicts(snapshot, table, rubric, panel, kind=kind, language=language, reference=reference)
    for i, verdict in enumerate(said):
        scored = verdict.outcome if isinstance(verdict.outcome, Scored) else None
        statuses.append(scored.certificate.status if scored else None)
        for one in (scored.overall, *scored.criteria) if scored else ():
            if isinstance(one, CriterionScore):
                scores[one.name][i] = one.score
                if one.interval:
                    lower[one.name][i], upper[one.name][i] = one.interval.lower, one.interval.upper
    return Predictions(scores=scores, lower=lower, upper=upper, statuses=tuple(statuses))


def verdicts(
    snapshot: Snapshot | None,
    table: RatedTable,
    rubric: Rubric,
    panel: Panel,
    *,
    kind: str,
    language: str = "en",
    reference: Reference = EMPTY_REFERENCE,
    standing: Standing = IN_FORCE,
    asked: Collection[str] | None = None,
) -> Iterator[Verdict]:
    """What `reconcile` says of each item of the table, in its order.

    Judges that are not `asked` abstain as not needed; None = everybody is.
    """
    for i in range(table.items):
        yield reconcile(
            _only(_ballots(table, i, panel), asked),
            snapshot,
            rubric=rubric,
            panel=panel,
            quorum=panel.quorum,
            facts=_facts(table, i, kind, language),
            reference=reference,
            standing=standing,
        )


def _only(ballots: list[Ballot], asked: Collection[str] | None) -> list[Ballot]:
    return [b if asked is None or b.judge in asked else replace(b, outcome=_NOT_ASKED) for b in ballots]


def _ballots(table: RatedTable, i: int, panel: Panel) -> list[Ballot]:
    """What the item's row says; of later layers a table holds only judgments that read all before them."""
    answers: dict[str, dict[str, Score | Abstention]] = {judge: {} for judge in panel.judges}
    for column, value in zip(table.columns, table.values[i].tolist(), strict=True):
        if not is_measure(column) and judge_of(column) in answers:
            known = not math.isnan(value)
            answers[judge_of(column)][criterion_of(column)] = (
                Score(value=value, kind=table.kinds.get(column, ScoreKind.SINGLE))
                if known
                else _usual_abstention(table, column)
            )
    return [
        Ballot(judge=judge, outcome=Judgment(answers=own, read=panel.before(judge)))
        for judge, own in answers.items()
    ]


def _usual_abstention(table: RatedTable, column: str) -> Abstention:
    """The reason that the column was most often missing for; a table does not keep each item's own."""
    reasons = table.abstentions.get(column, {})
    usual = max(reasons, key=lambda r: reasons[r], default=AbstentionReason.NOT_APPLICABLE.value)
    return Abstention(reason=AbstentionReason(usual))


def _facts(table: RatedTable, i: int, kind: str, language: str) -> Facts:
    measures = {
        criterion_of(c): v
        for c, v in zip(table.columns, table.values[i].tolist(), strict=True)
        if is_measure(c) and not math.isnan(v)
    }
    return Facts(kind=kind, language=language, language_declared=True, tamper_risk=0.0, measures=measures)
