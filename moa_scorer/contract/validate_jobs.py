"""What is wrong with a request for a job, as far as can be told without its files and the catalogue."""

import math
from collections.abc import Iterator
from itertools import chain
from typing import Final

from google.longrunning import operations_pb2

from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.api.v1 import scoring_service_pb2
from moa_scorer.contract.limits import Limits
from moa_scorer.contract.validate import page_violations, reference_violations, score_violations
from moa_scorer.contract.validate_memory import request_id_violations
from moa_scorer.contract.validate_records import filter_violations
from moa_scorer.domain.errors import Violation

MOST_CONCURRENT: Final = 64
MOST_ATTEMPTS: Final = 20
_LONGEST_PATH: Final = 1_024
"""Characters."""
_SHARED: Final = ("panel", "rubric", "policy", "sensitivity", "retention", "tags")
"""Fields of a backfill that mean what they mean in a request for one score."""


def backfill_violations(message: pb.Backfill, limits: Limits) -> Iterator[Violation]:
    """Of a backfill; every field's path begins with `backfill.`."""
    found = chain(
        _path("input", message.input, required=True),
        _path("output", message.output),
        _as_score_request(message, limits),
        _cost("cost_ceiling", message),
        _within("concurrency", message, MOST_CONCURRENT),
        _within("attempts", message, MOST_ATTEMPTS),
    )
    return (Violation(f"backfill.{v.field}", v.description) for v in found)


def _as_score_request(message: pb.Backfill, limits: Limits) -> Iterator[Violation]:
    """What the items' requests would be refused for, told before there are any."""
    request = scoring_service_pb2.ScoreContentRequest(
        **{name: getattr(message, name) for name in _SHARED},
        seed=message.seed if message.HasField("seed") else None,
    )
    request.content.text = "a text"
    request.content.kind, request.content.language = message.kind, message.language
    if message.HasField("item_latency_budget"):
        request.latency_budget.CopyFrom(message.item_latency_budget)
    if message.HasField("item_cost_ceiling"):
        request.cost_ceiling.CopyFrom(message.item_cost_ceiling)
    renamed = {
        "latency_budget": "item_latency_budget",
        "content.kind": "kind",
        "content.language": "language",
    }
    for violation in score_violations(request, limits):
        field = violation.field.replace("cost_ceiling", "item_cost_ceiling")
        yield Violation(renamed.get(field, field), violation.description)


def _path(field: str, path: str, *, required: bool = False) -> Iterator[Violation]:
    if required and not path:
        yield Violation(field, "is required: a file within the server's folder of jobs")
    if len(path) > _LONGEST_PATH or "\0" in path:
        yield Violation(field, f"must be at most {_LONGEST_PATH:,} characters, without NUL")


def _cost(field: str, message: pb.Backfill | pb.ResumeJobRequest) -> Iterator[Violation]:
    if message.HasField("cost_ceiling") and message.cost_ceiling.micro_usd < 0:
        yield Violation(f"{field}.micro_usd", "must not be negative")


def _within(field: str, message: pb.Backfill, most: int) -> Iterator[Violation]:
    if message.HasField(field) and not 1 <= getattr(message, field) <= most:  # type: ignore[arg-type]
        yield Violation(field, f"must be 1 to {most}")


def start_violations(message: pb.StartBackfillRequest, limits: Limits) -> tuple[Violation, ...]:
    """Of a request for a backfill."""
    return (*backfill_violations(message.backfill, limits), *request_id_violations(message.request_id))


def calibration_violations(message: pb.StartCalibrationRequest) -> tuple[Violation, ...]:
    """Of a request for a calibration."""
    request = scoring_service_pb2.ScoreContentRequest(panel=message.panel, rubric=message.rubric)
    request.content.text = "a text"
    request.content.kind, request.content.language = message.kind, message.language
    found = list(score_violations(request))
    if not message.kind:
        found.append(Violation("kind", "is required: the kind of content that people rated"))
    found.extend(request_id_violations(message.request_id))
    return tuple(Violation(v.field.removeprefix("content."), v.description) for v in found)


def what_if_violations(message: pb.StartWhatIfRequest) -> tuple[Violation, ...]:
    """Of a request for a what-if."""
    return tuple(
        chain(
            filter_violations(message.records, "records."),
            reference_violations("policy", "policies", message.policy),
            reference_violations("snapshot", "snapshots", message.snapshot),
            _weights(message),
            _judges(message),
            request_id_violations(message.request_id),
        )
    )


def _weights(message: pb.StartWhatIfRequest) -> Iterator[Violation]:
    weights = tuple(message.weights.values())
    if weights and not (all(math.isfinite(w) and w >= 0 for w in weights) and any(weights)):
        yield Violation("weights", "must be numbers that are not negative, at least one of them positive")


def _judges(message: pb.StartWhatIfRequest) -> Iterator[Violation]:
    if message.without_judges and message.only_judges:
        yield Violation("only_judges", "cannot be used together with without_judges")
    if message.HasField("quorum") and message.quorum < 1:
        yield Violation("quorum", "must be at least 1")


def resume_violations(message: pb.ResumeJobRequest) -> tuple[Violation, ...]:
    """Of a request for a job to go on."""
    return (*operation_violations(message.name), *_cost("cost_ceiling", message))


def operation_violations(name: str) -> tuple[Violation, ...]:
    """Of the name of an operation, which is required."""
    return tuple(reference_violations("name", "operations", name, required=True, versioned=False))


def failures_violations(message: pb.ListJobFailuresRequest) -> tuple[Violation, ...]:
    """Of a request for a page of failures."""
    return (*operation_violations(message.name), *page_violations(message.page_size, message.page_token))


def list_violations(message: operations_pb2.ListOperationsRequest) -> tuple[Violation, ...]:
    """Of a request for a page of operations."""
    found = list(page_violations(message.page_size, message.page_token))
    if message.name not in ("", "operations"):
        found.append(Violation("name", "must be empty or `operations`"))
    if message.filter:
        found.append(Violation("filter", "is not supported; it must be empty"))
    return tuple(found)
