"""What operators did: entries that are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from moa_scorer.domain.tenant import Tenant


class AuditAction(StrEnum):
    """What can be done that somebody has to answer for."""

    KEY_CREATED = "key_created"
    KEY_REVOKED = "key_revoked"
    JUDGE_QUARANTINED = "judge_quarantined"
    JUDGE_RESTORED = "judge_restored"
    SNAPSHOT_PROMOTED = "snapshot_promoted"
    SNAPSHOT_ROLLED_BACK = "snapshot_rolled_back"
    CONFIGURATION_RELOADED = "configuration_reloaded"
    SERVER_DRAINED = "server_drained"
    RECORDS_DELETED = "records_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that was done. It is written with it or before it, so one that failed may stand there too."""

    at: datetime
    """In UTC."""
    tenant: Tenant
    """Of whoever did it; of a key, its own."""
    who: str
    """Name of the caller, or `cli:` and the name of the operating system's user."""
    action: AuditAction
    subject: str
    """What it was done to, such as `judges/gpt`; never content, nor whom content is about."""
    before: str = ""
    """What held before, in words; empty = nothing did."""
    after: str = ""
    """What holds from then on."""
    why: str = ""
    """The reason that was given."""
    number: int = 0
    """Position in the log, >= 1 and rising; 0 = not written yet."""


class AuditLog(Protocol):
    """The entries that all processes share. Every method raises StorageUnavailable."""

    async def add(self, entry: AuditEntry) -> None:
        """Returns when the entry is on disk."""
        ...

    async def page(self, size: int, *, since: datetime | None = None, after: int = 0) -> Sequence[AuditEntry]:
        """At most `size` entries from `since` on that follow the one numbered `after`, the oldest first."""
        ...
