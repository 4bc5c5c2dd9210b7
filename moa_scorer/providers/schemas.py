"""JSON schemas as vendors want them."""

from collections.abc import Mapping, Set
from typing import Any


def closed(schema: Mapping[str, Any], *, without: Set[str] = frozenset()) -> dict[str, Any]:
    """The schema with no further properties allowed in any object, as strict modes demand.

    `without` names constraints that a vendor refuses; they are left out of every subschema.
    """
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
        return {name: closed(part, without=without) for name, part in value.items()}
    if key in _LISTED and isinstance(value, list | tuple):
        return [closed(part, without=without) for part in value]
    if key in _ONE and isinstance(value, Mapping):
        return closed(value, without=without)
    return value


_NAMED = frozenset({"properties", "$defs", "definitions"})
_LISTED = frozenset({"anyOf", "allOf", "oneOf", "prefixItems"})
_ONE = frozenset({"items", "not"})
