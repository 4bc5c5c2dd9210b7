"""Several server processes on one port: starts them, replaces those that crash, stops them together."""

import asyncio
import os
import signal
import socket
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from moa_scorer.app.serving.serve import SIGNALS, CannotListen, announce, cannot_listen
from moa_scorer.app.serving.worker import READY, command, order
from moa_scorer.app.settings import Settings, Source
from moa_scorer.app.start_checks import check_start
from moa_scorer.app.threads import capped
from moa_scorer.telemetry import events
from moa_scorer.web.operations import SHARED, forget

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 15.0
"""Seconds before a worker that crashed is replaced: doubled up to the longest while it keeps crashing."""
STEADY: Final = 60.0
"""Seconds of serving after which a crash counts as the first one again."""
STOP_MARGIN: Final = 5.0
"""Seconds over the drain grace before workers are killed."""


class CannotStart(Exception):
    """A worker ended before it ever served; its own words are on stderr."""


def run(settings: Settings, source: Source | None = None) -> None:
    """Serves in `settings.workers` processes until a signal; raises CannotListen or CannotStart.

    `source` is where the settings came from: a reload reads them again.
    """
    check_start(settings)
    with reserve(settings.address) as held, TemporaryDirectory(prefix="moa-scorer-") as metrics:
        port = held.getsockname()[1]
        announce(settings, port)
        address = f"{settings.address.rpartition(':')[0]}:{port}"
        asyncio.run(Supervisor(settings, address, source, metrics).run())


def reserve(address: str) -> socket.socket:
    """A socket that holds the port for processes that share it; it never listens. Raises CannotListen."""
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        family, kind, protocol, _, place = found[0]
        held = socket.socket(family, kind, protocol)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(place)
    except OSError:
        raise CannotListen(cannot_listen(address)) from None
    return held


class Supervisor:
    """Keeps the workers running until it is told to stop."""

    def __init__(
        self, settings: Settings, address: str, source: Source | None = None, metrics: str = ""
    ) -> None:
        """`metrics` is a folder through which the workers share their metrics; empty: they do not."""
        self._settings = settings
        self._order = order(settings, address, source)
        self._environment = os.environ | capped(settings.threads())
        self._metrics = metrics
        if metrics:
            self._environment = self._environment | {SHARED: metrics}
        self._workers: set[Process] = set()
        self._ready: set[Process] = set()
        """Those that serve: one that is starting would die of a SIGHUP, and reads the files anyway."""
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until a signal, or until a worker cannot start: raises CannotStart."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        slots = [asyncio.create_task(self._keep_one()) for _ in range(self._settings.workers)]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait({stopping, *slots}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                task.result()
        finally:
            self._stopping.set()
            await self._stop_workers()
            for task in (stopping, *slots):
                task.cancel()
            await asyncio.gather(stopping, *slots, return_exceptions=True)

    def _signalled(self, number: int) -> None:
        if self._stopping.is_set():
            self._send(signal.SIGKILL)
            os._exit(128 + number)
        self._stopping.set()

    async def _keep_one(self) -> None:
        """One worker after the other, with pauses in between that grow while they keep crashing."""
        pause, served = FIRST_PAUSE, False
        while not self._stopping.is_set():
            started = monotonic()
            worker = await self._start()
            ready = await self._becomes_ready(worker)
            code = await worker.wait()
            self._workers.discard(worker)
            self._ready.discard(worker)
            if self._metrics:
                forget(worker.pid, self._metrics)
            if self._stopping.is_set():
                return
            if not ready and not served:
                events.worker_exited(pid=worker.pid, code=code, replaced=False)
                raise CannotStart("a worker process could not start; what it said stands above")
            served = True
            events.worker_exited(pid=worker.pid, code=code, replaced=True)
            pause = FIRST_PAUSE if monotonic() - started > STEADY else pause
            await self._rest(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _start(self) -> Process:
        """A fresh interpreter in a session of its own, so that a terminal's Ctrl-C comes through us only."""
        worker = await asyncio.create_subprocess_exec(
            *command(), stdin=PIPE, stdout=PIPE, env=self._environment, start_new_session=True
        )
        self._workers.add(worker)
        assert worker.stdin is not None
        with suppress(ConnectionError):
            worker.stdin.write(self._order)
            await worker.stdin.drain()
        return worker

    async def _becomes_ready(self, worker: Process) -> bool:
        assert worker.stdout is not None
        if ready := await worker.stdout.readline() == READY:
            self._ready.add(worker)
        return ready

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _stop_workers(self) -> None:
        """SIGTERM, the grace, then SIGKILL for whoever is left."""
        self._send(signal.SIGTERM)
        ends = [asyncio.create_task(worker.wait()) for worker in self._workers]
        if not ends:
            return
        _, late = await asyncio.wait(ends, timeout=self._settings.drain_grace + STOP_MARGIN)
        if late:
            self._send(signal.SIGKILL)
            await asyncio.wait(late)

    def _reload(self) -> None:
        for worker in self._ready:
            with suppress(ProcessLookupError):
                worker.send_signal(signal.SIGHUP)

    def _send(self, number: signal.Signals) -> None:
        for worker in self._workers:
            with suppress(ProcessLookupError):
                worker.send_signal(number)
