"""How commands reach a server: its address is an option, keys and certificates stand in the environment."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grpc

from moa_scorer.client import AsyncClient
from moa_scorer.client.channel import BARE, Options
from moa_scorer.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings

TOKEN: Final = "MOA_SCORER_TOKEN"
"""API key or token that is sent: a command line can be read by others."""
AUTHORITY: Final = "MOA_SCORER_AUTHORITY"
"""File: who signed the server's certificate, PEM. Without it the connection is plain text."""
CERTIFICATE: Final = "MOA_SCORER_CERTIFICATE"
"""File: the caller's own certificate, PEM, where the server asks for one."""
CERTIFICATE_KEY: Final = "MOA_SCORER_CERTIFICATE_KEY"
"""File: its private key, PEM."""
_KINDS: Final = {AUTHORITY: "client_authority", CERTIFICATE: "certificate", CERTIFICATE_KEY: "key"}
"""What each file should hold, as the settings of `tls` call it."""
EVERYWHERE: Final = ("0.0.0.0", "[::]")
"""Hosts of a server that listens on every address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How operators reach a server."""

    credentials: grpc.ChannelCredentials | None
    """None = plain text."""
    options: Options = BARE
    """Arguments of the channel."""


def client_of(target: str) -> AsyncClient:
    """A client of the server at `target`; raises ConfigurationError for files that cannot be read."""
    return AsyncClient(target, credentials=tls_credentials(), token=token())


def token() -> str:
    """What the environment says; empty = none."""
    return os.environ.get(TOKEN, "")


def tls_credentials() -> grpc.ChannelCredentials | None:
    """The certificates that the environment names; None = plain text. Raises ConfigurationError."""
    authority, certificate, key = (_pem(name) for name in (AUTHORITY, CERTIFICATE, CERTIFICATE_KEY))
    if authority is None:
        if certificate or key:
            raise ConfigurationError((f"environment: {CERTIFICATE}: says nothing without {AUTHORITY}",))
        return None
    if (certificate is None) != (key is None):
        raise ConfigurationError((f"environment: {CERTIFICATE} and {CERTIFICATE_KEY} belong together",))
    return grpc.ssl_channel_credentials(authority, key, certificate)


def way_by(settings: "Settings") -> Way:
    """By the certificates that the environment names, else the server's own one in the settings.

    Raises ConfigurationError for files that cannot be read.
    """
    said, own = tls_credentials(), settings.tls.certificate
    if said is not None or own is None:
        return Way(credentials=said)
    try:
        chain = own.read_bytes()
        name = _name_in(chain)
    except (OSError, ValueError) as error:
        raise ConfigurationError((f"settings: tls.certificate: {own}: {error}",)) from None
    # Nothing but this very certificate is believed, so it may be met under any address.
    return Way(
        credentials=grpc.ssl_channel_credentials(chain),
        options=(*BARE, ("grpc.ssl_target_name_override", name)),
    )


def own_address(address: str) -> str:
    """Where a server that listens at `address` can be asked by its own machine."""
    host, _, port = address.rpartition(":")
    return f"localhost:{port}" if host in EVERYWHERE else address


def _name_in(chain: bytes) -> str:
    """A name that the first certificate is for; raises ValueError."""
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(chain)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise ValueError("names no host (subjectAltName)") from None
    hosts = names.get_values_for_type(x509.DNSName)
    return next(iter([*hosts, *map(str, names.get_values_for_type(x509.IPAddress))]), "")


def _pem(name: str) -> bytes | None:
    """What a file of the environment holds; the transport would say of other bytes nothing that helps."""
    path = os.environ.get(name)
    if not path:
        return None
    from moa_scorer.app.tls_files import HOLDS, problem_of

    if problem := problem_of(Path(path), *HOLDS[_KINDS[name]]):
        raise ConfigurationError((f"environment: {name}: {problem}",))
    return Path(path).read_bytes()
