"""Operators' calls, on an address of their own, for as long as a server serves."""

import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from moa_scorer.app.admin import Control, Desk
from moa_scorer.app.security import authenticator, encryption
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.rpc.admin_server import build_admin_server
from moa_scorer.telemetry import events

if TYPE_CHECKING:
    import grpc.aio

    from moa_scorer.app.compose import Application
    from moa_scorer.app.serving.reload import Reloader
    from moa_scorer.domain.caller import KeyStore


def alone(reloader: "Reloader", stop: Callable[[], None]) -> Control:
    """Of a server that is one process."""
    return Control(reload=reloader.reload, drain=stop)


def of_worker(reloader: "Reloader") -> Control:
    """Of one of several workers: what one is told, the supervisor tells all."""
    supervisor = os.getppid()

    async def reload() -> tuple[str, ...]:
        changes = await reloader.reload()
        os.kill(supervisor, signal.SIGHUP)
        return changes

    return Control(reload=reload, drain=lambda: os.kill(supervisor, signal.SIGTERM))


@asynccontextmanager
async def administered(
    application: "Application", keys: "KeyStore | None", control: Control, *, shared: bool = False
) -> AsyncIterator[None]:
    """AdminService at `admin_address` while the block runs, with the TLS and identities of the other calls.

    `shared` lets other workers bind the same port: any of them answers. Raises ConfigurationError when the
    address is taken.
    """
    if not (address := application.settings.admin_address):
        yield
        return
    server, port = await _built(application, keys, control, address, shared)
    await server.start()
    events.admin_listening(address=f"{address.rpartition(':')[0]}:{port}", port=port)
    try:
        yield
    finally:
        await server.stop(application.settings.drain_grace)


async def _built(
    application: "Application", keys: "KeyStore | None", control: Control, address: str, shared: bool
) -> "tuple[grpc.aio.Server, int]":
    settings, clock = application.settings, application.pipeline.clock
    try:
        return await build_admin_server(
            Desk(application, control),
            application.pipeline.memory.audit_log,
            clock,
            address=address,
            options=settings.connections.options(share_port=shared, reflection=settings.reflection),
            authenticator=authenticator(settings.auth, keys, clock),
            credentials=encryption(settings),
        )
    except RuntimeError:
        words = f"settings: admin_address: cannot listen on {address}: is it in use, or another machine's?"
        raise ConfigurationError((words,)) from None
