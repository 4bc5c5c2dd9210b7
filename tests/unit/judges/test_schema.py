"""Schemas: everything required, nothing further, in the keywords that every vendor knows."""

from collections.abc import Iterator
from typing import Any

import pytest

from moa_scorer.judges.schema import critique_schema, layer_schema, scores_schema

CRITERIA = ("depth", "wit")
KNOWN = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf"}
SCHEMAS = [scores_schema(CRITERIA), critique_schema(CRITERIA), layer_schema(CRITERIA, ("J1", "J2"))]


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    inner += [schema["items"]] if "items" in schema else []
    for part in inner:
        yield from parts(part)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_schemas_are_strict_and_plain(schema: dict[str, Any]) -> None:
    for part in parts(schema):
        assert set(part) - {"maxItems"} <= KNOWN
        if part.get("type") == "object":
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False


def test_only_the_words_of_a_small_model_are_counted() -> None:
    assert critique_schema(CRITERIA)["properties"]["evidence"]["maxItems"] == 2
    assert "maxItems" not in scores_schema(CRITERIA)["properties"]["evidence"]


def test_a_score_is_a_whole_number_of_the_scale_or_null() -> None:
    scores = scores_schema(CRITERIA)["properties"]["scores"]["properties"]
    assert list(scores) == ["depth", "wit"]
    assert scores["wit"]["anyOf"] == [{"type": "integer", "enum": [1, 2, 3, 4, 5]}, {"type": "null"}]


def test_evidence_and_critique_come_before_scores_and_what_is_thought_of_ballots_before_both() -> None:
    assert list(layer_schema(CRITERIA, ("J1",))["properties"]) == [
        "nonce",
        "accepts",
        "rejects",
        "evidence",
        "critique",
        "scores",
    ]
