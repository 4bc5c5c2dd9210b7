"""What other policies and snapshots make of a record: the same ballots, nobody asked, nothing enforced."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from moa_scorer.aggregation.reconcile import mask_to_fit, reconcile
from moa_scorer.calibration.mask_fit import Mask
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.record import Record, ShadowRuling
from moa_scorer.policy.floor import rule_on
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.concluding import Turn
from moa_scorer.scoring.shadows import NO_SHADOWS, Shadows
from moa_scorer.scoring.weights import Weights
from moa_scorer.telemetry import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the shadows say of one record."""

    rulings: tuple[ShadowRuling, ...] = ()
    to_fit: tuple[tuple[Snapshot, Mask], ...] = ()
    """Weights that are not worked out yet: their snapshots say nothing of this record."""


def with_shadows(record: Record, turn: Turn, weights: Weights) -> Record:
    """The record with what is observed beside it. Nothing is waited for: weights that are not there yet are
    begun for the next record."""
    seen = observed(record, turn.catalog, turn.clock.now().date())
    for snapshot, mask in seen.to_fit:
        weights.begin(snapshot, mask)
    for ruling in seen.rulings:
        _tell(record, ruling)
    return replace(record, shadows=seen.rulings) if seen.rulings else record


def observed(record: Record, catalog: Catalog, today: date) -> Observed:
    """What the catalogue's policies and snapshots in the shadow make of a record; nobody is asked. Pure."""
    shadows = catalog.shadows
    if shadows is NO_SHADOWS or record.provisional:
        return Observed()
    others = [policy for policy in shadows.policies if policy != record.plan.policy]
    rulings = [_by_policy(record, policy) for policy in others]
    to_fit = []
    for snapshot in _meant(record, shadows):
        mask = mask_to_fit(record.verdict.ballots, snapshot, panel=record.plan.panel, facts=record.facts)
        if mask is None:
            rulings.append(_by_snapshot(record, snapshot, catalog, today))
        else:
            to_fit.append((snapshot, mask))
    return Observed(rulings=tuple(rulings), to_fit=tuple(to_fit))


def difference(enforced: float | None, observed: float | None) -> float | None:
    """Observed less enforced score; None where there are not both."""
    return None if enforced is None or observed is None else observed - enforced


def _meant(record: Record, shadows: Shadows) -> Iterator[Snapshot]:
    plan = record.plan
    for snapshot in shadows.snapshots:
        fits = (snapshot.rubric, snapshot.panel) == (plan.rubric.revision, plan.panel.revision)
        if fits and snapshot.revision != plan.snapshot:
            yield snapshot


def _by_policy(record: Record, policy: Policy) -> ShadowRuling:
    ruling = rule_on(record.verdict, policy, record.plan.floor, record.facts)
    return ShadowRuling(
        resource=f"policies/{policy.revision}",
        decision=ruling.decision,
        rule=ruling.rule,
        score=record.verdict.score,
    )


def _by_snapshot(record: Record, snapshot: Snapshot, catalog: Catalog, today: date) -> ShadowRuling:
    plan = record.plan
    verdict = reconcile(
        record.verdict.ballots,
        snapshot,
        rubric=plan.rubric,
        panel=plan.panel,
        quorum=plan.quorum,
        facts=record.facts,
        reference=catalog.reference,
        judge_revisions=plan.judge_revisions,
        standing=catalog.standing(snapshot, today),
    )
    ruling = rule_on(verdict, plan.policy, plan.floor, record.facts)
    return ShadowRuling(
        resource=f"snapshots/{snapshot.revision}",
        decision=ruling.decision,
        rule=ruling.rule,
        score=verdict.score,
    )


def _tell(record: Record, shadow: ShadowRuling) -> None:
    events.shadow_ruled(
        resource=shadow.resource,
        enforced=record.ruling.decision,
        decision=shadow.decision,
        difference=difference(record.verdict.score, shadow.score),
    )
