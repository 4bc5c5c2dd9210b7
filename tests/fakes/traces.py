"""Spans and evaluation events kept in memory, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from moa_scorer.telemetry import spans
from moa_scorer.telemetry.otel import OtelTracer


@dataclass(slots=True)
class Traced:
    """What was traced so far."""

    sent: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    told: InMemoryLogRecordExporter = field(default_factory=InMemoryLogRecordExporter)

    def tracer(self, *, explains: bool = False) -> OtelTracer:
        """One that keeps everything here, at once."""
        traces, logs = TracerProvider(), LoggerProvider()
        traces.add_span_processor(SimpleSpanProcessor(self.sent))
        logs.add_log_record_processor(SimpleLogRecordProcessor(self.told))
        return OtelTracer(traces, logs, explains=explains)

    def named(self, name: str) -> list[ReadableSpan]:
        """The ended spans whose name begins so, in the order of their ends."""
        return [span for span in self.sent.get_finished_spans() if span.name.startswith(name)]

    def one(self, name: str) -> ReadableSpan:
        (span,) = self.named(name)
        return span

    def evaluations(self) -> list[dict[str, Any]]:
        """The fields of each evaluation event."""
        return [dict(each.log_record.attributes or {}) for each in self.told.get_finished_logs()]


@contextmanager
def tracing(*, explains: bool = False) -> Iterator[Traced]:
    """Spans are begun and kept while the block runs."""
    traced = Traced()
    spans.trace_with(traced.tracer(explains=explains))
    try:
        yield traced
    finally:
        spans.trace_with(None)
