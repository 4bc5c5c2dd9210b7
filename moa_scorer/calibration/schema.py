"""JSON Schema of a dataclass: types from its annotations, descriptions from the sentence under each field."""

import ast
import inspect
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from textwrap import dedent
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

import numpy as np

from moa_scorer.calibration.decode import is_required

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
NUMBERS: Final = {
    "type": "array",
    "items": {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]},
}
"""An array of one axis or two."""
NOTHING: Final[Mapping[type, Set[str]]] = {}


def schema_of(
    kind: type,
    *,
    title: str,
    description: str,
    header: Mapping[str, Any] | None = None,
    left_out: Mapping[type, Set[str]] = NOTHING,
    nullable: Mapping[type, Set[str]] = NOTHING,
) -> dict[str, Any]:
    """The schema of a JSON object that holds such a dataclass, unknown keys being mistakes.

    `header` are properties of the file that are no fields, all required. Fields that are `left_out` are not
    in the file, `nullable` ones may be null there. Every dataclass within gets a definition of its own.
    """
    form = _Form(left_out=left_out, nullable=nullable)
    found, top = form.record(kind), dict(header or {})
    return {
        "$schema": DIALECT,
        "title": title,
        "description": description,
        **found,
        "properties": {**top, **found["properties"]},
        "required": [*top, *found["required"]],
        "$defs": dict(sorted(form.parts.items())),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How dataclasses stand in the file."""

    left_out: Mapping[type, Set[str]]
    nullable: Mapping[type, Set[str]]
    parts: dict[str, Any] = field(default_factory=dict)
    """Definitions so far, by the name of their class."""

    def record(self, kind: type) -> dict[str, Any]:
        """The schema of an object with the fields of a dataclass."""
        hints, said = get_type_hints(kind), sentences(kind)
        own = [f for f in fields(kind) if f.init and f.name not in self.left_out.get(kind, ())]
        properties = {}
        for each in own:
            plain = self.value(hints[each.name])
            if each.name in self.nullable.get(kind, ()):
                plain = _or_null(plain)
            words = {"description": said[each.name]} if each.name in said else {}
            properties[each.name] = words | plain
        return {
            "type": "object",
            "properties": properties,
            "required": [f.name for f in own if is_required(f)],
            "additionalProperties": False,
        }

    def value(self, kind: Any) -> dict[str, Any]:
        """The schema of a value with this annotation."""
        origin, inner = get_origin(kind), get_args(kind)
        if is_dataclass(kind) and isinstance(kind, type):
            return self._reference(kind)
        if origin is UnionType:
            return _or_null(self.value(next(a for a in inner if a is not NoneType)))
        if origin is np.ndarray:
            return NUMBERS
        if origin is tuple:
            return {"type": "array", "items": self.value(inner[0])}
        if origin is not None:
            return {"type": "object", "additionalProperties": self.value(inner[1])}
        return _scalar(kind)

    def _reference(self, kind: type) -> dict[str, Any]:
        if kind.__name__ not in self.parts:
            self.parts[kind.__name__] = {}
            about = " ".join((kind.__doc__ or "").split())
            self.parts[kind.__name__] = {"description": about, **self.record(kind)}
        return {"$ref": f"#/$defs/{kind.__name__}"}


def _scalar(kind: type) -> dict[str, Any]:
    if issubclass(kind, Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    return {"type": {bool: "boolean", int: "integer", float: "number", str: "string"}[kind]}


def _or_null(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [dict(plain), {"type": "null"}]}


def sentences(kind: type) -> dict[str, str]:
    """Field -> the sentence under it in the source."""
    (definition,) = ast.parse(dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef), "the source of a class is a class"
    found = {}
    for above, below in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(above, ast.AnnAssign) and isinstance(above.target, ast.Name):
            words = _literal(below)
            if words:
                found[above.target.id] = " ".join(words.split())
    return found


def _literal(node: ast.stmt) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""
