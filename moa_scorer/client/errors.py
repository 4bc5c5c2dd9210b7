"""Statuses as exceptions."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

from moa_scorer.client.hints import mended

_DETAILS = "grpc-status-details-bin"
_CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing wrong with a request."""

    field: str
    """Path in the request, such as `content.text`."""
    description: str


class ScorerError(Exception):
    """The request could not be served at all. An unscored item is a result, not one of these."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: tuple[Violation, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        """Stable word of the contract's error table, such as `RESOURCE_NOT_FOUND`; empty from elsewhere."""
        self.metadata = dict(metadata or {})
        self.violations = violations
        """Everything wrong with the request."""
        self.retry_after = retry_after
        """Seconds after which the same request may be served; None = it was not said."""


class InvalidRequest(ScorerError):
    """INVALID_ARGUMENT: mend the request; `violations` lists what."""


class NotFound(ScorerError):
    """NOT_FOUND: no panel, rubric, policy, judge or snapshot of that name."""


class FailedPrecondition(ScorerError):
    """FAILED_PRECONDITION: such as another ruler than the expected one."""


class ResourceExhausted(ScorerError):
    """RESOURCE_EXHAUSTED: a quota has no room, or the server has too much to do; ask after `retry_after`."""


class Unreachable(ScorerError):
    """UNAVAILABLE, after the retries: nobody there, or the server is draining."""


class DeadlineExceeded(ScorerError):
    """DEADLINE_EXCEEDED: no answer in time."""


_KINDS: Mapping[grpc.StatusCode, type[ScorerError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ResourceExhausted,
    grpc.StatusCode.UNAVAILABLE: Unreachable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
}


def error_of(status: status_pb2.Status) -> ScorerError:
    """A status with its details as an exception."""
    code = _CODES.get(status.code, grpc.StatusCode.UNKNOWN)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    for detail in status.details:
        any(detail.Unpack(part) for part in (info, bad, retry))
    return _KINDS.get(code, ScorerError)(
        code,
        status.message,
        reason=info.reason,
        metadata=info.metadata,
        violations=tuple(Violation(field=v.field, description=v.description) for v in bad.field_violations),
        retry_after=_seconds(retry) if retry.HasField("retry_delay") else None,
    )


def _seconds(retry: error_details_pb2.RetryInfo) -> float:
    return float(retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9)


@contextmanager
def translated() -> Iterator[None]:
    """Raises ScorerError for grpc.RpcError."""
    try:
        yield
    except grpc.RpcError as error:
        raise _error_of_call(error) from None


def _error_of_call(error: grpc.RpcError) -> ScorerError:
    code: grpc.StatusCode = error.code()
    rich = _rich(error.trailing_metadata() or ())
    if rich is not None and rich.code == code.value[0]:
        return error_of(rich)
    words = error.details() or code.name
    return _KINDS.get(code, ScorerError)(code, mended(words))


def _rich(trailers: Iterable[Any]) -> status_pb2.Status | None:
    for key, value in trailers:
        if key == _DETAILS and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return None
