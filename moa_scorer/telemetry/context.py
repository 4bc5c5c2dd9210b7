"""The request that a log line belongs to; a context variable, so worker threads carry it too."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import structlog

from moa_scorer.telemetry import spans

_SCOPE: Final[ContextVar[Mapping[str, str]]] = ContextVar("scope", default={})  # noqa: B039 - never changed


@contextmanager
def request_scope(*, request_id: str, method: str) -> Iterator[None]:
    """Every line logged inside carries the request id and the method."""
    token = _SCOPE.set({**_SCOPE.get(), "request_id": request_id, "method": method})
    try:
        yield
    finally:
        _SCOPE.reset(token)


@contextmanager
def tenant_scope(tenant: str) -> Iterator[None]:
    """Every line logged inside carries the tenant, known once the caller is."""
    token = _SCOPE.set({**_SCOPE.get(), "tenant": tenant})
    try:
        yield
    finally:
        _SCOPE.reset(token)


def with_scope(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The processor that puts the scope into a line, with the ids of its trace; what the line says stands."""
    return {**_SCOPE.get(), **_trace(), **event}


def _trace() -> dict[str, str]:
    ids = spans.ids()
    return {} if ids is None else {"trace_id": ids[0], "span_id": ids[1]}
