import copy

from moa_scorer.providers.schemas import SharedSchema, as_text, closed
from tests.unit.providers.exchanges import SCHEMA


def test_every_object_is_closed_and_the_given_schema_stays_as_it_was() -> None:
    before = copy.deepcopy(SCHEMA)
    result = closed(SCHEMA)
    assert result["additionalProperties"] is False
    assert result["properties"]["evidence"]["items"]["additionalProperties"] is False
    assert before == SCHEMA


def test_objects_under_choices_and_definitions_are_closed_too() -> None:
    schema = {
        "anyOf": [{"type": "object"}, {"type": "null"}],
        "$defs": {"part": {"type": "object"}},
        "additionalProperties": True,
    }
    result = closed(schema)
    assert result["anyOf"][0] == {"type": "object", "additionalProperties": False}
    assert result["$defs"]["part"] == {"type": "object", "additionalProperties": False}


def test_a_property_may_be_called_like_a_constraint() -> None:
    schema = {"type": "object", "properties": {"minimum": {"type": "integer", "minimum": 1}}}
    assert closed(schema, without={"minimum"})["properties"] == {"minimum": {"type": "integer"}}


def test_values_of_enumerations_are_left_alone() -> None:
    schema = {"enum": ["properties", {"type": "object"}], "const": {"minimum": 1}}
    assert closed(schema, without={"minimum"}) == schema


def test_what_is_made_of_a_shared_schema_is_what_is_made_of_any() -> None:
    shared = SharedSchema(SCHEMA)
    for without in (frozenset[str](), frozenset({"enum", "minimum"})):
        assert closed(shared, without=without) == closed(SCHEMA, without=without)
        assert closed(shared, without=without) is closed(shared, without=without)
    assert as_text(shared) == as_text(SCHEMA)
