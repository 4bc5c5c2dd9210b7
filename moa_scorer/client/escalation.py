"""Asking for what a record left unused, as a message."""

from collections.abc import Sequence

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.client.requests import View, view_number


def escalate_message(
    record: str,
    judges: Sequence[str],
    *,
    cost_ceiling: float | None,
    budget: float | None,
    request_id: str,
    view: View,
) -> pb.EscalateRecordRequest:
    """The request as sent; `cost_ceiling` in US dollars, `budget` in seconds.

    Raises ValueError for an unknown view.
    """
    request = pb.EscalateRecordRequest(
        record=record, judges=judges, request_id=request_id, view=view_number(view)
    )
    if cost_ceiling is not None:
        request.cost_ceiling.micro_usd = round(cost_ceiling * 1e6)
    if budget is not None:
        request.latency_budget.FromNanoseconds(round(budget * 1e9))
    return request
