"""The files that secure connections, each with the setting that names it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificate, load_pem_x509_certificates

from moa_scorer.app.settings import Settings
from moa_scorer.app.settings_security import Tls

Reads = Callable[[bytes], Any]


def _private_key(pem: bytes) -> Any:
    return load_pem_private_key(pem, password=None)


HOLDS: Final[Mapping[str, tuple[str, Reads]]] = {
    "certificate": ("a certificate", load_pem_x509_certificate),
    "key": ("a private key without a password", _private_key),
    "client_authority": ("certificates of authorities", load_pem_x509_certificates),
}
"""Setting of `tls` -> what its file should hold, and what reads that."""


def file_mistakes(settings: Settings) -> Iterator[str]:
    """Every file of `tls` and `auth.jwt` that cannot be used, by its setting."""
    yield from _tls_mistakes(settings.tls)
    jwks = settings.auth.jwt.jwks_file if settings.auth.jwt else None
    if jwks is not None and (problem := problem_of(jwks, "a key set", bytes)):
        yield f"settings: auth.jwt.jwks_file: {problem}"


def _tls_mistakes(tls: Tls) -> Iterator[str]:
    problems = {key: _problem(tls, key) for key in HOLDS}
    found = [f"settings: tls.{key}: {problem}" for key, problem in problems.items() if problem]
    yield from found
    if not found and tls.certificate is not None and tls.key is not None:
        theirs = load_pem_x509_certificate(tls.certificate.read_bytes()).public_key()
        if _private_key(tls.key.read_bytes()).public_key() != theirs:
            yield f"settings: tls.key: {tls.key} is not the key of {tls.certificate}"


def _problem(tls: Tls, key: str) -> str:
    path: Path | None = getattr(tls, key)
    return "" if path is None else problem_of(path, *HOLDS[key])


def problem_of(path: Path, wanted: str, reads: Reads) -> str:
    """Why a file is of no use; empty = it is. `reads` raises ValueError or TypeError for other bytes."""
    try:
        reads(path.read_bytes())
    except OSError as error:
        return f"{path}: {error.strerror}"
    except (ValueError, TypeError):
        return f"{path}: should hold {wanted} in PEM"
    return ""


def certificate_of(tls: Tls) -> Certificate | None:
    """The server's own, where there is one; its files hold no mistake."""
    return load_pem_x509_certificate(tls.certificate.read_bytes()) if tls.certificate else None
