"""One server process from settings to the last answered call."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final

import grpc.aio
import uvloop

from moa_scorer.app.admin import Control
from moa_scorer.app.compose import Application, compose
from moa_scorer.app.heap import few_arenas
from moa_scorer.app.security import authenticator, encryption
from moa_scorer.app.serving.admin_edge import administered, alone, of_worker
from moa_scorer.app.serving.edges import operated
from moa_scorer.app.serving.jobs import Jobs, doing_jobs
from moa_scorer.app.serving.narrowing import narrowed
from moa_scorer.app.serving.reload import Reloader
from moa_scorer.app.serving.tracing import traced
from moa_scorer.app.serving.upkeep import remembering
from moa_scorer.app.settings import Settings, Source
from moa_scorer.app.start_checks import check_start
from moa_scorer.domain.caller import KeyStore
from moa_scorer.rpc.health import Health
from moa_scorer.rpc.server import build_server
from moa_scorer.telemetry import events

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

Ready = Callable[[], None]


class CannotListen(Exception):
    """The address cannot be bound; the message says which."""


class ServerEnded(Exception):
    """The gRPC server ended though nobody asked it to."""


class Stopping:
    """The wish to stop: the first signal asks for it, a second one ends the process at once."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listens to SIGTERM and SIGINT."""
        for number in SIGNALS:
            loop.add_signal_handler(number, self.signalled, number)

    def signalled(self, number: int) -> None:
        """A signal came."""
        if self._asked.is_set():
            os._exit(128 + number)
        self._asked.set()

    def ask(self) -> None:
        """Asks for a stop, for another reason than a signal."""
        self._asked.set()

    async def wait(self) -> None:
        """Until a stop is asked for."""
        await self._asked.wait()


def run(settings: Settings, source: Source | None = None) -> None:
    """Serves in this process until a signal; raises ConfigurationError or CannotListen.

    `source` is where the settings came from: a reload reads them again.
    """
    check_start(settings)
    few_arenas()
    application = compose(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve_alone(application, Reloader(application, source)))


async def _serve_alone(application: Application, reloader: Reloader) -> None:
    """Binds, then warms while health says NOT_SERVING: what is wrong is told early."""
    stopping = Stopping()
    control, address = alone(reloader, stopping.ask), application.settings.address
    await _serve(application, address, stopping, lambda: None, reloader, control, shared=False)


async def serve_as_worker(
    application: Application, address: str, stopping: Stopping, ready: Ready, reloader: Reloader
) -> None:
    """Warms, then binds the shared port: no call waits in a cold worker's queue."""
    control = of_worker(reloader)
    await _serve(application, address, stopping, ready, reloader, control, shared=True)


async def _serve(
    application: Application,
    address: str,
    stopping: Stopping,
    ready: Ready,
    reloader: Reloader,
    control: Control,
    *,
    shared: bool,
) -> None:
    """Opens its memory, serves until a stop is asked for, and drains."""
    started, loop = monotonic(), asyncio.get_running_loop()
    stopping.install(loop)
    reloader.install(loop)

    def serving() -> None:
        events.server_serving(panel=application.settings.panel, seconds=monotonic() - started)
        ready()

    async with (
        traced(application.settings.otel),
        remembering(application) as found,
        doing_jobs(application, found) as jobs,
        narrowed(application),
    ):
        if shared:
            await application.warm()
        server, health = await listen(application, address, jobs, found.keys, shared=shared)
        await server.start()
        admin = administered(application, found.keys, control, shared=shared)
        try:
            async with keeping_up(reloader), operated(application, health, shared=shared), admin:
                await until_stopped(application, server, health, stopping, serving, jobs)
        finally:
            await server.stop(None)  # where an address was taken; after a drain there is nothing left to stop


@asynccontextmanager
async def keeping_up(reloader: Reloader) -> AsyncIterator[None]:
    """Follows the files and SIGHUP while the block runs."""
    following = asyncio.create_task(reloader.run())
    try:
        yield
    finally:
        following.cancel()
        await asyncio.wait({following})


async def listen(
    application: Application,
    address: str,
    jobs: Jobs | None = None,
    keys: KeyStore | None = None,
    *,
    shared: bool = False,
) -> tuple[grpc.aio.Server, Health]:
    """A server bound to the address, not yet started; raises CannotListen, ConfigurationError."""
    settings = application.settings
    options = settings.connections.options(share_port=shared, reflection=settings.reflection)
    try:
        server, port, health = await build_server(
            application.pipeline,
            address=address,
            options=options,
            limits=application.limits,
            jobs=jobs.desk if jobs else None,
            authenticator=authenticator(settings.auth, keys, application.pipeline.clock),
            credentials=encryption(settings),
        )
    except RuntimeError:
        raise CannotListen(cannot_listen(address)) from None
    if not shared:
        announce(settings, port)
    return server, health


def cannot_listen(address: str) -> str:
    """What to say when an address cannot be bound."""
    return f"cannot listen on {address}: is it in use, or not an address of this machine?"


def announce(settings: Settings, port: int) -> None:
    """Logs where the server listens."""
    host = settings.address.rpartition(":")[0]
    events.server_listening(address=f"{host}:{port}", port=port, workers=settings.workers, pid=os.getpid())


async def until_stopped(
    application: Application,
    server: grpc.aio.Server,
    health: Health,
    stopping: Stopping,
    ready: Ready,
    jobs: Jobs | None = None,
) -> None:
    """Warms, says SERVING, waits for the wish to stop, drains."""
    waiting = asyncio.ensure_future(stopping.wait())
    warming = asyncio.ensure_future(_warm(application, health, ready))
    ended = asyncio.ensure_future(server.wait_for_termination())
    try:
        await asyncio.wait({waiting, warming, ended}, return_when=asyncio.FIRST_COMPLETED)
        if warming.done():
            warming.result()
        await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise ServerEnded("the gRPC server ended by itself; a process that answers nobody is of no use")
    finally:
        for task in (warming, waiting):
            task.cancel()
        try:
            await drain(application, server, health, jobs)
        finally:
            ended.cancel()  # not before: it would cancel the server's own end, which the drain waits for


async def _warm(application: Application, health: Health, ready: Ready) -> None:
    await application.warm()
    for judge, detail in (await application.missing()).items():
        events.model_missing(judge=judge, detail=detail)
    gc.collect()
    gc.freeze()  # models and snapshots stay for good: no collection need look at them again
    await health.serving()
    ready()
    await application.prepare_for_haste()


async def drain(
    application: Application, server: grpc.aio.Server, health: Health, jobs: Jobs | None = None
) -> None:
    """Health NOT_SERVING, no new calls, the grace for those in flight, then connections and threads.

    A job at work is handed back first.
    """
    grace = application.settings.drain_grace
    events.server_draining(grace=grace)
    await health.drain()
    if jobs is not None:
        jobs.runner.stop()
    await server.stop(grace)
    if jobs is not None:
        await jobs.aclose()
    await application.aclose()
    events.server_stopped()
