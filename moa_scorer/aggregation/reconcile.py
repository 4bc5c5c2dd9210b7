"""The one fusion function: ballots and a snapshot -> a verdict. Pure and deterministic."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from moa_scorer.aggregation.certify import RATE_AND_FIT, certify, other_rubric, uncalibrated
from moa_scorer.aggregation.columns import abstentions, column_values, declined, in_panel_order
from moa_scorer.aggregation.counting import counting, left_out_words
from moa_scorer.aggregation.degraded import degraded_words
from moa_scorer.aggregation.odd_ones import without_odd_ones
from moa_scorer.aggregation.ordering import ordered, ordering_words
from moa_scorer.aggregation.tiers import is_decided
from moa_scorer.calibration.apply import Term, fuse, fused_score, mask_of, mask_of_values, places_of, seen
from moa_scorer.calibration.mask import fit_mask, is_known
from moa_scorer.calibration.mask_fit import HeadFit, Mask
from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import OVERALL, Head, Snapshot, Stage
from moa_scorer.calibration.table import MEASURES, judge_of
from moa_scorer.domain.ballot import AbstentionReason, Ballot
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.standing import IN_FORCE, Standing
from moa_scorer.domain.verdict import (
    Certificate,
    CertificateStatus,
    Completion,
    Contribution,
    CriterionScore,
    CriterionUnscored,
    Interval,
    Scored,
    Unscored,
    UnscoredReason,
    Verdict,
)

AGGREGATOR: Final = "fuse-v3"
"""Name and version of this fusion; changes whenever its numbers may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One item on its way to a verdict."""

    ballots: tuple[Ballot, ...]
    """Checked, in panel order."""
    values: Mapping[str, float]
    """Judges' columns."""
    rubric: Rubric
    panel: Panel
    quorum: int
    facts: Facts
    judge_revisions: Mapping[str, str] | None
    standing: Standing


def reconcile(
    ballots: Sequence[Ballot],
    snapshot: Snapshot | None,
    *,
    rubric: Rubric,
    panel: Panel,
    quorum: int,
    facts: Facts,
    reference: Reference,
    provisional: bool = False,
    judge_revisions: Mapping[str, str] | None = None,
    in_time: bool = True,
    standing: Standing = IN_FORCE,
) -> Verdict:
    """Fuses the ballots of one item, which may come in any order.

    The item is scored when at least `quorum` judges (and at least one) scored anything, a criterion when as
    many count towards it; for a snapshot's number only the answers that it was fitted for count. Without a
    snapshot that answers the rubric the score is the reference's ordering, UNCALIBRATED. Judges whose
    `judge_revisions` differ from the snapshot's void the calibration; None = not checked. `in_time` False
    says that the weights of these judges could not be worked out within the budget: the item is unscored.
    Where `standing` speaks against the snapshot the certificate is STALE.
    Raises ValueError for a ballot of a judge that is not in the panel, or a second one.
    """
    cast = in_panel_order(ballots, panel)
    case = _Case(
        ballots=cast,
        values=column_values(cast),
        rubric=rubric,
        panel=panel,
        quorum=max(quorum, 1),
        facts=facts,
        judge_revisions=judge_revisions,
        standing=standing,
    )
    outcome = _outcome(case, snapshot, reference) if in_time else _too_late(case)
    answered = sum(1 for b in cast if b.judged())
    return Verdict(
        outcome=outcome,
        completion=_completion(outcome, cast, panel, provisional=provisional),
        ballots=cast,
        planned=len(panel.judges),
        answered=answered,
        degraded=_degraded(case, snapshot) if isinstance(outcome, Scored) and not provisional else "",
    )


def mask_to_fit(
    ballots: Sequence[Ballot], snapshot: Snapshot | None, *, panel: Panel, facts: Facts
) -> Mask | None:
    """The mask that `reconcile` would have to work out first, for some tens of milliseconds; None = it will
    answer at once."""
    if snapshot is None or snapshot.stage is Stage.OFFSET:
        return None
    counted = counting(in_panel_order(ballots, panel), panel, snapshot)
    values = _all_values(column_values(counted), facts)
    mask = mask_of_values(snapshot, values)
    if not any(ballot.scores() for ballot in counted):
        return None
    if not is_known(snapshot, mask):
        return mask
    left = without_odd_ones(counted, values, snapshot)
    mask = mask_of_values(snapshot, _all_values(column_values(left), facts))
    return None if is_known(snapshot, mask) else mask


def _all_values(judged: Mapping[str, float], facts: Facts) -> dict[str, float]:
    """The judges' columns and the measures."""
    return {**judged, **{f"{MEASURES}/{n}": x for n, x in facts.measures.items()}}


def _outcome(case: _Case, snapshot: Snapshot | None, reference: Reference) -> Scored | Unscored:
    if len({judge_of(c) for c in case.values}) < case.quorum:
        return _unscored(case)
    if snapshot is None:
        return _ordering(case, reference, "nobody has rated for this rubric and panel")
    if why := other_rubric(snapshot, case.rubric):
        return _ordering(case, reference, why)
    if snapshot.stage is Stage.OFFSET:
        return _ordering(case, reference, f"only {snapshot.items} items are rated", snapshot)
    return _fused(case, snapshot)


def _degraded(case: _Case, snapshot: Snapshot | None) -> str:
    """Which later layers the number does without: where it is a snapshot's, also those that do not count."""
    if len(case.panel.layers) < 2:
        return ""
    if snapshot is None or snapshot.stage is Stage.OFFSET or other_rubric(snapshot, case.rubric):
        return degraded_words(case.ballots, case.panel)
    return degraded_words(counting(case.ballots, case.panel, snapshot), case.panel)


def _fused(cast: _Case, snapshot: Snapshot) -> Scored | Unscored:
    """The calibrated way: every head from all present columns that were rated."""
    case = _counting(cast, snapshot)
    if _rated_judges(case, snapshot) < case.quorum:
        return _unscored(case)
    case = _without_odd_ones(case, snapshot)
    values = _all_values(case.values, case.facts)
    places = places_of(snapshot, values)
    fit = fit_mask(snapshot, mask_of(places))
    item = seen(fit, places)
    certificate = certify(
        snapshot,
        fit,
        values,
        cast.ballots,
        panel=case.panel,
        facts=case.facts,
        judge_revisions=case.judge_revisions,
        standing=case.standing,
    )
    valid = certificate.status is CertificateStatus.VALID

    def score(name: str) -> CriterionScore:
        head = fit.heads[name]
        return _score(name, head, fused_score(head, item), case.rubric, valid=valid)

    raw, terms = fuse(fit.heads[OVERALL], item)
    overall = _score(OVERALL, fit.heads[OVERALL], raw, case.rubric, valid=valid)
    return Scored(
        overall=replace(overall, contributions=_contributions(terms, values, snapshot)),
        criteria=_criteria(case, score),
        certificate=_with_left_out(certificate, cast, case),
        effective_votes=fit.votes,
    )


def _rated_judges(case: _Case, snapshot: Snapshot) -> int:
    """How many judges have a value that was rated."""
    judges = snapshot.memory.recall("judges", lambda: {c.name: judge_of(c.name) for c in snapshot.columns})
    return len({judges[c] for c in case.values if c in judges})


def _without_odd_ones(case: _Case, snapshot: Snapshot) -> _Case:
    """The case without judges that stand out, where the snapshot asks for that and a quorum is left."""
    ballots = without_odd_ones(case.ballots, _all_values(case.values, case.facts), snapshot)
    if ballots is case.ballots:
        return case
    left = replace(case, ballots=ballots, values=column_values(ballots))
    return left if _rated_judges(left, snapshot) >= case.quorum else case


def _counting(case: _Case, snapshot: Snapshot) -> _Case:
    """The case without the answers that the snapshot was not fitted for."""
    counted = counting(case.ballots, case.panel, snapshot)
    if counted is case.ballots:
        return case
    return replace(case, ballots=counted, values=column_values(counted))


def _with_left_out(certificate: Certificate, cast: _Case, case: _Case) -> Certificate:
    """The certificate with a sentence on the answers that do not count."""
    if case is cast:
        return certificate
    words = left_out_words(cast.ballots, case.ballots)
    return replace(certificate, detail=f"{certificate.detail} {words}".rstrip())


def _score(name: str, head: HeadFit, raw: float, rubric: Rubric, *, valid: bool) -> CriterionScore:
    score = min(max(raw, 0.0), 1.0)
    return CriterionScore(
        name=name,
        score=score,
        value=rubric.on_scale(score),
        interval=_interval(head, raw) if valid else None,
        baseline=head.baseline,
    )


def _contributions(
    terms: Sequence[Term], values: Mapping[str, float], snapshot: Snapshot
) -> tuple[Contribution, ...]:
    """The terms under their columns' names."""
    names = [snapshot.columns[t.column].name for t in terms]
    return tuple(
        Contribution(
            column=name,
            value=values[name],
            amount=term.amount,
            weight=term.weight,
            alone=term.alone,
            deviation=term.deviation,
        )
        for name, term in zip(names, terms, strict=True)
    )


def _interval(head: HeadFit, raw: float) -> Interval:
    lower, upper = head.width.around(raw)
    return Interval(lower=lower, upper=upper, coverage=head.width.coverage, kind=head.width.kind)


def _ordering(case: _Case, reference: Reference, why: str, moved: Snapshot | None = None) -> Scored:
    """The reference's ordering, moved to the raters' mean where a snapshot of few items knows it."""
    turned = moved.reversed_judges if moved else ()
    unsure = [j for j, s in moved.scales.items() if not s.declared and j not in turned] if moved else ()

    def score(name: str) -> CriterionScore:
        head = moved.head(name) if moved else Head(name=name, mean=0.0)
        given = (name, case.values, reference, case.rubric)
        return ordered(*given, offset=head.offset, turned=turned, coins=head.coins)

    weighted = moved is not None and any(head.coins for head in moved.heads)
    how = ordering_words(case.values, reference, turned=turned, undeclared=unsure, weighted=weighted)
    words = f"{why}: {how}"
    return Scored(
        overall=score(OVERALL),
        criteria=_criteria(case, score),
        certificate=uncalibrated(words, moved, remedy=RATE_AND_FIT),
    )


def _criteria(
    case: _Case, score: Callable[[str], CriterionScore]
) -> tuple[CriterionScore | CriterionUnscored, ...]:
    """Each criterion of the rubric, scored where enough judges count towards it."""
    found: list[CriterionScore | CriterionUnscored] = []
    judged = [b for b in case.ballots if b.judged()]
    for criterion in case.rubric.criteria:
        name = criterion.name
        if sum(1 for b in judged if not declined(b, name)) >= case.quorum:
            found.append(score(name))
        else:
            missing = abstentions(case.ballots, case.panel, name)
            found.append(CriterionUnscored(name=name, abstentions=missing))
    return tuple(found)


def _unscored(case: _Case) -> Unscored:
    missing = abstentions(case.ballots, case.panel, "")
    return Unscored(reason=_why_unscored({a.reason for _, a in missing}), abstentions=missing)


def _why_unscored(reasons: Set[AbstentionReason]) -> UnscoredReason:
    """Money before time: more time would not mend it."""
    if AbstentionReason.BUDGET in reasons:
        return UnscoredReason.COST_CEILING
    late = AbstentionReason.TIMEOUT in reasons
    return UnscoredReason.BUDGET_EXHAUSTED if late else UnscoredReason.QUORUM_MISSED


def _too_late(case: _Case) -> Unscored:
    missing = abstentions(case.ballots, case.panel, "")
    return Unscored(reason=UnscoredReason.BUDGET_EXHAUSTED, abstentions=missing)


def _completion(
    outcome: Scored | Unscored, cast: Sequence[Ballot], panel: Panel, *, provisional: bool
) -> Completion:
    if provisional:
        return Completion.PROVISIONAL
    if isinstance(outcome, Unscored):
        return Completion.UNSCORED
    if is_decided(cast, panel):
        return Completion.DECIDED
    return Completion.COMPLETE if sum(b.judged() for b in cast) == len(panel.judges) else Completion.PARTIAL
