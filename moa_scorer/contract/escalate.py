"""EscalateRecord: message in and message out."""

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.contract.access import tenant
from moa_scorer.contract.deadline import allowance
from moa_scorer.contract.durations import seconds
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.contract.translate import bare, response
from moa_scorer.contract.validate import check, escalate_violations
from moa_scorer.domain.priority import Priority
from moa_scorer.scoring.escalate import EscalateRequest
from moa_scorer.scoring.pipeline import Pipeline


async def escalate_record(
    pipeline: Pipeline,
    message: pb.EscalateRecordRequest,
    time_remaining: float | None,
    limits: Limits = LIMITS,
) -> pb.EscalateRecordResponse:
    """Buys the judges that a record left unused; raises the errors of the contract's table.

    `time_remaining` is the call's, in seconds; None = it has no deadline.
    """
    request = escalating(message, limits)
    stated = seconds(message.latency_budget) if message.HasField("latency_budget") else None
    now = pipeline.clock.monotonic()
    budget = allowance(now, time_remaining, stated, limits.default_budget_seconds)
    async with pipeline.door.entered(request.tenant, Priority.INTERACTIVE, budget):
        record = await pipeline.escalate(request, budget)
    return pb.EscalateRecordResponse(verdict=response(record, message.view or pb.VIEW_SCORE))


def escalating(message: pb.EscalateRecordRequest, limits: Limits = LIMITS) -> EscalateRequest:
    """Parses the caller's request; raises InvalidRequest with every violation."""
    check(escalate_violations(message, limits))
    return EscalateRequest(
        record=bare(message.record),
        judges=tuple(message.judges),
        cost_ceiling=message.cost_ceiling.micro_usd if message.HasField("cost_ceiling") else None,
        tenant=tenant(),
        request_id=message.request_id,
    )
