"""API keys: `moa_ID_SECRET`, of which only a digest of the secret is kept."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cachetools import TTLCache

from moa_scorer.contract.credentials import Credentials
from moa_scorer.domain.budget import Calendar
from moa_scorer.domain.caller import ApiKey, Caller, KeyStore

PREFIX: Final = "moa_"
FORM: Final = re.compile(r"moa_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
BELIEVED: Final = 5.0
"""Seconds for which a look-up is believed: after so long a revoked key is refused everywhere."""
REMEMBERED: Final = 10_000
"""Keys whose look-up is remembered, unknown ones included."""
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def new_key(caller: Caller, now: datetime, lifetime: timedelta | None = None) -> tuple[str, ApiKey]:
    """A key, to be shown once, and what is kept of it: 256 random bits need no slow digest."""
    key_id = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    secret = secrets.token_urlsafe(32)
    expires = None if lifetime is None else now + lifetime
    kept = ApiKey(id=key_id, digest=digest(secret), caller=caller, created=now, expires=expires)
    return f"{PREFIX}{key_id}_{secret}", kept


def digest(secret: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeys:
    """The way of API keys."""

    store: KeyStore
    clock: Calendar
    _seen: TTLCache[str, ApiKey | None] = field(init=False, repr=False)

    wanted = "an API key (metadata `x-api-key`)"

    def __post_init__(self) -> None:
        timer: Callable[[], float] = self.clock.monotonic
        object.__setattr__(self, "_seen", TTLCache(REMEMBERED, BELIEVED, timer=timer))

    async def caller(self, credentials: Credentials) -> Caller | None:
        """Whose key it is; raises StorageUnavailable when that cannot be looked up."""
        match = FORM.fullmatch(credentials.api_key)
        if match is None:
            return None
        key_id, secret = match.groups()
        key = await self._found(key_id)
        same = hmac.compare_digest(digest(secret), key.digest if key else digest(""))
        return key.caller if key is not None and same and key.holds(self.clock.now()) else None

    async def _found(self, key_id: str) -> ApiKey | None:
        try:
            return self._seen[key_id]  # looked at once: its time may be over a moment later
        except KeyError:
            found = self._seen[key_id] = await self.store.find(key_id)
            return found
