"""Reads untrusted JSON: what is of another type than wanted is as good as absent."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import from_json

LARGEST_COUNT = 1_000_000_000
"""Token counts above are taken for nonsense."""
LONGEST_NAME = 200
"""Characters kept of a reported model id."""


def to_bytes(body: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8, in the order given."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def json_object(body: bytes) -> Mapping[str, Any] | None:
    """The object that the bytes spell; None for anything else, also for nesting without end."""
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def mapping(value: object) -> Mapping[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects among the members of a list; none for anything else."""
    return (member for member in value if isinstance(member, dict)) if isinstance(value, list) else iter(())


def text(value: object) -> str:
    """The value when it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def count(value: object) -> int:
    """The value when it is a whole number in [0, 10^9], else 0."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= LARGEST_COUNT else 0  # type: ignore[operator,return-value]


def log_probability(value: object) -> float | None:
    """The value when it is a finite number, at most 0; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return min(float(value), 0.0)


def name(value: object) -> str:
    """A reported name: printable characters only, cut at 200."""
    return "".join(character for character in text(value)[:LONGEST_NAME] if character.isprintable())


def likeliest_first(found: Iterable[tuple[object, object]]) -> tuple[tuple[str, float], ...]:
    """Tokens with their log-probabilities, the likeliest first; those without a number left out."""
    known = [
        (text(token), number) for token, value in found if (number := log_probability(value)) is not None
    ]
    return tuple(sorted(known, key=lambda pair: -pair[1]))
