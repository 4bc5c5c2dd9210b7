"""A row of a file as a request of the contract."""

from collections.abc import Mapping
from typing import Final

from moa_scorer.api.v1 import cost_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.contract.durations import duration
from moa_scorer.domain.job_order import Backfill
from moa_scorer.domain.request import Retention, Sensitivity
from moa_scorer.pipelines.rows import BadRow, Fields

SENSITIVITIES: Final = {each: pb.Sensitivity.Value(f"SENSITIVITY_{each.name}") for each in Sensitivity}
RETENTIONS: Final = {each: pb.Retention.Value(f"RETENTION_{each.name}") for each in Retention}


def request_of(order: Backfill, fields: Fields, index: int) -> pb.ScoreContentRequest:
    """The request for an item; raises BadRow for what no message can hold.

    Its request id is the item's index, so that an item is answered once however often it is asked for.
    """
    said = _said(fields, order)
    try:
        message = _message(order, said)
    except UnicodeEncodeError:
        raise BadRow("holds characters that are not valid Unicode text") from None
    if order.retention is not Retention.NOTHING:
        message.request_id = str(index)
    if order.item_budget is not None:
        message.latency_budget.CopyFrom(duration(order.item_budget))
    if order.item_cost is not None:
        message.cost_ceiling.CopyFrom(cost_pb2.Cost(micro_usd=order.item_cost))
    return message


def id_of(order: Backfill, fields: Fields) -> str:
    """The caller's own id of an item, for lists of failures; empty = none that can be shown."""
    value = fields.get(order.source.columns.id)
    return str(value)[:128] if isinstance(value, str | int) and str(value).isprintable() else ""


def _message(order: Backfill, said: Mapping[str, str]) -> pb.ScoreContentRequest:
    message = pb.ScoreContentRequest(
        panel=order.panel,
        rubric=order.rubric,
        policy=order.policy,
        sensitivity=SENSITIVITIES[order.sensitivity],
        retention=RETENTIONS[order.retention],
        seed=order.seed,
        subject=said["subject"],
        tags=dict(order.tags),
    )
    content = {name: value for name, value in said.items() if name != "subject"}
    content["kind"] = said["kind"] or order.kind
    content["language"] = said["language"] or order.language
    for name, value in content.items():
        setattr(message.content, name, value)
    return message


def _said(fields: Fields, order: Backfill) -> dict[str, str]:
    """Part of the content -> what the row says of it; raises BadRow."""
    columns = order.source.columns
    if columns.text not in fields:
        raise BadRow(f"{columns.text}: is required")
    return {
        "text": _text(fields, columns.text),
        "id": _text(fields, columns.id),
        "kind": _text(fields, columns.kind),
        "language": _text(fields, columns.language),
        "title": _text(fields, columns.title),
        "context": _text(fields, columns.context),
        "producer": _text(fields, columns.producer),
        "subject": _text(fields, columns.subject),
    }


def _text(fields: Fields, column: str) -> str:
    value = fields.get(column)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise BadRow(f"{column}: should be a string")
