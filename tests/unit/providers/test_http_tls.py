"""Private certificate authorities: trusted when named, and only then."""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from moa_scorer.providers.failures import Failed, Retry
from moa_scorer.providers.http import Http
from moa_scorer.providers.wire import HttpAnswer, HttpCall
from tests.unit.providers.exchanges import endpoint

CALL = HttpCall(path="/chat", body=b"{}")


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "ca.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"{}")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*write_certificate(tmp_path))
    app = web.Application()
    app.router.add_post("/chat", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    http = Http()
    yield http
    await http.aclose()


async def test_a_private_authority_is_trusted_when_its_file_is_named(
    http: Http, url: str, tmp_path: Path
) -> None:
    answer = await http.send(endpoint(base_url=url, ca_file=tmp_path / "ca.pem"), CALL, 5.0)
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 200


async def test_without_its_file_a_private_authority_is_refused_for_good(http: Http, url: str) -> None:
    failure = await http.send(endpoint(base_url=url), CALL, 5.0)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.NO
    assert "ca_file" in failure.failure.detail
    assert not failure.may_cost
