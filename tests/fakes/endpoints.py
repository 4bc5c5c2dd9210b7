"""A sender that answers by script, and endpoints over it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Clock
from moa_scorer.domain.money import NOTHING_USED, Usage
from moa_scorer.providers.endpoint import Endpoint, Sender
from moa_scorer.providers.failures import Failed, Retry, failed
from moa_scorer.providers.http_model import HttpModel
from moa_scorer.providers.model import ModelRequest
from moa_scorer.providers.prices import Price
from moa_scorer.providers.spec import Capabilities, EndpointSpec, Traffic, Wire
from moa_scorer.providers.wire import HttpAnswer, HttpCall
from tests.fakes.virtual_time import LoopClock

REPLY = (
    b'{"model":"m-1","choices":[{"index":0,"finish_reason":"stop","message":{"content":"4"}}],'
    b'"usage":{"prompt_tokens":100,"completion_tokens":10}}'
)
DOLLAR_EACH = Price(input=1_000_000, cached_input=1_000_000, output=1_000_000, cache_write=1_000_000)
"""One millionth of a dollar a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What one send meets with."""

    seconds: float = 0.1
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = REPLY


HANG = Act(seconds=1e6)
BROKEN = Act(status=500, body=b"{}")


def busy(**headers: str) -> Act:
    """A rate-limited answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Act(seconds=0.01, status=429, headers=named, body=b"{}")


@dataclass
class ScriptedSender:
    """Answers the n-th send as the script says; fails when it is asked for more."""

    script: Callable[[int], Act]
    sends: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    cancelled: int = 0
    times: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    calls: list[HttpCall] = field(default_factory=list)

    async def send(self, spec: EndpointSpec, call: HttpCall, seconds: float) -> HttpAnswer | Failed:
        act = self.script(self.sends)
        self.sends += 1
        self.times.append(asyncio.get_running_loop().time())
        self.bodies.append(call.body)
        self.calls.append(call)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(min(act.seconds, seconds))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.in_flight -= 1
        if act.seconds > seconds:
            return failed("late", reason=AbstentionReason.TIMEOUT, retry=Retry.TRANSIENT, may_cost=True)
        return HttpAnswer(status=act.status, headers=act.headers, body=act.body)


def acts(*script: Act) -> ScriptedSender:
    """Exactly these, in this order."""
    return ScriptedSender(script=lambda n: script[n])


def always(act: Act) -> ScriptedSender:
    """The same every time."""
    return ScriptedSender(script=lambda n: act)


@dataclass
class BookTab:
    """A tab that keeps every entry."""

    ceiling: int | None = None
    reserved: int = 0
    open: int = 0
    usage: Usage = NOTHING_USED
    model: str = ""
    stand_in: str = ""

    def reserve(self, micro_usd: int) -> bool:
        if self.ceiling is not None and self.reserved + self.usage.micro_usd + micro_usd > self.ceiling:
            return False
        self.reserved += micro_usd
        self.open += 1
        return True

    def settle(self, reserved: int, usage: Usage) -> None:
        self.reserved -= reserved
        self.open -= 1
        self.usage += usage

    def answered_by(self, *, model: str, stand_in: str = "") -> None:
        self.model = model
        self.stand_in = stand_in

    def redacted(self, spans: int) -> None:
        raise AssertionError("the model does not redact")

    def heard(self, raw: str) -> None:
        raise AssertionError("the model does not speak for the judge")


def endpoint(
    http: Sender,
    *,
    clock: Clock | None = None,
    name: str = "fake",
    capabilities: Capabilities | None = None,
    local: bool = False,
    seconds: float = 0.1,
    **traffic: Any,
) -> Endpoint:
    """An endpoint in virtual time; traffic as given, else the defaults."""
    spec = EndpointSpec(
        name=name,
        wire=Wire.OPENAI,
        base_url="http://fake",
        local=local,
        capabilities=capabilities or Capabilities(),
        traffic=Traffic(**traffic),
        seconds=seconds,
    )
    return Endpoint(spec, http, 1, clock or LoopClock(), Random(0))


def model(over: Endpoint, price: Price | None = DOLLAR_EACH, **further: Any) -> HttpModel:
    """A model of the endpoint."""
    return HttpModel(over, "m-1", price, **further)


def prompt(**fields: Any) -> ModelRequest:
    """A short prompt."""
    return ModelRequest(**({"system": "rubric", "user": "text", "max_tokens": 50} | fields))
