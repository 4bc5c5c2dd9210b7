"""Settings -> who may connect, and who callers are."""

from collections.abc import Iterator

import grpc

from moa_scorer.app.serving.memory import database_url
from moa_scorer.app.settings import Settings, is_loopback
from moa_scorer.app.settings_security import Auth, CertificateCaller
from moa_scorer.app.tls_files import file_mistakes
from moa_scorer.contract.api_keys import ApiKeys
from moa_scorer.contract.credentials import Authenticator, Certificates, Way
from moa_scorer.contract.tokens import TokenRules, Tokens
from moa_scorer.domain.budget import Calendar
from moa_scorer.domain.caller import Caller, KeyStore
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.tenant import Tenant
from moa_scorer.rpc.transport import TlsFiles, server_credentials
from moa_scorer.telemetry import events

OPEN_ELSEWHERE = (
    "settings: {key}: {address} can be reached from other machines, and nobody would be asked who they "
    "are; set auth.api_keys, auth.jwt or auth.certificates, or listen on 127.0.0.1"
)
NO_AUTHORITY = "settings: auth.certificates: needs tls.client_authority, which says whose certificates count"
NO_DATABASE = (
    "settings: auth.api_keys: keys are kept in the database, which is off; set `database` "
    "(MOA_SCORER_DATABASE), or ask for auth.jwt or auth.certificates"
)


def security_mistakes(settings: Settings) -> Iterator[str]:
    """An open server that others can reach, and parts that need another."""
    addresses = {"address": settings.address, "admin_address": settings.admin_address}
    for key, address in addresses.items():
        if settings.auth.open and address and not is_loopback(address):
            yield OPEN_ELSEWHERE.format(key=key, address=address)
    if settings.auth.certificates and settings.tls.client_authority is None:
        yield NO_AUTHORITY
    if settings.auth.api_keys and not database_url(settings):
        yield NO_DATABASE


def authenticator(auth: Auth, keys: KeyStore | None, clock: Calendar) -> Authenticator:
    """The ways that the settings open; raises ConfigurationError for keys without a store."""
    if auth.api_keys and keys is None:
        raise ConfigurationError((NO_DATABASE,))
    ways: list[Way] = []
    if auth.api_keys and keys is not None:
        ways.append(ApiKeys(store=keys, clock=clock))
    if auth.jwt is not None:
        said = auth.jwt.model_dump() | {"jwks_url": auth.jwt.jwks_url or ""}
        ways.append(Tokens(rules=TokenRules(**said)))
    if auth.certificates:
        ways.append(Certificates(callers={each.name: _caller(each) for each in auth.certificates}))
    return Authenticator(ways=tuple(ways))


def _caller(said: CertificateCaller) -> Caller:
    return Caller(name=said.name, tenant=Tenant(said.tenant), roles=frozenset(said.roles))


def encryption(settings: Settings) -> grpc.ServerCredentials | None:
    """What a server encrypts its connections by, None = it does not; raises ConfigurationError."""
    tls = settings.tls
    if tls.certificate is None or tls.key is None:
        return None
    if mistakes := tuple(file_mistakes(settings)):
        raise ConfigurationError(mistakes)
    files = TlsFiles(certificate=tls.certificate, key=tls.key, client_authority=tls.client_authority)
    try:
        return server_credentials(files, events.certificate_refused)
    except (OSError, ValueError) as error:
        raise ConfigurationError((f"settings: tls: {error}",)) from None
