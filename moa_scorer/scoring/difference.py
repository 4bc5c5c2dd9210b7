"""The first place where two values differ, as a path that can be read in the record."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass, replace
from enum import Enum
from itertools import zip_longest
from typing import Any, Final

LONGEST: Final = 200
"""Characters of a value in words."""
PLAIN: Final = frozenset({float, int, str, bool, type(None)})


class _Absent:
    """Stands where one side has nothing."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field with two values."""

    path: str
    """Such as `verdict.outcome.overall.score` or `verdict.outcome.criteria[1].interval.lower`."""
    stored: str
    """The value in the record; numbers to the last bit, texts cut to 200 characters."""
    recomputed: str


def first_difference(stored: Any, recomputed: Any) -> Difference | None:
    """The first field, in the order of the record's fields, that is not the same to the last bit."""
    found = _first(stored, recomputed)
    return None if found is None else replace(found, path=found.path.removeprefix("."))


def words_of(value: Any) -> str:
    """A value in words, at most 200 characters."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__
    text = value.value if isinstance(value, Enum) else repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _first(stored: Any, recomputed: Any) -> Difference | None:
    """The same, its path beginning with a dot or a bracket."""
    if stored is recomputed:
        return None
    if type(stored) not in PLAIN and _is_whole(stored, recomputed):
        for old, new, place in _parts(stored, recomputed):
            if (found := _first(old, new)) is not None:
                return replace(found, path=f"{place}{found.path}")
        return None
    if _same(stored, recomputed):
        return None
    return Difference(path="", stored=words_of(stored), recomputed=words_of(recomputed))


def _parts(stored: Any, recomputed: Any) -> Iterator[tuple[Any, Any, str]]:
    """What is inside both, side by side, each with its place."""
    if isinstance(stored, Mapping):
        for key in dict.fromkeys([*stored, *recomputed]):
            yield stored.get(key, ABSENT), recomputed.get(key, ABSENT), f"[{key!r}]"
    elif isinstance(stored, list | tuple):
        for k, (old, new) in enumerate(zip_longest(stored, recomputed, fillvalue=ABSENT)):
            yield old, new, f"[{k}]"
    else:
        for name in stored.__dataclass_fields__:  # faster than `fields`
            yield getattr(stored, name), getattr(recomputed, name), f".{name}"


def _is_whole(stored: Any, recomputed: Any) -> bool:
    """Whether both are made of parts that can be compared one by one."""
    if isinstance(stored, Mapping):
        return isinstance(recomputed, Mapping)
    if isinstance(stored, list | tuple):
        return isinstance(recomputed, list | tuple)
    return is_dataclass(stored) and type(stored) is type(recomputed)


def _same(stored: Any, recomputed: Any) -> bool:
    """Equal to the last bit: 0.0 is not -0.0, and a number is not a word."""
    if isinstance(stored, float) and isinstance(recomputed, float):
        return stored == recomputed and math.copysign(1.0, stored) == math.copysign(1.0, recomputed)
    return type(stored) is type(recomputed) and bool(stored == recomputed)
