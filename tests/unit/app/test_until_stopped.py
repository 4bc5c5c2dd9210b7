"""A server's process lives as long as its server does."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from moa_scorer.app.serving.serve import ServerEnded, Stopping, until_stopped
from moa_scorer.rpc.health import Health


class Transport:
    """Stands for a gRPC server."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def wait_for_termination(self) -> None:
        await self.ended.wait()

    async def stop(self, grace: float) -> None:
        self.ended.set()


async def nothing(*_: Any) -> dict[str, str]:
    return {}


def application() -> Any:
    settings = SimpleNamespace(drain_grace=1.0)
    return SimpleNamespace(
        settings=settings, warm=nothing, missing=nothing, prepare_for_haste=nothing, aclose=nothing
    )


async def test_a_server_that_ends_by_itself_ends_its_process() -> None:
    transport: Any = Transport()
    with pytest.raises(ServerEnded):
        await until_stopped(application(), transport, Health(()), Stopping(), transport.ended.set)


async def test_a_stop_that_was_asked_for_is_no_error() -> None:
    transport: Any = Transport()
    stopping = Stopping()
    await until_stopped(application(), transport, Health(()), stopping, stopping.ask)
    assert transport.ended.is_set()
