"""What operators' tools ask over plain HTTP: metrics of all workers, and probes."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"


def exposition() -> bytes:
    """The metrics in Prometheus's text form; of all workers, where they share them."""
    if SHARED not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def forget(pid: int, folder: str) -> None:
    """Takes what a process that ended was busy with out of the shared metrics; its counts stay."""
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def application(ready: Callable[[], bool]) -> web.Application:
    """`/metrics`; `/livez`, OK while the process answers; `/readyz`, OK while `ready` says so."""
    routes = web.RouteTableDef()

    @routes.get("/metrics")
    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @routes.get("/livez")
    async def livez(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    @routes.get("/readyz")
    async def readyz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n") if ready() else web.Response(status=503, text="not ready\n")

    app = web.Application()
    app.add_routes(routes)
    return app


@asynccontextmanager
async def serving(address: str, ready: Callable[[], bool], *, shared: bool = False) -> AsyncIterator[int]:
    """Serves at `host:port` while the block runs, and gives the port; raises OSError when it is taken.

    `shared` lets other processes bind the same port: any of them tells the metrics of all.
    """
    host, _, port = address.rpartition(":")
    runner = web.AppRunner(application(ready), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host.strip("[]"), int(port), reuse_port=shared or None)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
