"""Settings of who may connect and call."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from moa_scorer.domain.caller import Role
from moa_scorer.domain.tenant import TENANT_WORDS, is_tenant

Word = Annotated[str, Field(min_length=1, max_length=128)]


def _tenant(name: str) -> str:
    if not is_tenant(name):
        raise ValueError(f"should be {TENANT_WORDS}")
    return name


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(_Part):
    """Encrypted connections; files are read again when they change."""

    certificate: Path | None = Field(default=None, description="the server's certificate chain, PEM")
    key: Path | None = Field(default=None, description="its private key, PEM")
    client_authority: Path | None = Field(
        default=None, description="authorities whose client certificates are asked for (mTLS), PEM"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together")
        if self.client_authority is not None and self.certificate is None:
            raise ValueError("client_authority needs certificate and key")
        return self


class Jwt(_Part):
    """Signed tokens."""

    issuer: Word = Field(description="who must have issued a token: its claim iss")
    audience: Word = Field(description="whom a token must be for: its claim aud")
    jwks_file: Path | None = Field(default=None, description="key set on disk, read again when it changes")
    jwks_url: Annotated[str, Field(pattern=r"^https://")] | None = Field(
        default=None, description="key set behind https"
    )
    leeway: float = Field(default=30.0, ge=0, le=300, description="seconds by which clocks may differ")
    tenant_claim: Word = Field(default="tenant", description="claim that names the tenant")
    roles_claim: Word = Field(default="roles", description="claim that lists the roles")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.jwks_file is None) == (self.jwks_url is None):
            raise ValueError("should have either jwks_file or jwks_url")
        return self


class CertificateCaller(_Part):
    """Whom a client certificate makes a caller."""

    name: Word = Field(description="URI or DNS name in the certificate; the common name where it has none")
    tenant: Annotated[str, AfterValidator(_tenant)]
    roles: tuple[Role, ...]


class Auth(_Part):
    """Who callers are; with none of these set the server is open, and listens to its own machine only."""

    api_keys: bool = Field(default=False, description="whether keys of `moa-scorer keys` are asked for")
    jwt: Jwt | None = None
    certificates: tuple[CertificateCaller, ...] = Field(
        default=(), description="callers by a name in their client certificate"
    )

    @property
    def open(self) -> bool:
        """Whether nobody is asked who they are."""
        return not self.api_keys and self.jwt is None and not self.certificates
