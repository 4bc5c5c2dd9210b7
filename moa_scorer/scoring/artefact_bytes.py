"""Snapshots and reference quantiles as the bytes that are kept of them: same value, same bytes."""

import gzip
import json
import zlib
from typing import Any, Final, TypeVar

from moa_scorer.calibration.decode import decode
from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.reference import document as reference_document
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.snapshot import document as snapshot_document

SNAPSHOT: Final = "snapshot"
REFERENCE: Final = "reference"

T = TypeVar("T", Snapshot, Reference)


class Unreadable(Exception):
    """The bytes are not those of the artefact of that digest."""


def snapshot_bytes(snapshot: Snapshot) -> bytes:
    """The snapshot, compressed without a time."""
    return _bytes(snapshot_document(snapshot))


def reference_bytes(reference: Reference) -> bytes:
    """The reference quantiles, compressed without a time."""
    return _bytes(reference_document(reference))


def snapshot_of(content: bytes, digest: str) -> Snapshot:
    """The snapshot of that digest; raises Unreadable."""
    return _checked(_value(Snapshot, content), digest)


def reference_of(content: bytes, digest: str) -> Reference:
    """The reference quantiles of that digest; raises Unreadable."""
    return _checked(_value(Reference, content), digest)


def _bytes(plain: dict[str, Any]) -> bytes:
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return gzip.compress(text.encode(), 6, mtime=0)


def _value(kind: type[T], content: bytes) -> T:
    try:
        plain = json.loads(gzip.decompress(content))
        return decode(kind, {key: value for key, value in plain.items() if key != "format"})
    except (OSError, EOFError, zlib.error, ValueError, AttributeError, RecursionError) as error:
        raise Unreadable(str(error)) from None


def _checked(value: T, digest: str) -> T:
    if value.digest != digest:
        raise Unreadable(f"the content has another digest, {value.digest}")
    return value
