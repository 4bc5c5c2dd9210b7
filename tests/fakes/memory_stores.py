"""Records in a dictionary: the port of `domain/stores.py` without a database."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from moa_scorer.domain.audit_log import AuditEntry
from moa_scorer.domain.content_digest import content_digest
from moa_scorer.domain.errors import DamagedRecord, NotFound, StorageUnavailable
from moa_scorer.domain.record import Record
from moa_scorer.domain.stores import Claim, Erased, RecordFilter
from moa_scorer.domain.tenant import Tenant


class MemoryRecords:
    """A RecordStore. `down = True` makes every method raise StorageUnavailable."""

    def __init__(self, *records: Record) -> None:
        self.records: dict[tuple[Tenant, str], Record] = {}
        self.claims: dict[str, str] = {}
        """Request id of a settled claim -> name of its record."""
        self.lost: set[str] = set()
        """Tokens of claims that were given to another."""
        self.down = False
        for record in records:
            self._keep(record)

    async def put(self, record: Record, claim: Claim | None = None) -> bool:
        self._look()
        if claim is not None:
            if claim.token in self.lost:
                return False
            self.claims[claim.key.request_id] = record.name
        self._keep(record)
        return True

    async def get(self, tenant: Tenant, name: str) -> Record:
        self._look()
        if (tenant, name) not in self.records:
            raise NotFound("records", name)
        return self.records[tenant, name]

    async def page(
        self,
        where: RecordFilter,
        size: int,
        after: str = "",
        *,
        newest_first: bool = True,
        damaged: Callable[[DamagedRecord], None] | None = None,
    ) -> Sequence[Record]:
        self._look()
        found = self._found(where)
        if newest_first:
            return [r for r in reversed(found) if not after or r.name < after][:size]
        return [r for r in found if r.name > after][:size]

    async def scan(
        self, where: RecordFilter, damaged: Callable[[DamagedRecord], None] | None = None
    ) -> AsyncIterator[Record]:
        self._look()
        for record in self._found(where):
            yield record

    async def count(self, where: RecordFilter) -> int:
        self._look()
        return len(self._found(where))

    async def erase(self, where: RecordFilter) -> Erased:
        self._look()
        names = tuple(record.name for record in self._found(where))
        for name in names:
            del self.records[where.tenant, name]
        answered = [request_id for request_id, name in self.claims.items() if name in names]
        for request_id in answered:
            del self.claims[request_id]
        return Erased(records=len(names), request_ids=len(answered), names=names)

    def _look(self) -> None:
        if self.down:
            raise StorageUnavailable

    def _keep(self, record: Record) -> None:
        assert record.name, "a record is named before it is put"
        self.records[record.request.tenant, record.name] = record

    def _found(self, where: RecordFilter) -> list[Record]:
        found = sorted(self.records.values(), key=lambda record: record.name)
        return [record for record in found if matches(record, where)]


def matches(record: Record, where: RecordFilter) -> bool:
    """Whether everything that the filter sets holds."""
    request, plan = record.request, record.plan
    resources = (
        (where.panel, plan.panel.name, plan.panel.revision),
        (where.rubric, plan.rubric.name, plan.rubric.revision),
        (where.policy, plan.policy.name if plan.policy else "", plan.policy.revision if plan.policy else ""),
        (where.snapshot, plan.snapshot.partition("@")[0], plan.snapshot),
    )
    equal = (
        (where.decision, record.ruling.decision),
        (where.completion, record.verdict.completion),
        (where.content_id or None, request.content.id),
        (where.content_digest or None, content_digest(request.content)),
        (where.subject or None, request.subject),
        (where.audited, record.audited),
    )
    return (
        request.tenant == where.tenant
        and all(wanted in ("", name, revision) for wanted, name, revision in resources)
        and all(wanted is None or wanted == value for wanted, value in equal)
        and all(request.tags.get(key) == value for key, value in where.tags.items())
        and (where.since is None or record.created >= where.since)
        and (where.until is None or record.created < where.until)
        and (not where.names or record.name in where.names)
    )


class MemoryAuditLog:
    """An AuditLog."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    async def add(self, entry: AuditEntry) -> None:
        self.entries.append(replace(entry, number=len(self.entries) + 1))

    async def page(self, size: int, *, since: datetime | None = None, after: int = 0) -> Sequence[AuditEntry]:
        found = [e for e in self.entries if e.number > after and (since is None or e.at >= since)]
        return found[:size]


class MemoryArtefacts:
    """An ArtefactStore."""

    def __init__(self) -> None:
        self.artefacts: dict[str, tuple[str, bytes]] = {}
        """Digest -> kind, bytes."""

    async def has(self, digest: str) -> bool:
        return digest in self.artefacts

    async def put(self, digest: str, kind: str, content: bytes) -> None:
        self.artefacts.setdefault(digest, (kind, content))

    async def get(self, digest: str) -> bytes:
        if digest not in self.artefacts:
            raise NotFound("artefacts", digest)
        return self.artefacts[digest][1]
