"""Records to look at: those of the settings' database, of a backup of one, or of a server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.app.operator import operator
from moa_scorer.app.servers import client_of
from moa_scorer.app.serving.memory import Storage
from moa_scorer.app.settings import Settings
from moa_scorer.app.stored import stored
from moa_scorer.client.record_calls import AsyncRecords
from moa_scorer.client.records import RecordQuery, list_message
from moa_scorer.contract import records
from moa_scorer.contract.access import calling
from moa_scorer.contract.record_filters import record_filter
from moa_scorer.contract.validate_records import filter_violations
from moa_scorer.domain.errors import InvalidRequest
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.keeping import Memory

MOST_TENANTS: Final = 20
"""Tenants that are named to somebody who asked for another."""


class _Local:
    """The methods of RecordService, done in this process."""

    def __init__(self, memory: Memory, artefacts: Artefacts) -> None:
        self._memory = memory
        self._artefacts = artefacts

    async def GetRecord(self, request: pb.GetRecordRequest) -> pb.GetRecordResponse:
        return await records.get_record(self._memory, request)

    async def ListRecords(self, request: pb.ListRecordsRequest) -> pb.ListRecordsResponse:
        return await records.list_records(self._memory, request)

    async def DeleteRecords(self, request: pb.DeleteRecordsRequest) -> pb.DeleteRecordsResponse:
        return await records.delete_records(self._memory, request)

    async def ReplayRecord(self, request: pb.ReplayRecordRequest) -> pb.ReplayRecordResponse:
        return await records.replay_record(self._memory, self._artefacts, request)

    async def ExplainRecord(self, request: pb.ExplainRecordRequest) -> pb.ExplainRecordResponse:
        return await records.explain_record(self._memory, request)


@asynccontextmanager
async def records_at(
    settings: Settings,
    target: str | None,
    backup: Path | None = None,
    tenant: Tenant = DEFAULT_TENANT,
) -> AsyncIterator[AsyncRecords]:
    """The records of the server at `target`, else the tenant's in the backup or the settings' database.

    Raises ConfigurationError where there are none to read.
    """
    if target:
        async with client_of(target) as client:
            yield client.records
        return
    async with stored(settings, backup) as storage:
        memory = Memory(records=storage.records, artefacts=storage.artefacts, audit_log=storage.audit_log)
        yield AsyncRecords(_Local(memory, artefacts_in(storage, settings)), _called_for(tenant))


async def why_none(settings: Settings, backup: Path | None, tenant: Tenant) -> str:
    """Why no record is meant, where the tenant has none or all of its own are left out by a filter."""
    async with stored(settings, backup) as storage:
        own = await storage.records.count(RecordFilter(tenant=tenant))
        tenants = await storage.records.tenants(MOST_TENANTS)
        place = backup or storage.database
    if own:
        return f"no record of tenant {tenant} is meant by that"
    if not tenants:
        return f"there are no records in {place}"
    return f"tenant {tenant} has no records in {place}; say --tenant: {', '.join(tenants)}"


def artefacts_in(storage: Storage, settings: Settings) -> Artefacts:
    """What is kept beside the records and what the settings' catalogue serves, read when first needed."""
    from moa_scorer.app.compose import catalog_of

    return Artefacts(cache(lambda: catalog_of(settings)), storage.artefacts)


def filter_of(query: RecordQuery, tenant: Tenant = DEFAULT_TENANT) -> RecordFilter:
    """The query as a store takes it; raises InvalidRequest, and ValueError for unknown words."""
    message = list_message(query, "score", 0).filter
    if violations := tuple(filter_violations(message, "")):
        raise InvalidRequest(violations)
    return record_filter(message, tenant)


def _called_for(tenant: Tenant) -> Callable[[Callable[[Any], Awaitable[Any]], Any], Awaitable[Any]]:
    """What calls a method on the tenant's behalf."""
    owner = replace(operator(), tenant=tenant)

    async def called(method: Callable[[Any], Awaitable[Any]], request: Any) -> Any:
        with calling(owner):
            return await method(request)

    return called
