"""Lists of records: a token holds where the page before ended, and for which filter and order."""

import base64
import binascii
from collections.abc import AsyncGenerator, Sequence
from hashlib import sha256
from typing import Final

from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.contract.pages import DEFAULT_PAGE, LARGEST_PAGE
from moa_scorer.contract.record_filters import record_filter
from moa_scorer.contract.record_messages import damaged_message, record_message
from moa_scorer.contract.translate import View
from moa_scorer.contract.validate import FOREIGN_TOKEN
from moa_scorer.contract.validate_records import name_violations
from moa_scorer.domain.errors import DamagedRecord, InvalidRequest, Violation
from moa_scorer.domain.record import Record
from moa_scorer.domain.stores import RecordStore
from moa_scorer.domain.tenant import Tenant

PAGE_BYTES: Final = 8 * 1024 * 1024
"""A page ends when it has grown beyond this: half of what the transport takes."""
CHUNK: Final = 100
"""Records read at a time."""


Entry = Record | DamagedRecord
"""A record of a page, or what is wrong with it."""


async def record_page(
    store: RecordStore, message: pb.ListRecordsRequest, tenant: Tenant
) -> pb.ListRecordsResponse:
    """The page that a valid request asks for; raises InvalidRequest for a token of another list."""
    response = pb.ListRecordsResponse()
    left, room = min(message.page_size or DEFAULT_PAGE, LARGEST_PAGE), PAGE_BYTES
    last = _start(message)
    async for entry in _entries(store, message, tenant, left + 1, last):
        if left == 0 or room <= 0:
            response.next_page_token = _token(message, last)
            break
        room -= _add(response, entry, message)
        left, last = left - 1, entry.name
    return response


def _add(response: pb.ListRecordsResponse, entry: Entry, message: pb.ListRecordsRequest) -> int:
    """Adds the entry; how many bytes it takes."""
    if isinstance(entry, DamagedRecord):
        damaged = damaged_message(entry)
        response.damaged.append(damaged)
        return damaged.ByteSize()
    added = record_message(entry, message.view or View.VIEW_SCORE)
    response.records.append(added)
    return added.ByteSize()


async def _entries(
    store: RecordStore, message: pb.ListRecordsRequest, tenant: Tenant, limit: int, after: str
) -> AsyncGenerator[Entry, None]:
    """At most `limit` entries, read a few at a time, so that a large page is never in memory twice."""
    while limit > 0:
        size = min(limit, CHUNK)
        chunk = await _read(store, message, tenant, size, after)
        for entry in chunk:
            yield entry
        if len(chunk) < size:
            return
        limit, after = limit - size, chunk[-1].name


async def _read(
    store: RecordStore, message: pb.ListRecordsRequest, tenant: Tenant, size: int, after: str
) -> Sequence[Entry]:
    """At most `size` entries in order, damaged ones among them."""
    newest_first = message.order != pb.RECORD_ORDER_OLDEST_FIRST
    damaged: list[DamagedRecord] = []
    where = record_filter(message.filter, tenant)
    found = await store.page(where, size, after, newest_first=newest_first, damaged=damaged.append)
    entries: list[Entry] = [*found, *damaged]
    return sorted(entries, key=lambda entry: entry.name, reverse=newest_first)[:size]


def _start(message: pb.ListRecordsRequest) -> str:
    """Name of the last entry of the page before; empty for the first page."""
    if not message.page_token:
        return ""
    try:
        listed, name = base64.urlsafe_b64decode(message.page_token.encode()).decode().split("/")
    except (ValueError, binascii.Error):
        raise InvalidRequest((FOREIGN_TOKEN,)) from None
    if any(name_violations(name)):
        raise InvalidRequest((FOREIGN_TOKEN,))
    if listed != _list_of(message):
        raise InvalidRequest((Violation("page_token", "was given for another filter or order"),))
    return name


def _token(message: pb.ListRecordsRequest, name: str) -> str:
    return base64.urlsafe_b64encode(f"{_list_of(message)}/{name}".encode()).decode()


def _list_of(message: pb.ListRecordsRequest) -> str:
    """What tells one filter and order from another, in 12 characters."""
    listed = pb.ListRecordsRequest(filter=message.filter, order=message.order)
    return sha256(listed.SerializeToString(deterministic=True)).hexdigest()[:12]
