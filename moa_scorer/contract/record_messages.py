"""Records as messages."""

from collections.abc import Mapping
from typing import Final, TypeVar

from moa_scorer.api.v1 import record_pb2, scoring_service_pb2
from moa_scorer.api.v1.content_pb2 import Content as ContentMessage
from moa_scorer.contract.translate import CACHE_CONTROLS, RETENTIONS, SENSITIVITIES, View, response
from moa_scorer.domain.content import Content
from moa_scorer.domain.content_digest import content_digest
from moa_scorer.domain.errors import DamagedRecord
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import ScoreRequest

K = TypeVar("K")
V = TypeVar("V")


def _inverse(words: Mapping[K, V]) -> dict[V, K]:
    """Value -> the last key that means it: for enums the one that is not UNSPECIFIED."""
    return {value: key for key, value in words.items()}


_SENSITIVITIES: Final = _inverse(SENSITIVITIES)
_CACHE_CONTROLS: Final = _inverse(CACHE_CONTROLS)
_RETENTIONS: Final = _inverse(RETENTIONS)


def record_message(record: Record, view: "View.ValueType") -> record_pb2.Record:
    """The record in a view, which is not UNSPECIFIED."""
    content = record.request.content
    message = record_pb2.Record(
        name=f"records/{record.name}",
        request=request_message(record.request, with_text=view == View.VIEW_FULL),
        answer=response(record, view),
        content_digest=content_digest(content) if content.text else "",
        audited=record.audited,
        quorum=record.plan.quorum,
        stale=record.standing.why_stale([b.judge for b in record.verdict.ballots if b.judged()]),
    )
    message.create_time.FromDatetime(record.created)
    return message


def request_message(request: ScoreRequest, *, with_text: bool) -> scoring_service_pb2.ScoreContentRequest:
    """The request as the caller sent it, but for budget and view."""
    message = scoring_service_pb2.ScoreContentRequest(
        content=_content(request.content, with_text=with_text),
        panel=request.panel,
        rubric=request.rubric,
        policy=request.policy,
        expected_ruler=request.expected_ruler,
        quorum=request.quorum,
        sensitivity=_SENSITIVITIES[request.sensitivity],
        seed=request.seed or None,
        request_id=request.request_id,
        cache_control=_CACHE_CONTROLS[request.cache],
        retention=_RETENTIONS[request.retention],
        subject=request.subject,
        tags=request.tags,
    )
    if request.cost_ceiling is not None:
        message.cost_ceiling.micro_usd = request.cost_ceiling
    return message


def damaged_message(damage: DamagedRecord) -> record_pb2.DamagedRecord:
    """Which record cannot be read, and which part of it."""
    return record_pb2.DamagedRecord(record=f"records/{damage.name}", part=damage.part)


def _content(content: Content, *, with_text: bool) -> ContentMessage:
    message = ContentMessage(
        id=content.id, language=content.language, kind=content.kind, producer=content.producer
    )
    if with_text:
        message.text, message.title, message.context = content.text, content.title, content.context
    return message
