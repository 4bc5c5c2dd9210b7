"""A receiver of OpenTelemetry's protocol on loopback, over gRPC."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc.aio
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs_pb
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import (
    LogsServiceServicer,
    add_LogsServiceServicer_to_server,
)
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces_pb
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)


@dataclass(slots=True)
class Collected:
    """What arrived."""

    port: int = 0
    traces: list[traces_pb.ExportTraceServiceRequest] = field(default_factory=list)
    logs: list[logs_pb.ExportLogsServiceRequest] = field(default_factory=list)

    def spans(self) -> list[Any]:
        """Every span."""
        scopes = [scope for each in self.traces for r in each.resource_spans for scope in r.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def records(self) -> list[Any]:
        """Every log record."""
        scopes = [scope for each in self.logs for r in each.resource_logs for scope in r.scope_logs]
        return [record for scope in scopes for record in scope.log_records]

    def text(self) -> str:
        """All of it as JSON."""
        return "\n".join(MessageToJson(each) for each in (*self.traces, *self.logs))


def fields_of(signal: Any) -> dict[str, Any]:
    """The attributes of a span or a log record."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in signal.attributes}


class _Traces(TraceServiceServicer):  # type: ignore[misc]
    def __init__(self, into: Collected) -> None:
        self._into = into

    async def Export(self, request: Any, context: Any) -> traces_pb.ExportTraceServiceResponse:
        self._into.traces.append(request)
        return traces_pb.ExportTraceServiceResponse()


class _Logs(LogsServiceServicer):  # type: ignore[misc]
    def __init__(self, into: Collected) -> None:
        self._into = into

    async def Export(self, request: Any, context: Any) -> logs_pb.ExportLogsServiceResponse:
        self._into.logs.append(request)
        return logs_pb.ExportLogsServiceResponse()


@asynccontextmanager
async def collecting() -> AsyncIterator[Collected]:
    """A receiver while the block runs."""
    into, server = Collected(), grpc.aio.server()
    add_TraceServiceServicer_to_server(_Traces(into), server)
    add_LogsServiceServicer_to_server(_Logs(into), server)
    into.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield into
    finally:
        await server.stop(None)
