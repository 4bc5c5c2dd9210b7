"""Messages to domain values, and a scoring to the message of the view that was asked for."""

from dataclasses import dataclass
from typing import Final

from moa_scorer.aggregation.rationale import explain
from moa_scorer.api.v1 import content_pb2, facts_pb2, scoring_service_pb2
from moa_scorer.contract.access import tenant
from moa_scorer.contract.ballots import ballot_message, layer_numbers
from moa_scorer.contract.deciding import deciding
from moa_scorer.contract.durations import duration, seconds
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.contract.money import cost_message, total_usage
from moa_scorer.contract.plans import plan_message
from moa_scorer.contract.texts import sound
from moa_scorer.contract.validate import check, score_violations
from moa_scorer.contract.verdicts import COMPLETIONS, DECISIONS, scored_message, unscored_message
from moa_scorer.domain.content import Content
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.priority import Priority
from moa_scorer.domain.record import CacheUse, Record, ShadowRuling, Unrecorded
from moa_scorer.domain.request import CacheControl, Retention, ScoreRequest, Sensitivity
from moa_scorer.domain.verdict import Scored, Verdict
from moa_scorer.scoring.brought import Reconciled

View = scoring_service_pb2.View

DETAILED: Final = frozenset({View.VIEW_BALLOTS, View.VIEW_FULL})
"""Views that show ballots."""
SENSITIVITIES: Final = {
    scoring_service_pb2.SENSITIVITY_UNSPECIFIED: Sensitivity.VENDORS_ALLOWED,
    scoring_service_pb2.SENSITIVITY_VENDORS_ALLOWED: Sensitivity.VENDORS_ALLOWED,
    scoring_service_pb2.SENSITIVITY_LOCAL_ONLY: Sensitivity.LOCAL_ONLY,
}

CACHE_CONTROLS: Final = {
    scoring_service_pb2.CACHE_CONTROL_UNSPECIFIED: CacheControl.DEFAULT,
    scoring_service_pb2.CACHE_CONTROL_REFRESH: CacheControl.REFRESH,
    scoring_service_pb2.CACHE_CONTROL_NONE: CacheControl.NONE,
}
RETENTIONS: Final = {
    scoring_service_pb2.RETENTION_UNSPECIFIED: Retention.FULL,
    scoring_service_pb2.RETENTION_FULL: Retention.FULL,
    scoring_service_pb2.RETENTION_NUMBERS: Retention.NUMBERS,
    scoring_service_pb2.RETENTION_NOTHING: Retention.NOTHING,
}
PRIORITIES: Final = {scoring_service_pb2.Priority.Value(f"PRIORITY_{each.name}"): each for each in Priority}
CACHE_USES: Final = {each: scoring_service_pb2.CacheUse.Value(f"CACHE_USE_{each.name}") for each in CacheUse}
UNRECORDED: Final = {
    each: scoring_service_pb2.Unrecorded.Value(f"UNRECORDED_{each.name}") for each in Unrecorded
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A valid request, parsed."""

    request: ScoreRequest
    view: "View.ValueType"
    """Never UNSPECIFIED."""
    latency_budget: float | None
    """Seconds, > 0; None when the caller set none."""
    priority: Priority = Priority.INTERACTIVE
    """The class that the caller asked for."""


def asked(
    message: scoring_service_pb2.ScoreContentRequest,
    limits: Limits = LIMITS,
    *,
    prefix: str = "",
    batched: bool = False,
    streamed: bool = False,
    default_view: "View.ValueType" = View.VIEW_SCORE,
    scope: str = "ScoreContent",
    default_priority: Priority = Priority.INTERACTIVE,
) -> Asked:
    """Parses a request; raises InvalidRequest with every violation, their fields after `prefix`.

    `scope` is the method within which a request id is unique, `default_priority` that method's class of work.
    """
    check(score_violations(message, limits, prefix=prefix, batched=batched, streamed=streamed))
    return Asked(
        request=ScoreRequest(
            content=_content(message.content),
            panel=bare(message.panel),
            rubric=bare(message.rubric),
            policy=bare(message.policy),
            expected_ruler=message.expected_ruler,
            quorum=message.quorum if message.HasField("quorum") else None,
            cost_ceiling=message.cost_ceiling.micro_usd if message.HasField("cost_ceiling") else None,
            sensitivity=SENSITIVITIES[message.sensitivity],
            seed=message.seed,
            tenant=tenant(),
            request_id=message.request_id,
            scope=scope,
            cache=CACHE_CONTROLS[message.cache_control],
            retention=RETENTIONS[message.retention],
            subject=message.subject,
            tags=dict(sorted(message.tags.items())),
        ),
        view=message.view or default_view,
        latency_budget=seconds(message.latency_budget) if message.HasField("latency_budget") else None,
        priority=PRIORITIES.get(message.priority, default_priority),
    )


def bare(reference: str) -> str:
    """A resource's reference without its collection: `panels/embedded@1` -> `embedded@1`."""
    return reference.rpartition("/")[2]


def _content(message: content_pb2.Content) -> Content:
    return Content(
        text=message.text,
        id=message.id,
        language=message.language,
        kind=message.kind,
        title=message.title,
        context=message.context,
        producer=message.producer,
    )


def response(record: Record, view: "View.ValueType") -> scoring_service_pb2.ScoreContentResponse:
    """The answer in a view."""
    message = verdict_message(record, view)
    _add_record(message, record)
    if view != View.VIEW_DECISION:
        message.cache = CACHE_USES[record.cache]
        message.cost.CopyFrom(cost_message(total_usage(record.verdict.ballots).micro_usd))
    if view == View.VIEW_FULL:
        message.plan.CopyFrom(plan_message(record.plan, record.budget))
        message.timing.elapsed.CopyFrom(duration(record.elapsed))
        message.timing.budget.CopyFrom(duration(record.budget))
        message.ruler_reported = record.ruler_reported
        message.origin = f"records/{record.origin}" if record.origin else ""
        message.shadows.extend(map(_shadow, record.shadows))
        beside = record.request.shadow_of
        message.shadow_of = "" if beside is None else f"records/{beside}"
    return message


def _add_record(message: scoring_service_pb2.ScoreContentResponse, record: Record) -> None:
    message.record = f"records/{record.name}" if record.name else ""
    if record.unrecorded is not None:
        message.unrecorded = UNRECORDED[record.unrecorded]


def _shadow(shadow: ShadowRuling) -> scoring_service_pb2.ShadowRuling:
    return scoring_service_pb2.ShadowRuling(
        resource=shadow.resource, decision=DECISIONS[shadow.decision], rule=shadow.rule, score=shadow.score
    )


def verdict_message(
    of: Record | Reconciled, view: "View.ValueType"
) -> scoring_service_pb2.ScoreContentResponse:
    """The verdict in a view, without what asking judges took."""
    message = _named(of)
    if view != View.VIEW_DECISION:
        _add_result(message, of.verdict, full=view == View.VIEW_FULL)
    if view in DETAILED:
        _add_details(message, of, full=view == View.VIEW_FULL)
    return message


def _named(of: Record | Reconciled) -> scoring_service_pb2.ScoreContentResponse:
    plan, verdict = of.plan, of.verdict
    return scoring_service_pb2.ScoreContentResponse(
        content_id=of.request.content.id,
        decision=DECISIONS[of.ruling.decision],
        rule=of.ruling.rule,
        completion=COMPLETIONS[verdict.completion],
        panel=f"panels/{plan.panel.revision}",
        rubric=f"rubrics/{plan.rubric.revision}",
        policy=f"policies/{plan.policy.revision}" if plan.policy else "",
        snapshot=f"snapshots/{plan.snapshot}" if plan.snapshot else "",
        planned=verdict.planned,
        answered=verdict.answered,
        ruler=plan.ruler,
    )


def _add_result(message: scoring_service_pb2.ScoreContentResponse, verdict: Verdict, *, full: bool) -> None:
    if isinstance(verdict.outcome, Scored):
        message.scored.CopyFrom(scored_message(verdict.outcome, full=full))
    else:
        message.unscored.CopyFrom(unscored_message(verdict.outcome))
    message.degraded = sound(verdict.degraded)


def _add_details(
    message: scoring_service_pb2.ScoreContentResponse, of: Record | Reconciled, *, full: bool
) -> None:
    plan, verdict = of.plan, of.verdict
    layers = layer_numbers(plan.panel)
    message.ballots.extend(ballot_message(b, layer=layers[b.judge], full=full) for b in verdict.ballots)
    message.rationale = sound(explain(verdict, of.ruling, plan.rubric, deciding(of), plan.panel.writer))
    if of.request.content.text:
        message.facts.CopyFrom(_facts(of.facts))


def _facts(facts: Facts) -> facts_pb2.Facts:
    return facts_pb2.Facts(
        language=facts.language,
        language_declared=facts.language_declared,
        tamper_risk=facts.tamper_risk,
    )
