"""JSON schemas as vendors want them."""

import json
from collections.abc import Mapping, Set
from functools import lru_cache
from typing import Any


class SharedSchema(dict[str, Any]):
    """A schema that many requests share and nobody changes: what is made of it is remembered by identity."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def closed(schema: Mapping[str, Any], *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The schema with no further properties allowed in any object, as strict modes demand.

    `without` names constraints that a vendor refuses; they are left out of every subschema.
    """
    return _closed_once(schema, without) if isinstance(schema, SharedSchema) else _closed(schema, without)


def as_text(schema: Mapping[str, Any]) -> str:
    """The schema as JSON, for counting tokens."""
    return _text_once(schema) if isinstance(schema, SharedSchema) else json.dumps(schema)


def _closed(schema: Mapping[str, Any], without: Set[str]) -> dict[str, Any]:
    result = {
        key: _within(key, value, without)
        for key, value in schema.items()
        if not (key in without and not isinstance(value, Mapping))
    }
    if schema.get("type") == "object":
        result["additionalProperties"] = False
    return result


def _within(key: str, value: Any, without: Set[str]) -> Any:
    """A keyword's value with every subschema in it closed."""
    if key in _NAMED and isinstance(value, Mapping):
        return {name: _closed(part, without) for name, part in value.items()}
    if key in _LISTED and isinstance(value, list | tuple):
        return [_closed(part, without) for part in value]
    if key in _ONE and isinstance(value, Mapping):
        return _closed(value, without)
    return value


_NAMED = frozenset({"properties", "$defs", "definitions"})
_LISTED = frozenset({"anyOf", "allOf", "oneOf", "prefixItems"})
_ONE = frozenset({"items", "not"})


_closed_once = lru_cache(maxsize=256)(_closed)
_text_once = lru_cache(maxsize=256)(json.dumps)
