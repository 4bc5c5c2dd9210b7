"""Verdicts as messages."""

from collections.abc import Mapping
from typing import Final

from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.contract.ballots import judge_abstentions
from moa_scorer.domain.verdict import (
    CertificateStatus,
    Completion,
    CriterionScore,
    CriterionUnscored,
    Decision,
    Interval,
    IntervalKind,
    Scored,
    Unscored,
    UnscoredReason,
)

COMPLETIONS: Final[Mapping[Completion, verdict_pb2.Completion.ValueType]] = {
    each: verdict_pb2.Completion.Value(f"COMPLETION_{each.name}") for each in Completion
}
DECISIONS: Final[Mapping[Decision, verdict_pb2.Decision.ValueType]] = {
    each: verdict_pb2.Decision.Value(f"DECISION_{each.name}") for each in Decision
}
CERTIFICATES: Final[Mapping[CertificateStatus, verdict_pb2.CertificateStatus.ValueType]] = {
    each: verdict_pb2.CertificateStatus.Value(f"CERTIFICATE_STATUS_{each.name}") for each in CertificateStatus
}
UNSCORED_REASONS: Final[Mapping[UnscoredReason, verdict_pb2.UnscoredReason.ValueType]] = {
    each: verdict_pb2.UnscoredReason.Value(f"UNSCORED_REASON_{each.name}") for each in UnscoredReason
}
INTERVAL_KINDS: Final[Mapping[IntervalKind, verdict_pb2.IntervalKind.ValueType]] = {
    each: verdict_pb2.IntervalKind.Value(f"INTERVAL_KIND_{each.name}") for each in IntervalKind
}


def scored_message(scored: Scored, *, full: bool) -> verdict_pb2.Scored:
    """A score; what each column added to it only when `full`."""
    overall, certificate = scored.overall, scored.certificate
    message = verdict_pb2.Scored(
        score=overall.score,
        value=overall.value,
        interval=_interval(overall.interval),
        certificate=CERTIFICATES[certificate.status],
        certificate_detail=certificate.detail,
        raters=certificate.raters or None,
        criteria=[_criterion(each) for each in scored.criteria],
        effective_votes=scored.effective_votes,
    )
    if full:
        _add_contributions(message, overall, fitted=bool(certificate.snapshot))
    return message


def unscored_message(unscored: Unscored) -> verdict_pb2.Unscored:
    """Why there is no score."""
    return verdict_pb2.Unscored(
        reason=UNSCORED_REASONS[unscored.reason],
        abstentions=judge_abstentions(unscored.abstentions),
    )


def _criterion(criterion: CriterionScore | CriterionUnscored) -> verdict_pb2.CriterionResult:
    if isinstance(criterion, CriterionScore):
        return verdict_pb2.CriterionResult(
            name=criterion.name,
            score=criterion.score,
            value=criterion.value,
            interval=_interval(criterion.interval),
        )
    unscored = verdict_pb2.CriterionUnscored(abstentions=judge_abstentions(criterion.abstentions))
    return verdict_pb2.CriterionResult(name=criterion.name, unscored=unscored)


def _interval(interval: Interval | None) -> verdict_pb2.Interval | None:
    if interval is None:
        return None
    return verdict_pb2.Interval(
        lower=interval.lower,
        upper=interval.upper,
        coverage=interval.coverage,
        kind=INTERVAL_KINDS[interval.kind],
    )


def _add_contributions(message: verdict_pb2.Scored, overall: CriterionScore, *, fitted: bool) -> None:
    if fitted:
        message.baseline = overall.baseline
    message.contributions.extend(
        verdict_pb2.Contribution(column=each.column, value=each.value, amount=each.amount)
        for each in overall.contributions
    )
