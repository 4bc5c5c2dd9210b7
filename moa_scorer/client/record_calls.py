"""The calls about records, for both clients: `client.records`."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from typing import Any, Final

from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.client.records import (
    DamagedRecord,
    Deleted,
    Explanation,
    RecordQuery,
    Replayed,
    StoredRecord,
    damaged_of,
    delete_message,
    deleted_of,
    explanation_of,
    list_message,
    record_of,
    replayed_of,
)
from moa_scorer.client.requests import View, view_number

ALL: Final = RecordQuery()
PAGE: Final = 200
"""Records asked for at a time."""


class AsyncRecords:
    """What was kept of scored items, for asyncio. Every method raises ScorerError."""

    def __init__(self, stub: Any, call: Callable[[Any, Any], Awaitable[Any]]) -> None:
        """`call` does one call of a method of the stub, within the client's deadline."""
        self._stub = stub
        self._call = call

    async def get(self, name: str, *, view: View = "score") -> StoredRecord:
        """The record `records/ID`, or `ID`; NotFound where there is none."""
        request = pb.GetRecordRequest(name=name, view=view_number(view))
        return record_of((await self._call(self._stub.GetRecord, request)).record)

    async def list(
        self,
        query: RecordQuery = ALL,
        *,
        view: View = "score",
        damaged: Callable[[DamagedRecord], None] | None = None,
    ) -> AsyncGenerator[StoredRecord, None]:
        """Every record that the query means, read page by page; damaged ones are told and left out."""
        token: str | None = ""
        while token is not None:
            page = await self._call(self._stub.ListRecords, list_message(query, view, PAGE, token))
            for message in page.records:
                yield record_of(message)
            if damaged is not None:
                for damage in page.damaged:
                    damaged(damaged_of(damage))
            token = page.next_page_token or None

    async def delete(
        self,
        names: Sequence[str] = (),
        *,
        content_digest: str = "",
        subject: str = "",
        confirm: int | None = None,
    ) -> Deleted:
        """Deletes the records of exactly one of these, and all that hangs on them.

        Without `confirm` it only tells how many there are; with that number it does it.
        """
        request = delete_message(names=names, content_digest=content_digest, subject=subject, confirm=confirm)
        return deleted_of(await self._call(self._stub.DeleteRecords, request))

    async def replay(self, name: str) -> Replayed:
        """Whether the record's ballots come to the same number and decision again, to the last bit."""
        return replayed_of(await self._call(self._stub.ReplayRecord, pb.ReplayRecordRequest(name=name)))

    async def explain(self, name: str) -> Explanation:
        """Why the record says what it says."""
        return explanation_of(await self._call(self._stub.ExplainRecord, pb.ExplainRecordRequest(name=name)))


class Records:
    """The same for code without asyncio."""

    def __init__(self, stub: Any, call: Callable[[Any, Any], Any]) -> None:
        """`call` does one call of a method of the stub, within the client's deadline."""
        self._stub = stub
        self._call = call

    def get(self, name: str, *, view: View = "score") -> StoredRecord:
        """The record `records/ID`, or `ID`; NotFound where there is none."""
        request = pb.GetRecordRequest(name=name, view=view_number(view))
        return record_of(self._call(self._stub.GetRecord, request).record)

    def list(
        self,
        query: RecordQuery = ALL,
        *,
        view: View = "score",
        damaged: Callable[[DamagedRecord], None] | None = None,
    ) -> Generator[StoredRecord, None, None]:
        """Every record that the query means, read page by page; damaged ones are told and left out."""
        token: str | None = ""
        while token is not None:
            page = self._call(self._stub.ListRecords, list_message(query, view, PAGE, token))
            for message in page.records:
                yield record_of(message)
            if damaged is not None:
                for damage in page.damaged:
                    damaged(damaged_of(damage))
            token = page.next_page_token or None

    def delete(
        self,
        names: Sequence[str] = (),
        *,
        content_digest: str = "",
        subject: str = "",
        confirm: int | None = None,
    ) -> Deleted:
        """Deletes the records of exactly one of these, and all that hangs on them.

        Without `confirm` it only tells how many there are; with that number it does it.
        """
        request = delete_message(names=names, content_digest=content_digest, subject=subject, confirm=confirm)
        return deleted_of(self._call(self._stub.DeleteRecords, request))

    def replay(self, name: str) -> Replayed:
        """Whether the record's ballots come to the same number and decision again, to the last bit."""
        return replayed_of(self._call(self._stub.ReplayRecord, pb.ReplayRecordRequest(name=name)))

    def explain(self, name: str) -> Explanation:
        """Why the record says what it says."""
        return explanation_of(self._call(self._stub.ExplainRecord, pb.ExplainRecordRequest(name=name)))
