"""Every violation of a request at once, in the order of its fields. Descriptions never quote a value."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from moa_scorer.api.v1 import content_pb2, own_ballot_pb2, scoring_service_pb2
from moa_scorer.contract.durations import seconds, well_formed
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.contract.validate_memory import memory_violations, request_id_violations
from moa_scorer.domain.errors import InvalidRequest, Violation

FOREIGN_TOKEN: Final = Violation("page_token", "is not a token that this server gave")
"""Of a list request: tokens are for servers to make."""

_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_VERSION: Final = r"(@[1-9][0-9]{0,8})?"
_ID: Final = re.compile(r"[!-~]{0,128}")
_PRINTABLE: Final = "at most 128 printable ASCII characters without spaces"
_LANGUAGE: Final = re.compile(r"([a-z]{2})?")
_KIND: Final = re.compile(r"([a-z][a-z0-9_-]{0,31})?")
_RULER: Final = re.compile(r"(sha256:[0-9a-f]{64})?")
_RULER_WORDS: Final = "`sha256:` and 64 hexadecimal digits"
_PAGE_TOKEN_CHARACTERS: Final = 256
_UNSEEN: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
"""Separators, controls, formats. Not unassigned and private ones: a newer Unicode or a font shows them."""
_FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are drawn as nothing."""
_LARGEST_SEED: Final = 2**31 - 1
"""The largest that every vendor takes."""
_UNARY_VIEWS: Final = frozenset(scoring_service_pb2.View.values())
_SENSITIVITIES: Final = frozenset(scoring_service_pb2.Sensitivity.values())
_PRIORITIES: Final = frozenset(scoring_service_pb2.Priority.values())
_Spending = scoring_service_pb2.ScoreContentRequest | scoring_service_pb2.EscalateRecordRequest
_BATCH_VIEWS: Final = _UNARY_VIEWS - {scoring_service_pb2.VIEW_FULL}


def check(violations: Iterable[Violation]) -> None:
    """Raises InvalidRequest if there are any."""
    if found := tuple(violations):
        raise InvalidRequest(found)


def score_violations(
    request: scoring_service_pb2.ScoreContentRequest,
    limits: Limits = LIMITS,
    *,
    prefix: str = "",
    batched: bool = False,
    streamed: bool = False,
) -> tuple[Violation, ...]:
    """What is wrong with a request for one score; `prefix` stands before every field's path."""
    found = chain(
        _content(request.content, limits),
        reference_violations("panel", "panels", request.panel),
        reference_violations("rubric", "rubrics", request.rubric),
        reference_violations("policy", "policies", request.policy),
        _matches("expected_ruler", _RULER, request.expected_ruler, _RULER_WORDS),
        _latency_budget(request, limits),
        _quorum(request),
        _view(request.view, batched),
        _cost_ceiling(request),
        _sensitivity(request.sensitivity),
        _seed(request.seed),
        memory_violations(request, streamed=streamed),
        _priority(request.priority),
    )
    return tuple(Violation(prefix + v.field, v.description) for v in found)


def batch_violations(
    request: scoring_service_pb2.BatchScoreContentsRequest, limits: Limits = LIMITS
) -> tuple[Violation, ...]:
    """What is wrong with a batch as a whole; its items are checked one by one."""
    return tuple(_batch(request, limits))


def escalate_violations(
    request: scoring_service_pb2.EscalateRecordRequest, limits: Limits = LIMITS
) -> tuple[Violation, ...]:
    """What is wrong with a request for what a record left unused; its judges are looked at later."""
    found = chain(
        reference_violations("record", "records", request.record, required=True, versioned=False),
        _cost_ceiling(request),
        _latency_budget(request, limits),
        request_id_violations(request.request_id),
        _view(request.view, batched=False),
    )
    return tuple(found)


def reference_violations(
    field: str, collection: str, reference: str, *, required: bool = False, versioned: bool = True
) -> Iterator[Violation]:
    """What is wrong with `NAME`, `NAME@VERSION` or the same after `COLLECTION/`."""
    if not reference:
        if required:
            yield Violation(field, f"is required: `{collection}/NAME`")
    elif not re.fullmatch(rf"({collection}/)?{_NAME}{_VERSION if versioned else ''}", reference):
        form = f"`NAME` or `{collection}/NAME`" + (", or one of them with `@VERSION`" if versioned else "")
        yield Violation(field, f"must be {form}; a name has at most 128 of the characters A-Z a-z 0-9 . _ -")


def page_violations(page_size: int, page_token: str) -> Iterator[Violation]:
    """What is wrong with the page that a list request asks for, as far as can be told without the list."""
    if page_size < 0:
        yield Violation("page_size", "must not be negative")
    if len(page_token) > _PAGE_TOKEN_CHARACTERS:
        yield FOREIGN_TOKEN


def _content(content: content_pb2.Content, limits: Limits) -> Iterator[Violation]:
    if len(content.text) <= limits.text_bytes and not _visible(content.text):
        yield Violation("content.text", "must not be empty or blank")
    yield from content_violations(content, limits)
    yield from _matches("content.producer", _ID, content.producer, _PRINTABLE)


def content_violations(
    content: content_pb2.Content | own_ballot_pb2.OwnContent, limits: Limits
) -> Iterator[Violation]:
    """What is wrong with what any content says, its text being optional."""
    yield from _text("content.text", content.text, limits.text_bytes)
    yield from _matches("content.id", _ID, content.id, _PRINTABLE)
    yield from _matches(
        "content.language", _LANGUAGE, content.language, "a lower-case ISO 639-1 code such as en"
    )
    wanted = "1 to 32 lower-case letters, digits, _ and -, the first a letter"
    yield from _matches("content.kind", _KIND, content.kind, wanted)
    yield from _text("content.title", content.title, limits.title_bytes)
    yield from _text("content.context", content.context, limits.context_bytes)


def choice_violations(request: scoring_service_pb2.ReconcileBallotsRequest) -> Iterator[Violation]:
    """What is wrong with policy, ruler, quorum and view."""
    yield from reference_violations("policy", "policies", request.policy)
    yield from _matches("expected_ruler", _RULER, request.expected_ruler, _RULER_WORDS)
    yield from _quorum(request)
    yield from _view(request.view, batched=False)


def _visible(text: str) -> bool:
    """Whether any character shows; looks no further than the first that does."""
    return any(unicodedata.category(c) not in _UNSEEN and c not in _FILLERS for c in text)


def _text(field: str, text: str, limit: int) -> Iterator[Violation]:
    if len(text) > limit or len(text.encode()) > limit:
        yield Violation(field, f"must be at most {limit:,} bytes of UTF-8")
    if "\0" in text:
        yield Violation(field, "must not contain the character NUL (U+0000)")


def _matches(field: str, pattern: re.Pattern[str], value: str, wanted: str) -> Iterator[Violation]:
    if not pattern.fullmatch(value):
        yield Violation(field, f"must be empty or {wanted}")


def _latency_budget(request: _Spending, limits: Limits) -> Iterator[Violation]:
    if not request.HasField("latency_budget"):
        return
    budget = request.latency_budget
    if not well_formed(budget):
        yield Violation(
            "latency_budget", "must have nanos within ±999,999,999 and of the same sign as seconds"
        )
    elif not 0 < seconds(budget) <= limits.latency_budget_seconds:
        longest = f"{limits.latency_budget_seconds:g} s"
        yield Violation("latency_budget", f"must be positive and at most {longest}")


def _quorum(
    request: scoring_service_pb2.ScoreContentRequest | scoring_service_pb2.ReconcileBallotsRequest,
) -> Iterator[Violation]:
    if request.HasField("quorum") and request.quorum < 1:
        yield Violation("quorum", "must be at least 1")


def _view(view: int, batched: bool) -> Iterator[Violation]:
    if view not in _UNARY_VIEWS:
        yield Violation("view", "must be one of the values of `View`")
    elif batched and view not in _BATCH_VIEWS:
        yield Violation("view", "FULL is for single items and streams, not for batches")


def _cost_ceiling(request: _Spending) -> Iterator[Violation]:
    if not request.HasField("cost_ceiling"):
        return
    if not request.cost_ceiling.HasField("micro_usd"):
        yield Violation("cost_ceiling.micro_usd", "is required where there is a ceiling; 0 pays for nothing")
    elif request.cost_ceiling.micro_usd < 0:
        yield Violation("cost_ceiling.micro_usd", "must not be negative")


def _priority(priority: int) -> Iterator[Violation]:
    if priority not in _PRIORITIES:
        yield Violation("priority", "must be one of the values of `Priority`")


def _sensitivity(sensitivity: int) -> Iterator[Violation]:
    if sensitivity not in _SENSITIVITIES:
        yield Violation("sensitivity", "must be one of the values of `Sensitivity`")


def _seed(seed: int) -> Iterator[Violation]:
    if seed > _LARGEST_SEED:
        yield Violation("seed", f"must be at most {_LARGEST_SEED:,}")


def _batch(request: scoring_service_pb2.BatchScoreContentsRequest, limits: Limits) -> Iterator[Violation]:
    items = len(request.requests)
    if not items:
        yield Violation("requests", "must hold at least one item")
    if items > limits.batch_items:
        yield Violation("requests", f"must hold at most {limits.batch_items:,} items, not {items:,}")
    if (size := request.ByteSize()) > limits.batch_bytes:
        yield Violation("requests", f"must be at most {limits.batch_bytes:,} bytes in all, not {size:,}")
