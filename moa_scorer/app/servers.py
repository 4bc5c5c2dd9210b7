"""How commands reach a server: its address is an option, keys and certificates stand in the environment."""

import os
from pathlib import Path
from typing import Final

import grpc

from moa_scorer.client import AsyncClient
from moa_scorer.domain.errors import ConfigurationError

TOKEN: Final = "MOA_SCORER_TOKEN"
"""API key or token that is sent: a command line can be read by others."""
AUTHORITY: Final = "MOA_SCORER_AUTHORITY"
"""File: who signed the server's certificate, PEM. Without it the connection is plain text."""
CERTIFICATE: Final = "MOA_SCORER_CERTIFICATE"
"""File: the caller's own certificate, PEM, where the server asks for one."""
CERTIFICATE_KEY: Final = "MOA_SCORER_CERTIFICATE_KEY"
"""File: its private key, PEM."""


def client_of(target: str) -> AsyncClient:
    """A client of the server at `target`; raises ConfigurationError for files that cannot be read."""
    return AsyncClient(target, credentials=tls_credentials(), token=token())


def token() -> str:
    """What the environment says; empty = none."""
    return os.environ.get(TOKEN, "")


def tls_credentials() -> grpc.ChannelCredentials | None:
    """The certificates that the environment names; None = plain text."""
    authority, certificate, key = (_file(name) for name in (AUTHORITY, CERTIFICATE, CERTIFICATE_KEY))
    if authority is None:
        if certificate or key:
            raise ConfigurationError((f"environment: {CERTIFICATE}: says nothing without {AUTHORITY}",))
        return None
    if (certificate is None) != (key is None):
        raise ConfigurationError((f"environment: {CERTIFICATE} and {CERTIFICATE_KEY} belong together",))
    return grpc.ssl_channel_credentials(authority, key, certificate)


def _file(name: str) -> bytes | None:
    path = os.environ.get(name)
    if not path:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError((f"environment: {name}: {path}: {error.strerror}",)) from None
