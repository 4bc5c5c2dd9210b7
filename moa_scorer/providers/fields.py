"""Reads untrusted JSON: what is of another type than wanted is as good as absent."""

import json
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

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


def name(value: object) -> str:
    """A reported name: printable characters only, cut at 200."""
    return "".join(character for character in text(value)[:LONGEST_NAME] if character.isprintable())


def likeliest_first(
    entries: Iterable[Mapping[str, Any]], word: str, number: str
) -> tuple[tuple[str, float], ...]:
    """Tokens with their log-probabilities, at most 0, the likeliest first; those without either left out.

    `word` and `number` name the fields. Written for speed: a long reply has ten thousand entries.
    """
    known = [
        (token, float(min(value, 0.0)))
        for entry in entries
        if type(value := entry.get(number, 1)) in _NUMBERS
        and _LEAST < value <= _ROUNDING
        and isinstance(token := entry.get(word), str)
    ]
    known.sort(key=_number, reverse=True)
    return tuple(known)


_number: Final = itemgetter(1)
_NUMBERS: Final = (float, int)
_LEAST: Final = -1e6
"""Beyond any meaning: servers that know no number send -9999, which stays."""
_ROUNDING: Final = 1e-3
"""How far above 0 a log-probability may lie by rounding; beyond, it is none."""
