"""Spans and their events by OpenTelemetry: in its SDK, and sent by OTLP over gRPC in the background."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import Final

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry._logs import Logger, LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from moa_scorer.telemetry import events
from moa_scorer.telemetry.evaluations import ERROR, Fields
from moa_scorer.telemetry.spans import Place, Span

SCOPE: Final = "moa_scorer"
SCHEMA: Final = "https://opentelemetry.io/schemas/1.41.0"
SENDING: Final = 5.0
"""Seconds that sending a batch may take; what cannot be sent is dropped, and no request waits for it."""
CLOSING: Final = 3.0
"""Seconds that the end of the process waits for the last batch."""
QUIET: Final = 60.0
"""Seconds between two events that say that traces cannot be sent."""
_KINDS: Final = {
    Place.SERVER: SpanKind.SERVER,
    Place.HERE: SpanKind.INTERNAL,
    Place.ELSEWHERE: SpanKind.CLIENT,
}
_W3C: Final = TraceContextTextMapPropagator()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Where traces go."""

    endpoint: str
    """Address of an OTLP receiver over gRPC; plain for `http://`, encrypted for `https://`."""
    service: str
    """Name of this service in traces."""
    share: float
    """Part of the traces that begin here which are sent, in [0, 1]; a caller's own choice is followed."""
    explains: bool
    """Whether evaluation events carry the rationale."""


class OtelTracer:
    """A `Tracer` over the SDK. Close it at the end, so that nothing is lost."""

    def __init__(self, spans: TracerProvider, logs: LoggerProvider, *, explains: bool = False) -> None:
        self.explains = explains
        self._providers = (spans, logs)
        self._tracer = spans.get_tracer(SCOPE, schema_url=SCHEMA)
        self._logger: Logger = logs.get_logger(SCOPE, schema_url=SCHEMA)

    @classmethod
    def sending(cls, options: Sending) -> "OtelTracer":
        """One whose spans are sent by OTLP. Headers with keys come from OTEL_EXPORTER_OTLP_HEADERS."""
        resource = Resource.create({"service.name": options.service})
        sampler = ParentBased(TraceIdRatioBased(options.share))
        spans = TracerProvider(resource=resource, sampler=sampler, shutdown_on_exit=False)
        logs = LoggerProvider(resource=resource, shutdown_on_exit=False)
        plain = options.endpoint.startswith("http://")
        to = {"endpoint": options.endpoint, "insecure": plain, "timeout": SENDING}
        spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(**to)))  # type: ignore[arg-type]
        logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(**to)))  # type: ignore[arg-type]
        _tell_of_failures()
        return cls(spans, logs, explains=options.explains)

    @contextmanager
    def span(
        self, name: str, place: Place, fields: Fields, caller: Mapping[str, str] | None = None
    ) -> Iterator[Span]:
        """As in `Tracer`. Of an exception only its type is kept: its text may hold content."""
        above = _W3C.extract(caller) if caller else None
        begun = self._tracer.start_span(name, context=above, kind=_KINDS[place], attributes=fields)
        token = contexts.attach(trace.set_span_in_context(begun, above))
        work = _Work(begun)
        try:
            yield work
        except BaseException as error:
            work.interrupted(error)
            raise
        finally:
            contexts.detach(token)
            begun.end()

    def tell(self, name: str, fields: Fields) -> None:
        """As in `Tracer`; a log record, since events of spans are on their way out of OpenTelemetry."""
        record = LogRecord(event_name=name, attributes=fields, severity_number=SeverityNumber.INFO)
        self._logger.emit(record)

    def headers(self) -> dict[str, str]:
        """As in `Tracer`; nothing where there is no span."""
        carried: dict[str, str] = {}
        _W3C.inject(carried)
        return carried

    def ids(self) -> tuple[str, str] | None:
        """As in `Tracer`."""
        at = trace.get_current_span().get_span_context()
        return (trace.format_trace_id(at.trace_id), trace.format_span_id(at.span_id)) if at.is_valid else None

    def close(self) -> None:
        """Sends what waits, within `CLOSING` seconds; blocks meanwhile. What is left then is lost."""
        threads = [Thread(target=provider.shutdown, daemon=True) for provider in self._providers]
        for thread in threads:
            thread.start()
        deadline = monotonic() + CLOSING
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))


class _Work:
    """One span under way."""

    __slots__ = ("_settled", "_span")

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._settled = False

    def add(self, fields: Fields) -> None:
        """As in `Span`; what is empty is left out."""
        self._span.set_attributes({name: value for name, value in fields.items() if value != ""})

    def failed(self, kind: str) -> None:
        """As in `Span`."""
        self._settled = True
        self._span.set_attribute(ERROR, kind)
        self._span.set_status(StatusCode.ERROR)

    def ended_well(self) -> None:
        """As in `Span`."""
        self._settled = True

    def interrupted(self, error: BaseException) -> None:
        """An exception passes by."""
        if not self._settled:
            self.failed(type(error).__name__)


class _Told(logging.Handler):
    """Turns what the SDK logs of itself into an event without its words, which may name hosts and headers."""

    _told = -QUIET

    def emit(self, record: logging.LogRecord) -> None:
        """Called by whichever thread sends."""
        if record.created - self._told >= QUIET:
            self._told = record.created
            events.traces_unsent(error=record.name.rpartition(".")[2])


def _tell_of_failures() -> None:
    """The SDK's own log lines become events; once, however many tracers there are."""
    log = logging.getLogger("opentelemetry")
    if not any(isinstance(handler, _Told) for handler in log.handlers):
        log.addHandler(_Told(logging.WARNING))
        log.propagate = False
