"""A model vendor on loopback: all three wire formats, real judgments, faults by script or by chance."""

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Self

from aiohttp import web

from moa_scorer.providers.spec import Wire
from tests.fakes import vendor_anthropic, vendor_gemini, vendor_openai
from tests.fakes.vendor_answers import judgment, tokens
from tests.fakes.vendor_dialects import Asked, Counted, Dialect, Said
from tests.fakes.vendor_faults import Fault, Faults, Latency, at_once

Answer = Callable[[str, Mapping[str, Any]], str]
"""(prompt, body) -> the model's text."""

REFUSAL = "I'm sorry, but I can't help with that."
WRONG_MODEL = "another-model-2020"
_DIALECTS: dict[Wire, Dialect] = {
    Wire.OPENAI: vendor_openai,
    Wire.ANTHROPIC: vendor_anthropic,
    Wire.GEMINI: vendor_gemini,
}
_PREFIXES = {Wire.OPENAI: "/v1", Wire.ANTHROPIC: "/v1", Wire.GEMINI: "/v1beta"}
_ERRORS = {
    Fault.RATE_LIMITED: (429, "rate"),
    Fault.RATE_LIMITED_AFTER: (429, "rate"),
    Fault.NO_QUOTA: (429, "quota"),
    Fault.SERVER_ERROR: (500, "server"),
    Fault.UNAVAILABLE: (503, "overloaded"),
    Fault.OVERLOADED: (529, "overloaded"),
    Fault.BAD_KEY: (401, "key"),
    Fault.NO_MODEL: (404, "model"),
    Fault.TOO_LONG: (400, "long"),
    Fault.FILTERED: (400, "filter"),
}


@dataclass(slots=True, kw_only=True)
class Vendor:
    """Use as an async context manager; then `base_url` says where it listens."""

    answer: Answer = judgment
    faults: Faults = field(default_factory=Faults)
    latency: Latency = at_once
    key: str = ""
    """The key that callers must send; empty = any or none."""
    echoes: bool = False
    """Whether errors repeat what was sent, the key too, as some gateways do."""
    retry_after: str = "1"
    """Value of Retry-After where it is sent."""
    slow_pause: float = 0.05
    """Seconds between the pieces of a slow body."""
    kept: int = 1000
    """Bodies and headers remembered at most."""
    calls: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    cancelled: int = 0
    """Calls that the client left before their end."""
    met: dict[Fault | None, int] = field(default_factory=dict)
    """Calls by what went wrong with them."""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None
    _port: int = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._handler(Wire.OPENAI))
        app.router.add_post("/v1/messages", self._handler(Wire.ANTHROPIC))
        app.router.add_post("/{version:v1|v1beta}/models/{tail}", self._handler(Wire.GEMINI))
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def idle(self) -> None:
        """Waits until no call is in flight, at least one having come."""
        await self._idle.wait()

    @property
    def root(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._port}"

    def base_url(self, wire: Wire) -> str:
        """What an endpoint of this wire format has as `base_url`."""
        return self.root + _PREFIXES[wire]

    def _handler(self, wire: Wire) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.calls += 1
            self.in_flight += 1
            self._idle.clear()
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            try:
                return await self._serve(request, _DIALECTS[wire])
            except (asyncio.CancelledError, ConnectionError):
                self.cancelled += 1
                raise
            finally:
                self.in_flight -= 1
                if not self.in_flight:
                    self._idle.set()

        return handle

    async def _serve(self, request: web.Request, dialect: Dialect) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw)
        self._remember(body, dict(request.headers))
        if self.key and dialect.key(request.headers) != self.key:
            return self._error(dialect, Fault.BAD_KEY)
        asked = dialect.read(body, request.match_info.get("tail", ""))
        if asked.objection:
            return web.json_response(dialect.error(400, "bad", asked.objection), status=400)
        fault, random = self.faults.next(raw)
        self.met[fault] = self.met.get(fault, 0) + 1
        await _wait(math.inf if fault is Fault.HANG else self.latency(random))
        if fault in _ERRORS:
            echo = f"{raw.decode()} {dict(request.headers)}" if self.echoes else ""
            return self._error(dialect, fault, echo)
        reply = json.dumps(self._reply(dialect, asked, body, fault)).encode()
        return await self._send(request, _garbage(reply, random) if fault is Fault.GARBAGE else reply, fault)

    def _remember(self, body: dict[str, Any], headers: dict[str, str]) -> None:
        if len(self.bodies) < self.kept:
            self.bodies.append(body)
            self.headers.append(headers)

    def _error(self, dialect: Dialect, fault: Fault, echo: str = "") -> web.Response:
        status, kind = _ERRORS[fault]
        after = {"Retry-After": self.retry_after} if fault is Fault.RATE_LIMITED_AFTER else {}
        body = dialect.error(status, kind, f"fault by design: {fault} {echo}")
        return web.json_response(body, status=status, headers=after)

    def _reply(
        self, dialect: Dialect, asked: Asked, body: Mapping[str, Any], fault: Fault | None
    ) -> dict[str, Any]:
        said = [self._said(asked, body, fault) for _ in range(asked.samples)]
        counted = Counted(
            prompt=len(asked.prompt) // 4 + 1,
            cached=len(asked.prompt) // 16,
            output=sum(len(one.text) // 4 + 1 for one in said),
        )
        return dialect.reply(said, WRONG_MODEL if fault is Fault.WRONG_MODEL else asked.model, counted)

    def _said(self, asked: Asked, body: Mapping[str, Any], fault: Fault | None) -> Said:
        if fault is Fault.REFUSAL:
            return Said(text=REFUSAL, refused=True)
        text = '{"verdict": "fine"}' if fault is Fault.WRONG_SCHEMA else self.answer(asked.prompt, body)
        if fault is Fault.TRUNCATED:
            return Said(text=text[: len(text) // 2], cut=True)
        plain = fault is Fault.NO_LOGPROBS or not asked.top_logprobs
        return Said(text=text, tokens=() if plain else tokens(text, asked.top_logprobs))

    async def _send(self, request: web.Request, reply: bytes, fault: Fault | None) -> web.StreamResponse:
        if fault not in (Fault.SLOW_BODY, Fault.CUT):
            return web.Response(body=reply, content_type="application/json")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(reply)
        await response.prepare(request)
        await response.write(reply[: len(reply) // 2])
        if fault is Fault.CUT:
            if request.transport is not None:
                request.transport.abort()
            return response
        for position in range(len(reply) // 2, len(reply)):
            await asyncio.sleep(self.slow_pause)
            await response.write(reply[position : position + 1])
        return response


async def _wait(seconds: float) -> None:
    """Waits; for ever when the seconds are infinite, until the client leaves or the vendor stops."""
    if math.isinf(seconds):
        await asyncio.Event().wait()
    elif seconds > 0:
        await asyncio.sleep(seconds)


def _garbage(reply: bytes, random: Random) -> bytes:
    """One of the bodies that gateways and bugs really send under status 200."""
    kinds = (
        b"",
        b"<html><body>Bad gateway</body></html>",
        reply[: len(reply) // 3],
        b"\xff\xfe\x00",
        b"[[[",
        b"null",
    )
    return random.choice(kinds)
