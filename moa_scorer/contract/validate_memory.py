"""What is wrong with how a request wants to be remembered."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.domain.errors import Violation

MARK: Final = re.compile(r"[!-~]{1,128}")
"""Of request ids, subjects, item ids."""
MARK_WORDS: Final = "1 to 128 printable ASCII characters without spaces"
TAGS: Final = 16
TAG_BYTES: Final = 256
_KEY: Final = re.compile(r"[a-z0-9_.-]{1,64}")
_CACHE_CONTROLS: Final = frozenset(pb.CacheControl.values())
_RETENTIONS: Final = frozenset(pb.Retention.values())


def memory_violations(request: pb.ScoreContentRequest, *, streamed: bool = False) -> Iterator[Violation]:
    """Of request id, cache control, retention, subject and tags."""
    yield from request_id_violations(request.request_id)
    if request.cache_control not in _CACHE_CONTROLS:
        yield Violation("cache_control", "must be one of the values of `CacheControl`")
    if request.retention not in _RETENTIONS:
        yield Violation("retention", "must be one of the values of `Retention`")
    if request.retention == pb.RETENTION_NOTHING and request.request_id:
        words = "cannot be used with retention NOTHING: a repeat is answered from what was kept"
        yield Violation("request_id", words)
    if streamed and request.request_id:
        yield Violation("request_id", "cannot be used in a stream: what happened is not told a second time")
    if request.subject and not MARK.fullmatch(request.subject):
        yield Violation("subject", f"must be empty or {MARK_WORDS}")
    yield from _tags(request.tags)


def request_id_violations(request_id: str) -> Iterator[Violation]:
    """Of a request id, which may be empty."""
    if request_id and not MARK.fullmatch(request_id):
        yield Violation("request_id", f"must be empty or {MARK_WORDS}")


def _tags(tags: Mapping[str, str]) -> Iterator[Violation]:
    if len(tags) > TAGS:
        yield Violation("tags", f"must be at most {TAGS}")
    if not all(_KEY.fullmatch(key) for key in tags):
        yield Violation("tags", "must have keys of 1 to 64 of the characters a-z 0-9 _ . -")
    if any(len(value.encode()) > TAG_BYTES or "\0" in value for value in tags.values()):
        yield Violation("tags", f"must have values of at most {TAG_BYTES} bytes of UTF-8, without NUL")
