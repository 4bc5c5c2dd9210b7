"""The report card of every judge of a study: how it scores, what it adds to the others, what it costs."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.polarity import Polarity, polarities
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import RatedTable, judge_of
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.learning.choice.between import Between, between
from moa_scorer.learning.choice.selection import Selection, fitted, select
from moa_scorer.learning.choice.worth import (
    Evidence,
    Mean,
    evidence_of,
    gain,
    mean_over_groups,
    squared_errors,
)
from moa_scorer.learning.study.rows import WHOLE
from moa_scorer.learning.study.study import Study, rubric_of, table_of

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCard:
    """What the rated items say of one judge."""

    judge: str
    polarity: Polarity | None
    """Rank correlation of its scores, as given, with the ratings; None = it has none."""
    severity: Mean | None
    """Its scores less the people's, on the rating scale; below 0 = stricter. Scores of a judge that was found
    to score the other way are turned round first. None = no criterion of its own is rated."""
    spread: float | None
    """Standard deviation of its scores, mean over criteria, on the rating scale; None as above."""
    agreement: float
    """Spearman of its calibrated overall with the ratings, on items that it was not calibrated on."""
    error: float
    """Root mean squared error of the same, on the rating scale."""
    others: float | None
    """Mean rank correlation with the other judges; None = nobody to compare with."""
    nearest: str
    """The judge that agrees with it most; empty as above."""
    consistency: float | None
    """Mean rank correlation with the same model under other prompts; None = not known."""
    answered: float
    """Share of items x criteria that it scored, in [0, 1]."""
    abstentions: Mapping[str, float]
    """Reason -> share of items x criteria."""
    micro_usd: float | None
    """Cost of an item in millionths of a dollar; None = not known."""
    seconds: float | None
    """Time for an item; None = not known."""
    left_out: Mean
    """Held-out squared error that all judges have more without it, in shares of the ratings' variance."""
    added: Mean
    """The same for the suggested panel: what it owes to this judge, or what this judge would add to it."""
    weight: float
    """Its share of the weights when all judges answer, in [0, 1]."""

    @property
    def reversed(self) -> bool:
        """Whether it was found to score the other way."""
        return self.polarity is not None and self.polarity.reversed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReportCard:
    """All judges of a study, and whom to ask."""

    study: str
    items: int
    groups: int
    people_spread: float
    """Standard deviation of the items' mean ratings, mean over criteria, on the rating scale."""
    judges: tuple[JudgeCard, ...]
    """Those that clearly go against the people first, then by agreement."""
    between: Between
    selection: Selection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Basis:
    """What every card is made from."""

    study: Study
    table: RatedTable
    scale: float
    """Length of the rating scale."""
    groups: NDArray[np.intp]
    polarity: Mapping[str, Polarity]
    weights: Mapping[str, float]
    evidence: Evidence
    between: Between
    selection: Selection


def report_card(
    study: Study, *, seed: int = 0, budget: float = float("inf"), progress: Callable[[], None] = lambda: None
) -> ReportCard:
    """The card of a study; `budget` is that of `select`, and `progress` is called seven times.

    Deterministic for a seed. Raises ValueError below 22 rated items, or when they are of one group.
    """
    selection = select(study, seed=seed, budget=budget, progress=progress)
    basis = _basis(study, selection, seed)
    cards = [_card(judge, basis) for judge in study.judges]
    progress()
    return ReportCard(
        study=study.name,
        items=basis.table.items,
        groups=len(set(basis.table.groups)),
        people_spread=basis.scale * float(np.mean([basis.table.targets[c].std() for c in study.criteria])),
        judges=tuple(sorted(cards, key=_order)),
        between=basis.between,
        selection=selection,
    )


def _order(card: JudgeCard) -> tuple[bool, float]:
    return card.polarity is None or not card.polarity.negative, -card.agreement


def _basis(study: Study, selection: Selection, seed: int) -> _Basis:
    table = table_of(study, measures=False)
    targets = with_overall(table, rubric_of(study))
    found = polarities(table.columns, table.values, targets, table.groups, table.scales, seed)
    snapshot = fitted(study, table, seed)
    low, high = study.rating_scale
    return _Basis(
        study=study,
        table=table,
        scale=high - low,
        groups=np.unique(np.asarray(table.groups), return_inverse=True)[1],
        polarity={p.judge: p for p in found},
        weights=_weights(snapshot),
        evidence=evidence_of(snapshot),
        between=between(table, study.judges),
        selection=selection,
    )


def _weights(snapshot: Snapshot) -> dict[str, float]:
    """Judge -> its share of the weights of the full mask."""
    fit = fit_mask(snapshot, tuple(range(len(snapshot.columns)))).heads[OVERALL]
    found: dict[str, float] = defaultdict(float)
    for effect in fit.effects:
        found[judge_of(snapshot.columns[effect.column].name)] += effect.weight
    total = sum(found.values())
    return {judge: weight / total for judge, weight in found.items()} if total > 0 else {}


def _card(judge: str, basis: _Basis) -> JudgeCard:
    alone = basis.selection.point(judge)
    polarity = basis.polarity.get(judge)
    pairs = _pairs(judge, basis, turned=polarity is not None and polarity.reversed)
    answered, abstentions = _answers(judge, basis.study)
    return JudgeCard(
        judge=judge,
        polarity=polarity,
        severity=_severity(pairs, basis),
        spread=basis.scale * float(np.mean([np.nanstd(x) for x, _ in pairs])) if pairs else None,
        agreement=alone.agreement,
        error=basis.scale * alone.error,
        others=basis.between.mean(judge, basis.study.judges),
        nearest=basis.between.nearest(judge),
        consistency=basis.between.consistency(judge),
        answered=answered,
        abstentions=abstentions,
        micro_usd=basis.study.micro_usd.get(judge),
        seconds=basis.study.seconds.get(judge),
        left_out=_marginal(judge, basis.study.judges, basis.evidence),
        added=_marginal(judge, basis.selection.panel, basis.evidence),
        weight=basis.weights.get(judge, 0.0),
    )


def _pairs(judge: str, basis: _Basis, *, turned: bool) -> list[tuple[Array, Array]]:
    """(the judge's scores, the people's) of each criterion that both score."""
    at = {name: k for k, name in enumerate(basis.table.columns)}
    names = [(f"{judge}/{c}", c) for c in basis.study.criteria if f"{judge}/{c}" in at]
    found = [(basis.table.values[:, at[name]], basis.table.targets[c]) for name, c in names]
    return [(1 - x if turned else x, y) for x, y in found if not np.isnan(x).all()]


def _severity(pairs: Sequence[tuple[Array, Array]], basis: _Basis) -> Mean | None:
    """Per item the mean gap over the criteria that it scored, then the mean over items."""
    if not pairs:
        return None
    gaps = basis.scale * np.column_stack([x - y for x, y in pairs])
    here = ~np.isnan(gaps).all(axis=1)
    return mean_over_groups(np.nanmean(gaps[here], axis=1), basis.groups[here])


def _marginal(judge: str, panel: Sequence[str], evidence: Evidence) -> Mean:
    """What the panel's held-out error owes to the judge, or would lose with it."""
    others = [j for j in panel if j != judge]
    return gain(evidence, squared_errors(evidence, others), squared_errors(evidence, (*others, judge)))


def _answers(judge: str, study: Study) -> tuple[float, dict[str, float]]:
    """(share scored, reason -> share) of items x criteria; a judge without a row on an item was not asked."""
    cast = [study.rows[item.id] for item in study.items if item.id in study.rows]
    answers = [(row[judge], criterion) for row in cast if judge in row for criterion in study.criteria]
    reasons = Counter(
        (row.abstained.get(c) or row.abstained.get(WHOLE, AbstentionReason.NOT_APPLICABLE)).value
        for row, c in answers
        if c not in row.scores
    )
    total = max(len(answers), 1)
    shares = {reason: count / total for reason, count in reasons.most_common()}
    return sum(c in row.scores for row, c in answers) / total, shares
