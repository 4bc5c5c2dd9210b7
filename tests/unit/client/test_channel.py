"""Where a key or token goes, over real connections."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from moa_scorer.client import AsyncClient, Client, Unreachable
from tests.fakes.servers import address_of_this_machine

TOKEN = "a-token"


class Heard(grpc.GenericRpcHandler):
    """Keeps what calls bring with them, and knows no method."""

    def __init__(self) -> None:
        self.metadata: list[dict[str, str]] = []

    def service(self, details: Any) -> None:
        self.metadata.append(dict(details.invocation_metadata))


@contextmanager
def hearing() -> Iterator[tuple[int, Heard]]:
    """The port, on every address, of a server, and what it hears."""
    server, heard = grpc.server(ThreadPoolExecutor(max_workers=1)), Heard()
    server.add_generic_rpc_handlers((heard,))
    port = server.add_insecure_port("0.0.0.0:0")
    server.start()
    yield port, heard
    server.stop(None).wait()


def test_without_tls_a_token_goes_to_this_machine_and_to_no_other() -> None:
    with hearing() as (port, heard):
        with Client(f"127.0.0.1:{port}", token=TOKEN) as client, pytest.raises(Exception, match="not found"):
            client.score("hello")
        assert TOKEN in {call.get("authorization", "").removeprefix("Bearer ") for call in heard.metadata}
        heard.metadata.clear()
        away = Client(f"{address_of_this_machine()}:{port}", token=TOKEN, retries=False)
        with away, pytest.raises(Unreachable, match="over TLS only: give `credentials`"):
            away.score("hello")
        assert heard.metadata == []


async def test_the_asyncio_client_does_the_same() -> None:
    with hearing() as (port, heard):
        target = f"{address_of_this_machine()}:{port}"
        async with AsyncClient(target, token=TOKEN, retries=False) as client:
            with pytest.raises(Unreachable, match="over TLS only: give `credentials`"):
                await client.score("hello")
        assert heard.metadata == []
