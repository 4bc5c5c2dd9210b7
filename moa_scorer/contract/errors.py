"""The one table from domain errors to gRPC statuses; `error_reason.proto` documents it for callers."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from moa_scorer.contract.durations import duration
from moa_scorer.domain.errors import (
    BudgetTooSmall,
    DamagedRecord,
    Draining,
    Forbidden,
    InvalidRequest,
    MoaError,
    NotFound,
    Overloaded,
    Precondition,
    QuotaExceeded,
    RatingIdReused,
    RequestIdReused,
    RequestInProgress,
    RulerMismatch,
    StorageUnavailable,
    Unauthenticated,
)

DOMAIN: Final = "moa-scorer"
"""Domain of every ErrorInfo."""

STATUS_BYTES: Final = 2_400
"""Largest encoded status: in base64, with its message once more beside it, it stays under 4 KiB."""

RETRY_AFTER: Final = 1.0
"""Seconds after which callers are told to ask again."""

_MESSAGE_CHARACTERS: Final = 400
_VALUE_CHARACTERS: Final = 128
_COUNTS_BYTES: Final = 96
"""Room for the two counts in the metadata, which are known last."""


class MalformedRequest(MoaError):
    """The bytes received are no message of the method's request type."""

    reason = "MALFORMED_REQUEST"

    def __init__(self) -> None:
        super().__init__("the bytes received are not a valid request message; strings must be UTF-8")


class InternalError(MoaError):
    """Anything unforeseen; its own text is withheld, it may hold content."""

    reason = "INTERNAL"

    def __init__(self) -> None:
        super().__init__(
            "internal error; the request id in the answer's metadata finds it in the server's log"
        )


CODES: Final[Mapping[type[MoaError], grpc.StatusCode]] = {
    InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    MalformedRequest: grpc.StatusCode.INVALID_ARGUMENT,
    NotFound: grpc.StatusCode.NOT_FOUND,
    RulerMismatch: grpc.StatusCode.FAILED_PRECONDITION,
    BudgetTooSmall: grpc.StatusCode.DEADLINE_EXCEEDED,
    RequestIdReused: grpc.StatusCode.ALREADY_EXISTS,
    RatingIdReused: grpc.StatusCode.ALREADY_EXISTS,
    RequestInProgress: grpc.StatusCode.ABORTED,
    StorageUnavailable: grpc.StatusCode.UNAVAILABLE,
    Draining: grpc.StatusCode.UNAVAILABLE,
    QuotaExceeded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Overloaded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    Forbidden: grpc.StatusCode.PERMISSION_DENIED,
    DamagedRecord: grpc.StatusCode.DATA_LOSS,
    Precondition: grpc.StatusCode.FAILED_PRECONDITION,
    InternalError: grpc.StatusCode.INTERNAL,
}


def known(error: BaseException) -> MoaError:
    """The error itself when the table has it, else an InternalError."""
    return error if isinstance(error, MoaError) and type(error) in CODES else InternalError()


def code_of(error: MoaError) -> grpc.StatusCode:
    """The status code of an error; INTERNAL for one that the table does not have."""
    return CODES[type(known(error))]


def status_of(error: MoaError) -> status_pb2.Status:
    """The status that a caller sees, with its details, at most `STATUS_BYTES` when encoded."""
    error = known(error)
    if isinstance(error, Overloaded):
        return _overloaded(error.retry_after)
    status = status_pb2.Status(
        code=code_of(error).value[0], message=_cut(_message(error), _MESSAGE_CHARACTERS)
    )
    if isinstance(error, InvalidRequest):
        _add_violations(status, error)
    else:
        _add(status, _info(error.reason, error.metadata))
    if isinstance(error, RulerMismatch):
        _add(status, _precondition("RULER", "expected_ruler", str(error)))
    if isinstance(error, Precondition):
        _add(status, _precondition("STATE", error.subject, error.words))
    if isinstance(error, QuotaExceeded):
        _add(status, _quota_failure(error))
    if (seconds := _retry_after(error)) is not None:
        _add(status, error_details_pb2.RetryInfo(retry_delay=duration(seconds)))
    return status


@lru_cache(maxsize=64)
def _overloaded(retry_after: float) -> status_pb2.Status:
    """Made once: whoever turns thousands away has no time for more. Nobody changes it."""
    error = Overloaded(retry_after)
    status = status_pb2.Status(code=code_of(error).value[0], message=str(error))
    _add(status, _info(error.reason, error.metadata))
    _add(status, error_details_pb2.RetryInfo(retry_delay=duration(retry_after)))
    return status


def _retry_after(error: MoaError) -> float | None:
    """Seconds after which the same request may be served; None = never by waiting."""
    if isinstance(error, QuotaExceeded | Overloaded):
        return error.retry_after
    return RETRY_AFTER if isinstance(error, RequestInProgress | StorageUnavailable) else None


def _quota_failure(error: QuotaExceeded) -> error_details_pb2.QuotaFailure:
    violation = error_details_pb2.QuotaFailure.Violation(subject=error.meter, description=str(error))
    return error_details_pb2.QuotaFailure(violations=[violation])


def _message(error: MoaError) -> str:
    if isinstance(error, InvalidRequest) and len(error.violations) > 1:
        return f"{len(error.violations)} violations, listed in the details; {error}"
    return str(error)


def _add_violations(status: status_pb2.Status, error: InvalidRequest) -> None:
    request = error_details_pb2.BadRequest(field_violations=_fitting(error, STATUS_BYTES - status.ByteSize()))
    counts = {
        "violations": str(len(error.violations)),
        "violations_shown": str(len(request.field_violations)),
    }
    _add(status, _info(error.reason, counts))
    _add(status, request)


def _fitting(error: InvalidRequest, room: int) -> Iterator[error_details_pb2.BadRequest.FieldViolation]:
    room -= 2 * _COUNTS_BYTES + _info(error.reason, {}).ByteSize()
    for violation in error.violations:
        entry = error_details_pb2.BadRequest.FieldViolation(
            field=_cut(violation.field, _VALUE_CHARACTERS),
            description=_cut(violation.description, _MESSAGE_CHARACTERS),
        )
        room -= entry.ByteSize() + 3
        if room < 0:
            return
        yield entry


def _precondition(kind: str, subject: str, words: str) -> error_details_pb2.PreconditionFailure:
    violation = error_details_pb2.PreconditionFailure.Violation(
        type=kind, subject=subject, description=_cut(words, _MESSAGE_CHARACTERS)
    )
    return error_details_pb2.PreconditionFailure(violations=[violation])


def _info(reason: str, metadata: Mapping[str, str]) -> error_details_pb2.ErrorInfo:
    short = {key: _cut(value, _VALUE_CHARACTERS) for key, value in metadata.items()}
    return error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=short)


def _add(status: status_pb2.Status, detail: Message) -> None:
    status.details.add().Pack(detail)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1] + "…"
