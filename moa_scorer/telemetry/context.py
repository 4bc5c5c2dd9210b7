"""The request that a log line belongs to; context variables, so worker threads carry it too."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def request_scope(*, request_id: str, method: str) -> Iterator[None]:
    """Every line logged inside carries the request id and the method."""
    with structlog.contextvars.bound_contextvars(request_id=request_id, method=method):
        yield


@contextmanager
def tenant_scope(tenant: str) -> Iterator[None]:
    """Every line logged inside carries the tenant, known once the caller is."""
    with structlog.contextvars.bound_contextvars(tenant=tenant):
        yield
