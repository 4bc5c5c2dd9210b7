"""Plain JSON values -> frozen dataclasses, by their annotations; every mistake is listed with its path."""

import math
import sys
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
LARGEST = sys.float_info.max
"""A whole number beyond it, as JSON may hold, is no float."""

PLAIN: Mapping[Any, frozenset[type]] = {
    float: frozenset({float}),
    float | None: frozenset({float, NoneType}),
    int: frozenset({int}),
    str: frozenset({str}),
}
"""Annotation of a list's values -> types that need no conversion."""


class Undecodable(ValueError):
    """The values do not fit; `mistakes` says where and why."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


def decode(kind: type[T], value: Any) -> T:
    """The dataclass in a JSON object. Raises Undecodable. Unknown keys are mistakes."""
    mistakes: list[str] = []
    result = _value(kind, value, "", mistakes)
    if mistakes:
        raise Undecodable(tuple(mistakes))
    built: T = result
    return built


def _value(kind: Any, value: Any, path: str, mistakes: list[str]) -> Any:
    if is_dataclass(kind):
        return _record(kind, value, path, mistakes)
    origin = get_origin(kind)
    if origin is tuple:
        return _sequence(get_args(kind)[0], value, path, mistakes)
    if origin is UnionType:
        inner = next(a for a in get_args(kind) if a is not NoneType)
        return None if value is None else _value(inner, value, path, mistakes)
    if origin is not None:
        return _mapping(get_args(kind)[1], value, path, mistakes)
    return _scalar(kind, value, path, mistakes)


def _record(kind: Any, value: Any, path: str, mistakes: list[str]) -> Any:
    if not isinstance(value, dict):
        return _mistake(mistakes, path, "an object", value)
    known = {f.name: f for f in fields(kind) if f.init}
    hints, before = get_type_hints(kind), len(mistakes)
    mistakes += [f"{_join(path, key)}: unknown key" for key in value if key not in known]
    mistakes += [
        f"{_join(path, n)}: is required" for n, f in known.items() if n not in value and is_required(f)
    ]
    built = {n: _value(hints[n], value[n], _join(path, n), mistakes) for n in known if n in value}
    return kind(**built) if len(mistakes) == before else None


def is_required(declared: "Field[Any]") -> bool:
    """Whether a field of a dataclass has no default."""
    return declared.default is MISSING and declared.default_factory is MISSING


def _sequence(inner: Any, value: Any, path: str, mistakes: list[str]) -> Any:
    if not isinstance(value, list):
        return _mistake(mistakes, path, "a list", value)
    if _plainly(inner, value):
        return tuple(value)
    return tuple(_value(inner, v, f"{path}[{i}]", mistakes) for i, v in enumerate(value))


def _plainly(inner: Any, value: list[Any]) -> bool:
    """Whether a list holds just what it should, told at once: most of a snapshot is long lists."""
    allowed = PLAIN.get(inner)
    if allowed is None or not allowed.issuperset(map(type, value)):
        return False
    return float not in allowed or all(v is None or math.isfinite(v) for v in value)


def _mapping(inner: Any, value: Any, path: str, mistakes: list[str]) -> Any:
    if not isinstance(value, Mapping):
        return _mistake(mistakes, path, "an object", value)
    return {str(k): _value(inner, v, f"{path}[{k!r}]", mistakes) for k, v in value.items()}


def _scalar(kind: Any, value: Any, path: str, mistakes: list[str]) -> Any:
    if kind is float:
        good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
        return float(value) if good else _mistake(mistakes, path, "a finite number", value)
    if issubclass(kind, Enum):
        return _member(kind, value, path, mistakes)
    if kind is bool:
        return value if isinstance(value, bool) else _mistake(mistakes, path, "true or false", value)
    if kind is int:
        good = isinstance(value, int) and not isinstance(value, bool)
        return value if good else _mistake(mistakes, path, "a whole number", value)
    return value if isinstance(value, kind) else _mistake(mistakes, path, "a text", value)


def _member(kind: type[Enum], value: Any, path: str, mistakes: list[str]) -> Any:
    known = [member.value for member in kind]
    return kind(value) if value in known else _mistake(mistakes, path, f"one of {', '.join(known)}", value)


def _mistake(mistakes: list[str], path: str, wanted: str, value: Any) -> None:
    shown = repr(value)
    mistakes.append(
        f"{path or 'the file'}: expected {wanted}, found {shown[:40]}{'…' if len(shown) > 40 else ''}"
    )


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
