"""An issuer of tokens and an authority for certificates, made for a demonstration or a test."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jwt.algorithms import ECAlgorithm

PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Issuer:
    """Somebody who signs tokens."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    kid: str = "one"

    def write_keys(self, path: Path) -> Path:
        """The public part as a key set."""
        public = json.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        path.write_text(json.dumps({"keys": [public | {"kid": self.kid, "use": "sig", "alg": "ES256"}]}))
        return path

    def token(self, claims: Mapping[str, Any], algorithm: str = "ES256") -> str:
        return jwt.encode(dict(claims), self.key, algorithm=algorithm, headers={"kid": self.kid})


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority, and what it issues."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str = "test authority") -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(key, _certificate(name, name, key, key, authority=True))

    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def issued(self, name: str, days: int = 1) -> tuple[bytes, bytes]:
        """(private key, certificate) for a DNS name, as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        certificate = _certificate(name, str(issuer), key, self.key, days=days)
        private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return private, certificate.public_bytes(PEM)


def _certificate(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    *,
    authority: bool = False,
    days: int = 1,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)

    def called(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    return (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name.replace(" ", "-"))]), critical=False)
        .sign(by, hashes.SHA256())
    )
