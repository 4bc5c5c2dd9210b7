"""Who makes a call, and what they may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from moa_scorer.domain.audit_log import AuditEntry
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant


class Role(StrEnum):
    """What a caller may do; each covers the methods that `contract.access` lists under it."""

    SCORE = "score"
    """Score content and reconcile ballots; see what is configured."""
    RATE = "rate"
    """Hand in ratings and appeals, and be told what to rate."""
    AUDIT = "audit"
    """Read, replay and explain the tenant's records."""
    ERASE = "erase"
    """Delete the tenant's records."""
    JOBS = "jobs"
    """Start and stop the tenant's jobs."""
    ADMIN = "admin"
    """All of these, and what concerns the server itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever makes a call, as their credentials say."""

    name: str
    """For logs and the audit trail: the name of a key, the subject of a token, a certificate's name."""
    tenant: Tenant
    roles: frozenset[Role]

    def may(self, role: Role) -> bool:
        """Whether the caller has the role."""
        return role in self.roles or Role.ADMIN in self.roles


ANYONE: Final = Caller(name="anyone", tenant=DEFAULT_TENANT, roles=frozenset({Role.ADMIN}))
"""Every caller of a server that asks for no credentials, which only listens to its own machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is kept of an API key; not the key."""

    id: str
    """Public part of the key."""
    digest: str
    """SHA-256 of its secret part, hexadecimal."""
    caller: Caller
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)


class KeyStore(Protocol):
    """API keys, hashed. Every method raises StorageUnavailable when the database cannot be reached."""

    async def find(self, key_id: str) -> ApiKey | None:
        """The key of that public part."""
        ...

    async def all(self) -> tuple[ApiKey, ...]:
        """Every key, the oldest first."""
        ...

    async def add(self, key: ApiKey, entry: AuditEntry) -> None:
        """Keeps a new key, and with it the entry of the audit log."""
        ...

    async def revoke(self, key_id: str, now: datetime, entry: AuditEntry) -> bool:
        """Ends a key for good, and with it adds the entry; False when there is none that holds."""
        ...
