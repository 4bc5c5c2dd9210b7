"""What the environment says of a server's certificate and of ours."""

from pathlib import Path

import pytest

from moa_scorer.app.servers import AUTHORITY, CERTIFICATE, CERTIFICATE_KEY, tls_credentials
from moa_scorer.domain.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (AUTHORITY, CERTIFICATE, CERTIFICATE_KEY):
        monkeypatch.delenv(name, raising=False)


def test_nothing_said_is_a_plain_connection() -> None:
    assert tls_credentials() is None


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(AUTHORITY, str(tmp_path / "ca.pem"))
    with pytest.raises(ConfigurationError, match=r"MOA_SCORER_AUTHORITY: .*ca\.pem: No such file"):
        tls_credentials()


def test_a_certificate_without_its_key_or_an_authority_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "some.pem"
    file.write_text("-")
    monkeypatch.setenv(CERTIFICATE, str(file))
    with pytest.raises(ConfigurationError, match="says nothing without MOA_SCORER_AUTHORITY"):
        tls_credentials()
    monkeypatch.setenv(AUTHORITY, str(file))
    with pytest.raises(ConfigurationError, match="belong together"):
        tls_credentials()
