"""Encrypted connections: certificates from files, read again when they change."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Where the server's own certificate is, and whom it asks for one."""

    certificate: Path
    """The certificate and what leads up to its authority, PEM."""
    key: Path
    """Its private key, PEM."""
    client_authority: Path | None = None
    """Certificates whose holders may connect, PEM; None = nobody is asked for one."""

    def paths(self) -> tuple[Path, ...]:
        """All files."""
        return (self.certificate, self.key, *((self.client_authority,) if self.client_authority else ()))

    def stamp(self) -> tuple[int, ...]:
        """Changes when a file does; raises OSError."""
        return tuple(path.stat().st_mtime_ns for path in self.paths())


def server_credentials(files: TlsFiles, refused: Callable[[str], None]) -> grpc.ServerCredentials:
    """Credentials that follow the files: a new connection gets what they hold then.

    Raises OSError or ValueError when they cannot be used at the start; later the certificate in force stays,
    and `refused` is told why.
    """
    told = [files.stamp()]  # before they are read: what is exchanged meanwhile is read again
    first = _read(files)

    def changed() -> "grpc.ServerCertificateConfiguration | None":
        try:
            now = files.stamp()
            if now == told[0]:
                return None
            told[0] = now
            return _read(files)
        except (OSError, ValueError) as error:
            refused(str(error))
            return None

    return grpc.dynamic_ssl_server_credentials(
        first,
        changed,  # type: ignore[arg-type]  # None means "no change", as the library's documentation says
        require_client_authentication=files.client_authority is not None,
    )


def _read(files: TlsFiles) -> grpc.ServerCertificateConfiguration:
    """Raises OSError, or ValueError for what is no pair of key and certificate."""
    key, certificate = files.key.read_bytes(), files.certificate.read_bytes()
    _check_pair(key, certificate, files)
    authority = files.client_authority.read_bytes() if files.client_authority else None
    return grpc.ssl_server_certificate_configuration([(key, certificate)], root_certificates=authority)


def _check_pair(key: bytes, certificate: bytes, files: TlsFiles) -> None:
    """The transport would accept anything here and then fail every handshake."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        ours = load_pem_private_key(key, password=None).public_key()
        theirs = load_pem_x509_certificate(certificate).public_key()
    except (ValueError, TypeError) as error:
        words = f"{files.key} or {files.certificate} is not PEM without a password: {error}"
        raise ValueError(words) from None
    if ours != theirs:
        raise ValueError(f"{files.key} is not the key of {files.certificate}")
