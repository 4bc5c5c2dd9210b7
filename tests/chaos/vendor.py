"""The fake vendor in a process of its own: a listener a judge, seeded faults, every call written down."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, Final

import uvloop
from aiohttp import web

from moa_scorer.providers.spec import Wire
from tests.chaos.sent import GARBAGE, GOOD, HANG, RATE_LIMITED, REFUSAL, Sent, SentFile
from tests.chaos.truth import grades, item_in
from tests.fakes.vendor import Vendor
from tests.fakes.vendor_answers import judgment
from tests.fakes.vendor_dialects import Asked, Counted, Dialect, Said
from tests.fakes.vendor_faults import Fault, Latency, log_normal

FATES: Final = {
    None: GOOD,
    Fault.RATE_LIMITED: RATE_LIMITED,
    Fault.RATE_LIMITED_AFTER: RATE_LIMITED,
    Fault.HANG: HANG,
    Fault.GARBAGE: GARBAGE,
    Fault.REFUSAL: REFUSAL,
}
CHANCES: Final = {
    Fault.RATE_LIMITED: 0.10,
    Fault.RATE_LIMITED_AFTER: 0.10,
    Fault.HANG: 0.05,
    Fault.GARBAGE: 0.03,
    Fault.REFUSAL: 0.02,
}
FLUSH = 0.5
"""Seconds between writing down what was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chaos:
    """How the vendor behaves."""

    seed: int
    run: int
    chances: Mapping[Fault, float]
    broken: Mapping[str, Mapping[Fault, float]] = field(default_factory=dict)
    """Judge -> chances of its own, in place of those of all."""
    median: float = 0.08
    """Seconds of a good answer."""
    sigma: float = 0.5
    """Of the logarithm."""
    stragglers: float = 0.0
    """Share of answers that take `straggling` times as long."""
    straggling: float = 15.0
    retry_after: str = "0.3"
    """Seconds that a call is told to wait, where it is told."""

    @property
    def latency(self) -> Latency:
        return log_normal(
            median=self.median, sigma=self.sigma, stragglers=self.stragglers, straggling=self.straggling
        )


@dataclass(slots=True)
class Call:
    """One call while it is served."""

    item: int
    fate: str = GOOD
    counted: Counted = field(default_factory=lambda: Counted(prompt=0, cached=0, output=0))


_CURRENT: ContextVar[Call] = ContextVar("call")


class Draws:
    """The faults of a judge: the same for the same item and attempt, whatever the order of calls."""

    def __init__(self, judge: str, chaos: Chaos) -> None:
        self._judge, self._chaos = judge, chaos
        self._attempts: Counter[int] = Counter()

    def next(self, body: bytes) -> tuple[Fault | None, Random]:
        """As in `Faults`."""
        call = _CURRENT.get()
        self._attempts[call.item] += 1
        random = Random(f"{self._chaos.seed}:{self._judge}:{call.item}:{self._attempts[call.item]}")
        chances = self._chaos.broken.get(self._judge, self._chaos.chances)
        fault = _drawn(chances, random.random())
        call.fate = FATES[fault]
        return fault, random


def _drawn(chances: Mapping[Fault, float], point: float) -> Fault | None:
    for fault, chance in chances.items():
        if point < chance:
            return fault
        point -= chance
    return None


@dataclass(frozen=True, slots=True)
class Watched:
    """A dialect that notes what a reply is billed."""

    dialect: Dialect

    def key(self, headers: Mapping[str, str]) -> str:
        return self.dialect.key(headers)

    def read(self, body: Mapping[str, Any], tail: str) -> Asked:
        return self.dialect.read(body, tail)

    def reply(self, said: Sequence[Said], model: str, counted: Counted) -> dict[str, Any]:
        _CURRENT.get().counted = counted
        return self.dialect.reply(said, model, counted)

    def error(self, status: int, kind: str, message: str) -> dict[str, Any]:
        return self.dialect.error(status, kind, message)


class WatchedVendor(Vendor):
    """One judge's vendor, which writes down every call when it is through with it."""

    judge: str
    chaos: Chaos
    write: Callable[[Sent], None]

    async def _serve(self, request: web.Request, dialect: Dialect) -> web.StreamResponse:
        raw = await request.read()
        call = Call(item=_item(raw))
        _CURRENT.set(call)
        whole = False
        try:
            response = await super()._serve(request, Watched(dialect))
            await response.prepare(request)
            await response.write_eof()
            whole = True
            return response
        finally:
            self.write(self._sent(call, len(raw), whole=whole))

    def _sent(self, call: Call, size: int, *, whole: bool) -> Sent:
        return Sent(
            run=self.chaos.run,
            item=call.item,
            judge=self.judge,
            fate=call.fate,
            ended=time.monotonic(),
            whole=whole,
            input_tokens=call.counted.prompt,
            output_tokens=call.counted.output,
            size=size,
        )


def _item(raw: bytes) -> int:
    """The item asked about; raises AssertionError for a prompt about none."""
    item = item_in(raw.decode())
    assert item is not None, "the prompt names no item"
    return item


def graded(judge: str) -> Callable[[str, Mapping[str, Any]], str]:
    """Answers with the judge's own grades in the form that the prompt's schema asks for."""

    def answer(prompt: str, body: Mapping[str, Any]) -> str:
        item = item_in(prompt)
        assert item is not None, "the prompt names no item"
        return json.dumps(json.loads(judgment(prompt, body)) | {"scores": grades(item, judge)})

    return answer


def watched(judge: str, chaos: Chaos, write: Callable[[Sent], None]) -> WatchedVendor:
    """A vendor for one judge."""
    vendor = WatchedVendor(answer=graded(judge), latency=chaos.latency, retry_after=chaos.retry_after, kept=0)
    vendor.faults = Draws(judge, chaos)  # type: ignore[assignment]
    vendor.judge, vendor.chaos, vendor.write = judge, chaos, write
    return vendor


@contextmanager
def vendor_process(
    judges: Mapping[str, Wire], chaos: Chaos, log: Path
) -> Iterator[tuple[Mapping[str, str], int]]:
    """Judge -> base URL of its endpoint, and the process's id. At the end every call is written down."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(theirs, dict(judges), chaos, log), daemon=True)
    process.start()
    assert process.pid is not None
    try:
        yield ours.recv(), process.pid
    finally:
        ours.send("stop")
        process.join(10)


def _process(pipe: Connection, judges: Mapping[str, Wire], chaos: Chaos, log: Path) -> None:
    uvloop.run(_serve(pipe, judges, chaos, log))


async def _serve(pipe: Connection, judges: Mapping[str, Wire], chaos: Chaos, log: Path) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_reader(pipe.fileno(), stopped.set)
    async with written(log) as write, contextlib.AsyncExitStack() as stack:
        urls = {}
        for judge, wire in judges.items():
            vendor = await stack.enter_async_context(watched(judge, chaos, write))
            urls[judge] = vendor.base_url(wire)
        pipe.send(urls)
        await stopped.wait()


@contextlib.asynccontextmanager
async def written(path: Path) -> Any:
    """A function that writes calls down, a little later and at the end at the latest."""
    file, waiting = SentFile(path), list[Sent]()

    def flush() -> None:
        file.append(waiting)
        waiting.clear()

    async def now_and_then() -> None:
        while True:
            await asyncio.sleep(FLUSH)
            flush()

    task = asyncio.create_task(now_and_then())
    try:
        yield waiting.append
    finally:
        task.cancel()
        flush()
