"""A vendor that costs next to nothing: it answers as the first time, with the new request's nonce put in.

The first answer of a path is the fake vendor's of the tests. After that, HTTP/1.1 is read as aiohttp sends it
(a POST with a length, kept alive) and no further. It waits a fixed time before it answers.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final, cast

import uvloop

from moa_scorer.providers.spec import Wire
from tests.fakes import vendor_anthropic, vendor_gemini, vendor_openai
from tests.fakes.vendor_answers import judgment
from tests.fakes.vendor_dialects import Counted, Dialect, Said

_LENGTH: Final = re.compile(rb"content-length: *([0-9]+)", re.I)
_NONCE: Final = re.compile(rb"<<<CONTENT ([0-9a-f]+)>>>")
_PLACE: Final = b"@NONCE@"
_DIALECTS: Final[dict[Wire, Dialect]] = {
    Wire.OPENAI: vendor_openai,
    Wire.ANTHROPIC: vendor_anthropic,
    Wire.GEMINI: vendor_gemini,
}


@dataclass(slots=True)
class Book:
    """What the vendor was sent."""

    calls: int = 0
    heads: dict[str, bytes] = field(default_factory=dict)
    """Path -> the last request's head."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    """Path -> the last request's body."""
    answers: dict[str, bytes] = field(default_factory=dict)
    """Path -> the answer, the nonce left open."""


class FastVendor(asyncio.Protocol):
    """One connection. A path begins with the name of the wire format, as in `/openai/2/chat/completions`."""

    def __init__(self, delay: float, book: Book) -> None:
        self._delay, self._book = delay, book
        self._loop = asyncio.get_running_loop()
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(b"\r\n\r\n") + 4
        length = _LENGTH.search(self._read, 0, end) if end >= 4 else None
        if length is None or len(self._read) < end + int(length[1]):
            return
        head, body, self._read = self._read[:end], self._read[end:], b""
        self._loop.call_later(self._delay, self._write, self._answer(head, body))

    def _answer(self, head: bytes, body: bytes) -> bytes:
        path = head.split(b" ", 2)[1].decode()
        self._book.calls += 1
        self._book.heads[path], self._book.bodies[path] = head, body
        nonce = _NONCE.search(body)
        assert nonce is not None, "the prompt has no fence"
        if path not in self._book.answers:
            self._book.answers[path] = _first_answer(path, body).replace(nonce[1], _PLACE)
        answer = self._book.answers[path].replace(_PLACE, nonce[1])
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
            len(answer),
            answer,
        )

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def _first_answer(path: str, body: bytes) -> bytes:
    dialect = _DIALECTS[Wire(path.split("/")[1])]
    sent = json.loads(body)
    asked = dialect.read(sent, path.rpartition("/")[2])
    said = json.loads(judgment(asked.prompt, sent))
    text = json.dumps(said | {"scores": dict.fromkeys(said["scores"], 4)})
    counted = Counted(prompt=len(asked.prompt) // 4, cached=0, output=len(text) // 4)
    return json.dumps(dialect.reply([Said(text=text)], asked.model, counted)).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A running vendor."""

    port: int
    pid: int
    pipe: Connection

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def book(self) -> Book:
        """What it was sent so far."""
        self.pipe.send("book")
        return self.pipe.recv()


@contextmanager
def fast_vendor(delay: float) -> Iterator[Vendor]:
    """A vendor in a process of its own that answers after `delay` seconds."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(theirs, delay), daemon=True)
    process.start()
    assert process.pid is not None
    yield Vendor(port=ours.recv(), pid=process.pid, pipe=ours)
    ours.send("stop")
    process.join(10)


def _process(pipe: Connection, delay: float) -> None:
    uvloop.run(_serve(pipe, delay))


async def _serve(pipe: Connection, delay: float) -> None:
    loop, book = asyncio.get_running_loop(), Book()
    server = await loop.create_server(lambda: FastVendor(delay, book), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    stopped = asyncio.Event()

    def asked() -> None:
        if pipe.recv() == "book":
            pipe.send(book)
        else:
            stopped.set()

    loop.add_reader(pipe.fileno(), asked)
    await stopped.wait()
