"""API keys in memory; who issues tokens and certificates is the demonstration's."""

import datetime as dt
from dataclasses import dataclass, field

from deploy.demo.identities import Authority, Issuer
from moa_scorer.contract.credentials import Credentials
from moa_scorer.domain.audit_log import AuditAction, AuditEntry
from moa_scorer.domain.caller import ApiKey, Caller, Role
from moa_scorer.domain.tenant import Tenant

__all__ = ["NOW", "Authority", "Issuer", "MemoryKeys", "NamedTenants", "entry_of"]

NOW = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)


def entry_of(action: AuditAction, subject: str = "keys/a") -> AuditEntry:
    return AuditEntry(at=NOW, tenant=Tenant("acme"), who="ann", action=action, subject=subject)


@dataclass(slots=True)
class MemoryKeys:
    """API keys in memory; counts how often they are looked up."""

    keys: dict[str, ApiKey] = field(default_factory=dict)
    lookups: int = 0

    async def find(self, key_id: str) -> ApiKey | None:
        self.lookups += 1
        return self.keys.get(key_id)

    async def all(self) -> tuple[ApiKey, ...]:
        return tuple(self.keys.values())

    async def add(self, key: ApiKey, entry: AuditEntry | None = None) -> None:
        self.keys[key.id] = key

    async def revoke(self, key_id: str, now: dt.datetime, entry: AuditEntry) -> bool:
        raise NotImplementedError


class NamedTenants:
    """A way in for every tenant: the API key is its name."""

    wanted = "the name of a tenant"

    async def caller(self, credentials: Credentials) -> Caller | None:
        name = credentials.api_key
        return Caller(name=name, tenant=Tenant(name), roles=frozenset({Role.ADMIN})) if name else None
