"""The committed schemas are those of the code, every snapshot keeps them, and what is none does not."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moa_scorer.aggregation.schemas import portable_schema, snapshot_schema
from moa_scorer.calibration.snapshot import Snapshot, document
from tests.fakes.own import own_snapshot, own_table

SHIPPED = Path(__file__).parents[3] / "deploy" / "snapshots"
SCHEMAS = {"snapshot": snapshot_schema, "portable": portable_schema}
OF_A_SNAPSHOT = jsonschema.Draft202012Validator(snapshot_schema())


@pytest.mark.parametrize("layout", SCHEMAS)
def test_the_committed_schema_is_that_of_the_code(layout: str) -> None:
    committed = json.loads((SHIPPED / f"{layout}.schema.json").read_text(encoding="utf-8"))

    assert committed == SCHEMAS[layout](), "run `make vectors` and commit the schemas"


@pytest.mark.parametrize("layout", SCHEMAS)
def test_a_schema_is_one_and_describes_what_it_holds(layout: str) -> None:
    schema = SCHEMAS[layout]()
    jsonschema.Draft202012Validator.check_schema(schema)
    objects = [schema, *schema["$defs"].values()]
    described = [("description" in p) for o in objects for p in o["properties"].values() if "$ref" not in p]

    assert all(o["description"] for o in objects)
    assert sum(described) >= 0.7 * len(described)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.json.gz")), ids=lambda path: path.name)
def test_every_shipped_snapshot_keeps_the_schema(path: Path) -> None:
    plain = json.loads(gzip.decompress(path.read_bytes()))
    plain["rows"] = {**plain["rows"], "values": plain["rows"]["values"][:50]}  # the rest is alike, and slow

    assert list(OF_A_SNAPSHOT.iter_errors(plain)) == []


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = {bool: st.booleans(), int: st.integers(-9, 9), float: FLOATS, str: st.text(max_size=3)}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value with this annotation, whatever it means."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return st.builds(kind, **{f.name: values(hints[f.name]) for f in fields(kind) if f.init})
    if origin is UnionType:
        return st.none() | values(next(a for a in inner if a is not NoneType))
    if origin is tuple:
        return st.lists(values(inner[0]), max_size=2).map(tuple)
    if origin is not None:
        return st.dictionaries(st.text(max_size=3), values(inner[1]), max_size=2)
    return st.sampled_from(list(kind)) if issubclass(kind, Enum) else SCALARS[kind]


def written(snapshot: Snapshot) -> dict[str, Any]:
    """As the file holds it."""
    plain: dict[str, Any] = json.loads(json.dumps({**document(snapshot), "digest": snapshot.digest}))
    return plain


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(values(Snapshot))
def test_whatever_a_snapshot_may_hold_keeps_the_schema(snapshot: Snapshot) -> None:
    assert list(OF_A_SNAPSHOT.iter_errors(written(snapshot))) == []


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda plain: plain.pop(name)


def put(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda plain: plain.update({name: value})


REQUIRED = [f.name for f in fields(Snapshot) if f.default is MISSING and f.default_factory is MISSING]


@pytest.mark.parametrize(
    "change",
    [
        *map(drop, ("format", "digest", *REQUIRED)),
        put("format", 99),
        put("digest", "sha256:short"),
        put("colour", "red"),
        put("items", 1.5),
        put("items", True),
        put("kinds", "essay"),
        put("noise", "loud"),
        put("weights", {"clarity": None}),
    ],
)
def test_what_is_no_snapshot_breaks_the_schema(change: Callable[[dict[str, Any]], None]) -> None:
    plain = written(SMALL)
    change(plain)

    assert not OF_A_SNAPSHOT.is_valid(plain)


SMALL: Snapshot = own_snapshot(own_table(items=30))


def test_a_fitted_snapshot_keeps_the_schema() -> None:
    plain: Mapping[str, Any] = written(SMALL)

    assert list(OF_A_SNAPSHOT.iter_errors(plain)) == []
