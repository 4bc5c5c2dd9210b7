"""Keys, read when a request is sent: they are never kept, logged or shown."""

import os
from collections.abc import Mapping

from moa_scorer.providers.failures import Failed, failed
from moa_scorer.providers.spec import EndpointSpec, SecretRef, Wire

LONGEST = 16_384
"""Characters that a key may have."""
_HEADERS = {Wire.OPENAI: "authorization", Wire.ANTHROPIC: "x-api-key", Wire.GEMINI: "x-goog-api-key"}


def read_secret(ref: SecretRef) -> str | Failed:
    """The secret, without white space at its ends; or what is wrong with the reference."""
    secret = _file(ref) if ref.file is not None else os.environ.get(ref.env, "").strip()
    if isinstance(secret, Failed):
        return secret
    if not secret:
        return failed(f"{reference_of(ref)} is not set or empty", unsent=True)
    if len(secret) > LONGEST or not (secret.isascii() and secret.isprintable()):
        return failed(f"{reference_of(ref)} holds what cannot be a key", unsent=True)
    return secret


def key_headers(spec: EndpointSpec) -> Mapping[str, str] | Failed:
    """The header that carries the endpoint's key, none for an endpoint without one."""
    if spec.key is None:
        return {}
    secret = read_secret(spec.key)
    if isinstance(secret, Failed):
        return secret
    header = spec.key_header.lower() or _HEADERS[spec.wire]
    return {header: f"Bearer {secret}" if header == "authorization" else secret}


def reference_of(ref: SecretRef | None) -> str:
    """Where the secret stands, in words for an operator: never the secret, never a whole path."""
    if ref is None:
        return "its key: none is configured"
    if ref.file is not None:
        return f"the key file {ref.file.name}"
    return f"the environment variable {ref.env}"


def _file(ref: SecretRef) -> str | Failed:
    try:
        with open(ref.file or "", encoding="ascii") as file:
            return file.read(LONGEST + 1).strip()
    except (OSError, ValueError) as error:
        return failed(f"{reference_of(ref)} cannot be read: {type(error).__name__}", unsent=True)
