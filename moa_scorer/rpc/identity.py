"""What a gRPC call carries of credentials."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import grpc.aio

from moa_scorer.contract.api_keys import PREFIX
from moa_scorer.contract.credentials import Credentials

API_KEY: Final = "x-api-key"
AUTHORIZATION: Final = "authorization"
_NAMES: Final = ("x509_subject_alternative_name", "x509_common_name")
"""Of a client certificate, in the transport's words: alternative names, else the common one (RFC 9525)."""


def credentials_of(context: "grpc.aio.ServicerContext[Any, Any]") -> Credentials:
    """The credentials in a call's metadata and of its connection."""
    told = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
    bearer = _bearer(told.get(AUTHORIZATION, ""))
    is_key = bearer.startswith(PREFIX)
    return Credentials(
        api_key=told.get(API_KEY, "") or (bearer if is_key else ""),
        token="" if is_key else bearer,
        certificate_names=_names(context.auth_context()),
    )


def _bearer(value: str) -> str:
    scheme, _, token = value.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _names(verified: Mapping[str, Iterable[bytes]]) -> tuple[str, ...]:
    """Only a certificate that the transport has verified leads to an authenticated peer."""
    found = next((names for kind in _NAMES if (names := verified.get(kind))), ())
    return tuple(name.decode("utf-8", "replace") for name in found)
