"""Messages to domain values, and a scoring to the message of the view that was asked for."""

from dataclasses import dataclass
from typing import Final

from moa_scorer.aggregation.rationale import explain
from moa_scorer.api.v1 import content_pb2, facts_pb2, scoring_service_pb2
from moa_scorer.contract.ballots import ballot_message, layer_numbers
from moa_scorer.contract.durations import duration, seconds
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.contract.money import cost_message, total_usage
from moa_scorer.contract.plans import plan_message
from moa_scorer.contract.texts import sound
from moa_scorer.contract.validate import score_violations
from moa_scorer.contract.verdicts import COMPLETIONS, DECISIONS, scored_message, unscored_message
from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import InvalidRequest
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.request import ScoreRequest, Sensitivity
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.domain.verdict import Scored, Verdict
from moa_scorer.scoring.brought import Reconciled
from moa_scorer.scoring.pipeline import Scoring

View = scoring_service_pb2.View

DETAILED: Final = frozenset({View.VIEW_BALLOTS, View.VIEW_FULL})
"""Views that show ballots."""
SENSITIVITIES: Final = {
    scoring_service_pb2.SENSITIVITY_UNSPECIFIED: Sensitivity.VENDORS_ALLOWED,
    scoring_service_pb2.SENSITIVITY_VENDORS_ALLOWED: Sensitivity.VENDORS_ALLOWED,
    scoring_service_pb2.SENSITIVITY_LOCAL_ONLY: Sensitivity.LOCAL_ONLY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A valid request, parsed."""

    request: ScoreRequest
    view: "View.ValueType"
    """Never UNSPECIFIED."""
    latency_budget: float | None
    """Seconds, > 0; None when the caller set none."""


def asked(
    message: scoring_service_pb2.ScoreContentRequest,
    limits: Limits = LIMITS,
    *,
    tenant: Tenant = DEFAULT_TENANT,
    prefix: str = "",
    batched: bool = False,
    default_view: "View.ValueType" = View.VIEW_SCORE,
) -> Asked:
    """Parses a request; raises InvalidRequest with every violation, their fields after `prefix`."""
    if violations := score_violations(message, limits, prefix=prefix, batched=batched):
        raise InvalidRequest(violations)
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
            tenant=tenant,
        ),
        view=message.view or default_view,
        latency_budget=seconds(message.latency_budget) if message.HasField("latency_budget") else None,
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


def response(
    scoring: Scoring, view: "View.ValueType", budget: float
) -> scoring_service_pb2.ScoreContentResponse:
    """The answer in a view; `budget` is what the judges were allowed, in seconds, and shows in FULL only."""
    message = verdict_message(scoring, view)
    if view != View.VIEW_DECISION:
        message.cost.CopyFrom(cost_message(total_usage(scoring.verdict.ballots).micro_usd))
    if view == View.VIEW_FULL:
        message.plan.CopyFrom(plan_message(scoring.plan, budget))
        message.timing.elapsed.CopyFrom(duration(scoring.elapsed))
        message.timing.budget.CopyFrom(duration(budget))
    return message


def verdict_message(
    scoring: Scoring | Reconciled, view: "View.ValueType"
) -> scoring_service_pb2.ScoreContentResponse:
    """The verdict in a view, without what asking judges took."""
    message = _named(scoring)
    if view != View.VIEW_DECISION:
        _add_result(message, scoring.verdict, full=view == View.VIEW_FULL)
    if view in DETAILED:
        _add_details(message, scoring, full=view == View.VIEW_FULL)
    return message


def _named(scoring: Scoring | Reconciled) -> scoring_service_pb2.ScoreContentResponse:
    plan, verdict = scoring.plan, scoring.verdict
    return scoring_service_pb2.ScoreContentResponse(
        content_id=plan.request.content.id,
        decision=DECISIONS[scoring.ruling.decision],
        rule=scoring.ruling.rule,
        completion=COMPLETIONS[verdict.completion],
        panel=f"panels/{plan.panel.revision}",
        rubric=f"rubrics/{plan.rubric.revision}",
        policy=f"policies/{plan.policy.revision}" if plan.policy else "",
        snapshot=f"snapshots/{plan.snapshot.revision}" if plan.snapshot else "",
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
    message: scoring_service_pb2.ScoreContentResponse, scoring: Scoring | Reconciled, *, full: bool
) -> None:
    plan, verdict = scoring.plan, scoring.verdict
    layers = layer_numbers(plan.panel)
    message.ballots.extend(ballot_message(b, layer=layers[b.judge], full=full) for b in verdict.ballots)
    message.rationale = sound(explain(verdict, scoring.ruling, plan.rubric, plan.policy, plan.panel.writer))
    if plan.request.content.text:
        message.facts.CopyFrom(_facts(scoring.facts))


def _facts(facts: Facts) -> facts_pb2.Facts:
    return facts_pb2.Facts(
        language=facts.language,
        language_declared=facts.language_declared,
        tamper_risk=facts.tamper_risk,
    )
