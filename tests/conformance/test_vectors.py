"""The committed vectors are what `reconcile` says, and what it says by the portable snapshots beside them."""

import gzip
import json
from typing import Any

import jsonschema
import pytest

from moa_scorer.aggregation.portable import document, portable
from moa_scorer.aggregation.schemas import portable_schema
from tests.conformance.make import HERE, expected, request, settings

AGAIN = "the fit or a shipped snapshot has changed: run `make vectors` and commit the files"
WITHIN = 1e-6
"""Weights are solved for anew here: their last digits depend on the processor and its threads."""
SETTINGS = settings()


def vectors(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{name}.vectors.json").read_text())
    return found


def exported(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((HERE / f"{name}.portable.json.gz").read_bytes()))
    return found


def close(one: Any, other: Any, within: float) -> bool:
    """Whether two JSON values are the same but for the last bits of their numbers."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[k], other[k], within) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(lambda a, b: close(a, b, within), one, other))
    if isinstance(one, float) and isinstance(other, float | int):
        return abs(one - other) <= within
    return bool(one == other)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_case_is_what_reconcile_says(name: str) -> None:
    setting, cases = SETTINGS[name]
    made = [{"name": c.name, "request": request(c), "expected": expected(setting, c)} for c in cases]

    given = vectors(name)["cases"]
    assert [c["name"] for c in given] == [c["name"] for c in made], AGAIN
    for one, other in zip(given, json.loads(json.dumps(made)), strict=True):
        assert close(one, other, WITHIN), f"{one['name']}: {AGAIN}"


@pytest.mark.parametrize("name", SETTINGS)
def test_the_portable_file_is_what_the_snapshot_exports(name: str) -> None:
    setting, _ = SETTINGS[name]
    given = exported(name)
    given["masks"] = given["masks"][:2]  # the others are made alike
    masks = [tuple(fit["columns"]) for fit in given["masks"]]
    made = document(portable(setting.snapshot, masks, rubric=setting.rubric, panel=setting.panel))

    assert given["digest"] == setting.snapshot.digest, AGAIN
    assert close(given, json.loads(json.dumps(made)), 100 * WITHIN), AGAIN


@pytest.mark.parametrize("name", SETTINGS)
def test_the_portable_file_keeps_its_schema(name: str) -> None:
    jsonschema.Draft202012Validator(portable_schema()).validate(exported(name))


def test_the_cases_tell_apart_what_the_recipe_tells_apart() -> None:
    found = [case["expected"] for name in SETTINGS for case in vectors(name)["cases"]]

    assert {e.get("unscored") for e in found} >= {"quorum_missed", "budget_exhausted", "cost_ceiling"}
    assert {e.get("certificate") for e in found} >= {"valid", "out_of_domain", "out_of_support"}
    assert any(e.get("unknown_mask") for e in found)
    assert any(None in e["heads"].values() for e in found if "heads" in e)
