"""Signed tokens (JWT, RFC 7519): whose key set signed them, for whom, and what they claim."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

import jwt
from jwt import PyJWKClient, PyJWKClientConnectionError, PyJWKSet

from moa_scorer.contract.credentials import Credentials
from moa_scorer.domain.caller import Caller, Role
from moa_scorer.domain.tenant import Tenant, is_tenant

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that only the issuer has; never a shared secret, never `none`."""
LONGEST: Final = 8_192
"""Characters of a token that are looked at."""
LIFESPAN: Final = 300
"""Seconds for which a key set from a URL is believed."""
PATIENCE: Final = 2.0
"""Seconds that its URL has for the whole of an answer; one more such time may pass until that is seen."""
LARGEST: Final = 1024 * 1024
"""Bytes of a key set."""
PAUSE: Final = 10.0
"""Seconds for which it is not asked for again after it could not be had."""
AT_ONCE: Final = 2
"""Tokens looked at at once: those that wait for a key set leave threads for other work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What a token must be."""

    issuer: str
    audience: str
    jwks_file: Path | None = None
    """Key set on disk, read again when it changes."""
    jwks_url: str = ""
    """Key set behind https."""
    leeway: float = 30.0
    """Seconds by which clocks may differ."""
    tenant_claim: str = "tenant"
    roles_claim: str = "roles"
    """A list, or words with spaces between them."""


@dataclass(slots=True)
class _FileKeys:
    path: Path
    stamp: int = -1
    keys: PyJWKSet | None = None

    def key(self, token: str) -> Any:
        stamp = self.path.stat().st_mtime_ns
        if self.keys is None or stamp != self.stamp:
            self.keys, self.stamp = PyJWKSet.from_json(self.path.read_text(encoding="utf-8")), stamp
        return self.keys[str(jwt.get_unverified_header(token).get("kid", ""))].key


class _Where(urllib.request.HTTPRedirectHandler):
    """Follows nobody to another place than the one that the operator named."""

    def redirect_request(self, *_: Any) -> None:
        return None


def fetched(url: str) -> Any:
    """The JSON behind a URL; raises OSError, ValueError, and PyJWKClientConnectionError for an answer that is
    broken off, too slow or too large."""
    try:
        with urllib.request.build_opener(_Where()).open(url, timeout=PATIENCE) as response:
            return json.loads(b"".join(_parts(response)))
    except HTTPException as error:
        raise PyJWKClientConnectionError(type(error).__name__) from None


def _parts(response: Any) -> Iterator[bytes]:
    until, size = time.monotonic() + PATIENCE, 0
    while part := response.read1(LARGEST):
        size += len(part)
        if size > LARGEST or time.monotonic() > until:
            raise PyJWKClientConnectionError("a key set that is too large, or comes too slowly")
        yield part


class _Client(PyJWKClient):
    """Leaves an issuer alone that does not answer: tokens of strangers would make everybody wait for it."""

    _closed_until = 0.0

    def fetch_data(self) -> Any:
        if time.monotonic() < self._closed_until:
            raise PyJWKClientConnectionError("could not be had a moment ago")
        try:
            found = self._as_jwk_set_payload(fetched(self.uri))
            PyJWKSet.from_dict(found)  # no key set takes the place of a good one that is remembered
        except Exception:
            self._closed_until = time.monotonic() + PAUSE
            raise
        self._last_successful_fetch = time.monotonic()
        return found


@dataclass(slots=True)
class _UrlKeys:
    client: PyJWKClient

    def key(self, token: str) -> Any:
        return self.client.get_signing_key_from_jwt(token).key


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The way of signed tokens."""

    rules: TokenRules
    _keys: _FileKeys | _UrlKeys = field(init=False, repr=False)
    _room: asyncio.Semaphore = field(
        init=False, repr=False, compare=False, default_factory=lambda: asyncio.Semaphore(AT_ONCE)
    )

    wanted = "a token (metadata `authorization: Bearer TOKEN`)"

    def __post_init__(self) -> None:
        rules = self.rules
        keys = (
            _FileKeys(rules.jwks_file)
            if rules.jwks_file is not None
            else _UrlKeys(_Client(rules.jwks_url, cache_jwk_set=True, lifespan=LIFESPAN, timeout=PATIENCE))
        )
        object.__setattr__(self, "_keys", keys)

    async def caller(self, credentials: Credentials) -> Caller | None:
        """The token's subject; None for a token that does not hold, and where its keys cannot be had."""
        if not credentials.token or len(credentials.token) > LONGEST:
            return None
        try:
            async with self._room:
                claims = await asyncio.to_thread(self._claims, credentials.token)
        except (jwt.PyJWTError, KeyError, OSError, TypeError, ValueError):
            return None  # TypeError: the header names an algorithm for keys of another kind
        return self._caller(claims)

    def _claims(self, token: str) -> Mapping[str, Any]:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            self._keys.key(token),
            algorithms=list(ALGORITHMS),
            audience=self.rules.audience,
            issuer=self.rules.issuer,
            leeway=self.rules.leeway,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        return claims

    def _caller(self, claims: Mapping[str, Any]) -> Caller | None:
        tenant, roles = claims.get(self.rules.tenant_claim), claims.get(self.rules.roles_claim, ())
        words = roles.split() if isinstance(roles, str) else roles
        if not isinstance(tenant, str) or not is_tenant(tenant) or not isinstance(words, list | tuple):
            return None
        known = {role.value: role for role in Role}
        held = frozenset(known[word] for word in words if isinstance(word, str) and word in known)
        return Caller(name=str(claims["sub"]), tenant=Tenant(tenant), roles=held)
