"""The error table: every domain error has a status, and no status is too large or says too much."""

import base64

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.api.v1.error_reason_pb2 import ErrorReason
from moa_scorer.contract.errors import CODES, InternalError, MalformedRequest, code_of, known, status_of
from moa_scorer.domain.errors import (
    BudgetTooSmall,
    ConfigurationError,
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
    Violation,
)

ERRORS: list[MoaError] = [
    InvalidRequest((Violation("content.text", "must not be empty"),)),
    MalformedRequest(),
    NotFound("panels", "nope", ("embedded",)),
    RulerMismatch("sha256:" + "0" * 64, "sha256:" + "1" * 64),
    BudgetTooSmall(),
    RatingIdReused("rating", "r-1"),
    RequestIdReused(),
    RequestInProgress(),
    StorageUnavailable(),
    Draining(),
    QuotaExceeded("items", 10, 60, 3.0),
    Overloaded(0.5),
    Unauthenticated("API keys"),
    Forbidden("admin"),
    DamagedRecord("01J", "ballots"),
    Precondition("records/01J", "was kept without its text"),
    InternalError(),
]


def info_of(status: status_pb2.Status) -> error_details_pb2.ErrorInfo:
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return info


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: e.reason)
def test_every_reason_is_documented_in_the_protos_and_in_the_details(error: MoaError) -> None:
    status = status_of(error)
    assert ErrorReason.Value(f"ERROR_REASON_{info_of(status).reason}")
    assert info_of(status).domain == "moa-scorer"
    assert status.code == code_of(error).value[0]
    assert status.message


def test_every_documented_reason_can_happen() -> None:
    reasons = {f"ERROR_REASON_{kind.reason}" for kind in CODES}
    assert reasons == set(ErrorReason.keys()) - {"ERROR_REASON_UNSPECIFIED"}
    assert {type(error) for error in ERRORS} == set(CODES)


@pytest.mark.parametrize(
    "error", [ValueError("the secret text"), ConfigurationError(("/etc/secret",)), KeyError("x")]
)
def test_what_the_table_does_not_have_is_internal_and_keeps_its_text(error: Exception) -> None:
    status = status_of(known(error)) if not isinstance(error, MoaError) else status_of(error)
    assert status.code == grpc.StatusCode.INTERNAL.value[0]
    assert b"secret" not in status.SerializeToString()


def test_violations_are_listed_one_by_one() -> None:
    error = InvalidRequest((Violation("a", "must be b"), Violation("c", "must be d")))
    status = status_of(error)
    request = error_details_pb2.BadRequest()
    assert status.details[1].Unpack(request)
    assert [(v.field, v.description) for v in request.field_violations] == [
        ("a", "must be b"),
        ("c", "must be d"),
    ]
    assert dict(info_of(status).metadata) == {"violations": "2", "violations_shown": "2"}


def test_a_ruler_mismatch_is_a_failed_precondition_with_both_rulers() -> None:
    error = RulerMismatch("sha256:a", "sha256:b")
    failure = error_details_pb2.PreconditionFailure()
    assert status_of(error).details[1].Unpack(failure)
    assert failure.violations[0].type == "RULER"
    assert dict(info_of(status_of(error)).metadata) == {"expected": "sha256:a", "actual": "sha256:b"}


texts = st.text(max_size=600)


@given(st.lists(st.builds(Violation, texts, texts), min_size=1, max_size=60))
def test_details_stay_under_4_kib_and_say_how_many_violations_are_left_out(
    violations: list[Violation],
) -> None:
    status = status_of(InvalidRequest(tuple(violations)))
    encoded = base64.b64encode(status.SerializeToString())
    assert len(encoded) + len(status.message) < 4096
    request = error_details_pb2.BadRequest()
    assert status.details[1].Unpack(request)
    metadata = info_of(status).metadata
    assert metadata["violations"] == str(len(violations))
    assert metadata["violations_shown"] == str(len(request.field_violations))


@given(texts, st.text(max_size=5000), st.lists(texts, max_size=50))
def test_no_look_up_makes_a_status_too_large(collection: str, name: str, known_names: list[str]) -> None:
    status = status_of(NotFound(collection, name, tuple(known_names)))
    assert len(base64.b64encode(status.SerializeToString())) + len(status.message) < 4096
