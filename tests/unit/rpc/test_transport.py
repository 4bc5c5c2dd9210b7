"""Certificates from files: whatever is exchanged on disk is served."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from moa_scorer.rpc import transport
from moa_scorer.rpc.transport import TlsFiles, server_credentials
from tests.fakes.identities import Authority


def test_files_that_are_exchanged_while_they_are_read_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, read = Authority.make("test"), transport._read
    files = TlsFiles(certificate=tmp_path / "cert.pem", key=tmp_path / "key.pem")
    looks: list[Callable[[], Any]] = []

    def exchange() -> None:
        key, certificate = authority.issued("localhost")
        files.key.write_bytes(key)
        files.certificate.write_bytes(certificate)

    def reading(which: TlsFiles) -> Any:
        found = read(which)
        exchange()
        return found

    exchange()
    monkeypatch.setattr(transport, "_read", reading)
    monkeypatch.setattr(grpc, "dynamic_ssl_server_credentials", lambda _, look, **__: looks.append(look))
    server_credentials(files, print)
    assert looks[0]() is not None
