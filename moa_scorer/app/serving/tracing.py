"""Traces of a server process, where the settings want them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Final

from moa_scorer.app.settings_telemetry import Otel
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.telemetry import spans

NOT_INSTALLED: Final = (
    "settings: otel.endpoint: sending traces needs OpenTelemetry, which is not installed; "
    "install it with: pip install 'moa-scorer[otel]'"
)
_PACKAGES: Final = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.grpc")


def tracing_mistakes(otel: Otel) -> Iterator[str]:
    """Where traces are wanted and what sends them is not installed."""
    if otel.endpoint and not all(map(_is_installed, _PACKAGES)):
        yield NOT_INSTALLED


@asynccontextmanager
async def traced(otel: Otel) -> AsyncIterator[None]:
    """Spans are sent while the block runs, and the last of them at its end; nothing without an endpoint."""
    if not otel.endpoint:
        yield
        return
    if mistakes := tuple(tracing_mistakes(otel)):
        raise ConfigurationError(mistakes)
    from moa_scorer.telemetry.otel import OtelTracer, Sending

    tracer = OtelTracer.sending(
        Sending(endpoint=otel.endpoint, service=otel.service, share=otel.share, explains=otel.explanations)
    )
    spans.trace_with(tracer)
    try:
        yield
    finally:
        spans.trace_with(None)
        await asyncio.to_thread(tracer.close)


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
