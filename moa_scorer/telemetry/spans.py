"""The spans of a trace: a call, an item, a judge, a request to a model. Off, each costs one comparison.

The tracer is whatever `trace_with` was given; `otel` holds the one that sends them.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from moa_scorer.domain.ballot import Abstention, Ballot
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Unscored
from moa_scorer.telemetry.evaluations import EVALUATION, Fields, evaluations

FAULTS: Final = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
"""Statuses that are the server's fault, by OpenTelemetry's conventions for gRPC."""


class Place(StrEnum):
    """Where the work of a span is done."""

    SERVER = "server"
    HERE = "here"
    ELSEWHERE = "elsewhere"
    """At a model's endpoint."""


class Span(Protocol):
    """Work under way."""

    def add(self, fields: Fields) -> None:
        """Attributes that are known by now."""
        ...

    def failed(self, kind: str) -> None:
        """The work came to nothing, for a reason of this kind; never the text of an exception."""
        ...

    def ended_well(self) -> None:
        """No exception that passes by from now on makes the work a failure."""
        ...


class Tracer(Protocol):
    """What begins spans and sends them somewhere."""

    explains: bool
    """Whether evaluation events carry the rationale, which may quote the content."""

    def span(
        self, name: str, place: Place, fields: Fields, caller: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Span]:
        """A span while the block runs, under the current one or what the caller's headers name."""
        ...

    def tell(self, name: str, fields: Fields) -> None:
        """An event under the current span."""
        ...

    def headers(self) -> dict[str, str]:
        """The current span for another server, as W3C Trace Context has it."""
        ...

    def ids(self) -> tuple[str, str] | None:
        """Hexadecimal trace and span id of the current span; None outside of any."""
        ...


class _Silent:
    def add(self, fields: Fields) -> None:
        """Nothing."""

    def failed(self, kind: str) -> None:
        """Nothing."""

    def ended_well(self) -> None:
        """Nothing."""


_OFF: Final[AbstractContextManager[Span]] = nullcontext(_Silent())


@dataclass(slots=True)
class _Current:
    tracer: Tracer | None = None


_current: Final = _Current()


def trace_with(tracer: Tracer | None) -> None:
    """From now on spans are begun with this one; None = there are no spans."""
    _current.tracer = tracer


def on() -> bool:
    """Whether there are spans at all."""
    return _current.tracer is not None


def ids() -> tuple[str, str] | None:
    """Trace and span id for a log line; None without a span."""
    return None if _current.tracer is None else _current.tracer.ids()


def headers() -> dict[str, str]:
    """What a request to another server carries of the current span; empty while there are none."""
    return {} if _current.tracer is None else _current.tracer.headers()


def call(method: str, request_id: str, caller: Mapping[str, str]) -> AbstractContextManager[Span]:
    """A gRPC call on its way, under the caller's own span where its headers name one."""
    if _current.tracer is None:
        return _OFF
    name = method.lstrip("/")
    fields = {"rpc.system.name": "grpc", "rpc.method": name, "moa.request_id": request_id}
    return _current.tracer.span(name, Place.SERVER, fields, caller)


def call_ended(span: Span, code: str) -> None:
    """The call has this status."""
    span.add({"rpc.response.status_code": code})
    if code in FAULTS:
        span.failed(code)
    span.ended_well()


def item() -> AbstractContextManager[Span]:
    """One item from the plan to the record."""
    return _begun("score_item", {})


def item_ended(span: Span, record: Record) -> None:
    """The item has its verdict."""
    if _current.tracer is None:
        return
    verdict = record.verdict
    span.add(
        {
            "moa.tenant": record.request.tenant,
            "moa.panel": record.plan.panel.revision,
            "moa.rubric": record.plan.rubric.revision,
            "moa.completion": verdict.completion,
            "moa.decision": record.ruling.decision,
            "moa.cache": record.cache,
            "moa.planned": verdict.planned,
            "moa.answered": verdict.answered,
            "moa.record": record.name,
        }
    )
    if isinstance(verdict.outcome, Unscored):
        span.failed(verdict.outcome.reason)


def evaluated(record: Record) -> None:
    """An item has its verdict: an evaluation of it as a whole, and one for each criterion."""
    if (tracer := _current.tracer) is not None:
        for fields in evaluations(record, explained=tracer.explains):
            tracer.tell(EVALUATION, fields)


def judge(name: str) -> AbstractContextManager[Span]:
    """One judge at work on one item."""
    return _begun(f"judge {name}", {"moa.judge": name}) if on() else _OFF


def judge_ended(span: Span, ballot: Ballot) -> None:
    """The judge has cast its ballot."""
    if _current.tracer is None:
        return
    abstained = ballot.outcome.reason if isinstance(ballot.outcome, Abstention) else ""
    usage = ballot.usage
    span.add({"moa.outcome": abstained or "judged", "moa.calls": usage.calls})
    span.add({"moa.cost_usd": usage.micro_usd / 1e6})
    if abstained:
        span.failed(abstained)


def chat(model: str, fields: Fields) -> AbstractContextManager[Span]:
    """One request to a model."""
    if _current.tracer is None:
        return _OFF
    named = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model, **fields}
    return _current.tracer.span(f"chat {model}", Place.ELSEWHERE, named)


def _begun(name: str, fields: Fields) -> AbstractContextManager[Span]:
    tracer = _current.tracer
    return _OFF if tracer is None else tracer.span(name, Place.HERE, fields)
