"""What is to be rated next, message in and message out."""

from moa_scorer.api.v1 import content_pb2
from moa_scorer.api.v1 import feedback_service_pb2 as pb
from moa_scorer.contract.access import tenant
from moa_scorer.contract.feedback import STREAMS, stores
from moa_scorer.contract.translate import bare
from moa_scorer.contract.validate import check
from moa_scorer.contract.validate_feedback import plan_violations
from moa_scorer.domain.content import Content
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.learning.planning.stored import AUDIT_PART, PlannedRecord, Wish, plan_records
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import Memory


async def plan_ratings(
    memory: Memory, catalog: Catalog, message: pb.PlanRatingsRequest
) -> pb.PlanRatingsResponse:
    """Which records to rate next; raises NotFound, InvalidRequest, Precondition and StorageUnavailable."""
    check(plan_violations(message))
    records, ratings = stores(memory)
    plan = await plan_records(records, ratings, _wish(memory, catalog, message))
    return pb.PlanRatingsResponse(
        plan=plan.name,
        ratings=[_planned(each, with_content=message.include_content) for each in plan.chosen],
        unrated=plan.unrated,
        unrated_audits=plan.unrated_audits,
    )


def _wish(memory: Memory, catalog: Catalog, message: pb.PlanRatingsRequest) -> Wish:
    panel = catalog.panel(tenant(), bare(message.panel))
    rubric = catalog.rubric(tenant(), bare(message.rubric) or panel.rubric_for(message.kind))
    return Wish(
        where=RecordFilter(tenant=tenant(), panel=panel.revision, rubric=rubric.revision),
        kind=message.kind,
        count=message.count if message.HasField("count") else None,
        audit_part=message.audit_share if message.HasField("audit_share") else AUDIT_PART,
        audit_share=memory.audit_share,
        seed=message.seed,
    )


def _planned(planned: PlannedRecord, *, with_content: bool) -> pb.PlannedRating:
    """Nothing in it says what the judges thought of the record."""
    record = planned.record
    content, rubric = record.request.content, record.plan.rubric
    return pb.PlannedRating(
        record=f"records/{record.name}",
        content_id=content.id,
        stream=STREAMS[planned.stream],
        propensity=planned.propensity,
        why=planned.why,
        content=_content(content) if with_content and content.text else None,
        criteria=[c.name for c in rubric.criteria],
        scale_min=rubric.scale_min,
        scale_max=rubric.scale_max,
    )


def _content(content: Content) -> content_pb2.Content:
    return content_pb2.Content(
        text=content.text,
        id=content.id,
        language=content.language,
        kind=content.kind,
        title=content.title,
        context=content.context,
        producer=content.producer,
    )
