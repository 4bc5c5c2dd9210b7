"""What each method about records does, message in and message out, whatever the edge."""

from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.contract.access import tenant
from moa_scorer.contract.audit import acted
from moa_scorer.contract.explanation import explanation
from moa_scorer.contract.record_filters import selection
from moa_scorer.contract.record_messages import record_message
from moa_scorer.contract.record_pages import record_page
from moa_scorer.contract.replays import replay_message
from moa_scorer.contract.translate import View, bare
from moa_scorer.contract.validate import check
from moa_scorer.contract.validate_records import (
    MOST_NAMES,
    delete_violations,
    get_violations,
    list_violations,
    name_violations,
)
from moa_scorer.domain.audit_log import AuditAction
from moa_scorer.domain.errors import Precondition
from moa_scorer.domain.stores import RecordFilter, RecordStore
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.keeping import NO_RECORDS, Memory
from moa_scorer.scoring.replay import replay


async def get_record(memory: Memory, message: pb.GetRecordRequest) -> pb.GetRecordResponse:
    """The record of that name; raises NotFound and DamagedRecord, and as every method here InvalidRequest,
    StorageUnavailable, and Precondition where no records are kept."""
    check(get_violations(message))
    record = await _store(memory).get(tenant(), bare(message.name))
    return pb.GetRecordResponse(record=record_message(record, message.view or View.VIEW_SCORE))


async def list_records(memory: Memory, message: pb.ListRecordsRequest) -> pb.ListRecordsResponse:
    """A page of the records that the filter means."""
    check(list_violations(message))
    return await record_page(_store(memory), message, tenant())


async def delete_records(memory: Memory, message: pb.DeleteRecordsRequest) -> pb.DeleteRecordsResponse:
    """What was deleted, or would be; raises Precondition where it is another number than was confirmed.

    The audit log says that records are deleted before they are: how many, and by what they were chosen.
    """
    check(delete_violations(message))
    store, where = _store(memory), selection(message, tenant())
    count = await store.count(where)
    if message.validate_only:
        return pb.DeleteRecordsResponse(records=count, names=await _names(store, where))
    if count != message.confirm_count:
        words = f"{count:,} records are meant, not {message.confirm_count:,}; nothing was deleted"
        raise Precondition("confirm_count", words)
    if memory.audit_log is not None:
        words = f"{count:,} chosen by {(message.WhichOneof('selection') or '').replace('_', ' ')}"
        await memory.audit_log.add(acted(AuditAction.RECORDS_DELETED, "records", before=words))
    erased = await store.erase(where)
    cached = await memory.cache.forget(erased.names) if memory.cache is not None else 0
    return pb.DeleteRecordsResponse(
        records=erased.records,
        request_ids=erased.request_ids,
        ratings=erased.ratings,
        job_items=erased.job_items,
        cached_answers=erased.cached + cached,
        names=[f"records/{name}" for name in erased.names[:MOST_NAMES]],
    )


async def replay_record(
    memory: Memory,
    artefacts: Artefacts,
    message: pb.ReplayRecordRequest,
) -> pb.ReplayRecordResponse:
    """What the record's ballots come to again; raises NotFound."""
    check(name_violations(message.name))
    return replay_message(await replay(_store(memory), artefacts, tenant(), bare(message.name)))


async def explain_record(memory: Memory, message: pb.ExplainRecordRequest) -> pb.ExplainRecordResponse:
    """Why the record says what it says; raises NotFound and DamagedRecord."""
    check(name_violations(message.name))
    return explanation(await _store(memory).get(tenant(), bare(message.name)))


def _store(memory: Memory) -> RecordStore:
    if memory.records is None:
        raise Precondition("records", NO_RECORDS)
    return memory.records


async def _names(store: RecordStore, where: RecordFilter) -> list[str]:
    """Of the first thousand, damaged ones too, which can be deleted all the same."""
    damaged: list[str] = []
    found = await store.page(where, MOST_NAMES, newest_first=False, damaged=lambda d: damaged.append(d.name))
    return [f"records/{name}" for name in sorted([*(record.name for record in found), *damaged])]
