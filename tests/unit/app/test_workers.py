import json
import os
import signal
import socket
from typing import NoReturn

import pytest

from moa_scorer.app.serving import serve, worker, workers
from moa_scorer.app.serving.serve import CannotListen, Stopping
from moa_scorer.app.settings import Settings


class Exited(Exception):
    """Stands for the end of the process."""


def _exit(code: int) -> NoReturn:
    raise Exited(code)


async def test_the_first_signal_asks_and_the_second_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "_exit", _exit)
    stopping = Stopping()
    stopping.signalled(signal.SIGTERM)
    await stopping.wait()

    with pytest.raises(Exited, match="130"):
        stopping.signalled(signal.SIGINT)


def test_a_reserved_port_can_be_shared_and_not_be_taken_by_others() -> None:
    with workers.reserve("127.0.0.1:0") as held:
        place = held.getsockname()
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(place)
        with socket.socket() as sharer:
            sharer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sharer.bind(place)
            sharer.listen()
            with socket.create_connection(place, timeout=5) as caller:
                assert sharer.accept()[1] == caller.getsockname()


@pytest.mark.parametrize("address", ["192.0.2.1:50051", "no-such-host.invalid:1"])
def test_an_address_of_another_machine_cannot_be_reserved(address: str) -> None:
    with pytest.raises(CannotListen, match=address):
        workers.reserve(address)


def test_a_worker_gets_the_whole_settings_in_one_line() -> None:
    settings = Settings(workers=3, panel="p", rubrics={"a": "b"}, limits={"text_bytes": 5})  # type: ignore[arg-type]
    line = worker.order(settings, "127.0.0.1:7")
    order = json.loads(line)

    assert line.count(b"\n") == 1
    assert order["address"] == "127.0.0.1:7"
    assert Settings(**order["settings"]) == settings


def test_what_is_announced_is_the_port_that_was_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(serve.events, "server_listening", lambda **said: told.append(said))
    serve.announce(Settings(address="[::1]:0"), 4321)
    serve.announce(Settings(address="0.0.0.0:0", workers=2), 1234)

    assert told == [
        {"address": "[::1]:4321", "port": 4321, "workers": 1, "pid": os.getpid()},
        {"address": "0.0.0.0:1234", "port": 1234, "workers": 2, "pid": os.getpid()},
    ]
