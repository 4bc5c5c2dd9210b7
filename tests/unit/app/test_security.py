"""What a server encrypts its connections by."""

from pathlib import Path

import pytest

from moa_scorer.app.security import encryption
from moa_scorer.app.settings import Settings
from moa_scorer.app.settings_security import Tls
from moa_scorer.domain.errors import ConfigurationError
from tests.fakes.identities import Authority


def secured(folder: Path) -> Settings:
    return Settings(tls=Tls(certificate=folder / "cert.pem", key=folder / "key.pem"))


def test_without_a_certificate_connections_are_not_encrypted(tmp_path: Path) -> None:
    assert encryption(Settings()) is None
    key, certificate = Authority.make().issued("localhost")
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(certificate)
    assert encryption(secured(tmp_path)) is not None


def test_files_that_are_missing_or_no_pair_are_mistakes_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"settings: tls\.certificate: .*cert\.pem: No such file"):
        encryption(secured(tmp_path))
    (tmp_path / "cert.pem").write_bytes(Authority.make().issued("localhost")[1])
    (tmp_path / "key.pem").write_bytes(Authority.make().issued("localhost")[0])
    with pytest.raises(ConfigurationError, match="is not the key of"):
        encryption(secured(tmp_path))
