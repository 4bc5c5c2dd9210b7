"""Credentials to callers: API keys, signed tokens, client certificates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from moa_scorer.domain.caller import ANYONE, Caller
from moa_scorer.domain.errors import Unauthenticated


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a call carries."""

    api_key: str = field(default="", repr=False)
    """From `x-api-key`, or from `authorization: Bearer` where it looks like one."""
    token: str = field(default="", repr=False)
    """A JWT, from `authorization: Bearer`."""
    certificate_names: tuple[str, ...] = ()
    """Of the client certificate that the transport has verified: URIs and DNS names, else the common name."""


class Way(Protocol):
    """One kind of credentials."""

    @property
    def wanted(self) -> str:
        """What to bring, in words."""
        ...

    async def caller(self, credentials: Credentials) -> Caller | None:
        """Who it is; None where these credentials say nothing that this way believes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Client certificates, by a name in them."""

    callers: Mapping[str, Caller]

    wanted = "a client certificate"

    async def caller(self, credentials: Credentials) -> Caller | None:
        """The first name that is listed."""
        return next((self.callers[n] for n in credentials.certificate_names if n in self.callers), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """Asks one way after the other."""

    ways: Sequence[Way] = ()
    """None = an open server: everybody is `ANYONE`."""

    @property
    def open(self) -> bool:
        """Whether nobody is asked who they are."""
        return not self.ways

    async def caller(self, credentials: Credentials) -> Caller:
        """Raises Unauthenticated, without a word on why."""
        if self.open:
            return ANYONE
        for way in self.ways:
            if (caller := await way.caller(credentials)) is not None:
                return caller
        raise Unauthenticated(" or ".join(way.wanted for way in self.ways))


OPEN = Authenticator()
