from typing import Any

import pytest

from moa_scorer.domain.money import Usage
from moa_scorer.providers import anthropic
from moa_scorer.providers.failures import Failed, Retry
from moa_scorer.providers.model import Finish, ModelReply, Sample
from moa_scorer.providers.spec import Capabilities, Wire
from tests.unit.providers.exchanges import SCHEMA, answer, body_of, endpoint, request

SPEC = endpoint(Wire.ANTHROPIC, Capabilities(json_schema=True, cache_control=True, temperature=False))
MESSAGE: dict[str, Any] = {
    "type": "message",
    "model": "m-2026",
    "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "four"}],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 3,
        "cache_read_input_tokens": 10,
        "cache_creation_input_tokens": 5,
        "output_tokens": 2,
    },
}


def test_the_static_part_is_marked_for_the_cache() -> None:
    body = body_of(anthropic.encode(request(), "m", SPEC))
    assert body["system"] == [{"type": "text", "text": "static", "cache_control": {"type": "ephemeral"}}]
    assert body["messages"] == [{"role": "user", "content": "content"}]
    assert "temperature" not in body


def test_constraints_that_the_api_refuses_are_left_out_of_the_schema() -> None:
    body = body_of(anthropic.encode(request(schema=SCHEMA), "m", SPEC))
    schema = body["output_config"]["format"]["schema"]
    assert schema["properties"]["score"] == {"type": "integer"}
    assert "maxItems" not in schema["properties"]["evidence"]
    assert schema["properties"]["evidence"]["items"]["additionalProperties"] is False


def test_a_temperature_is_sent_where_it_is_taken_and_never_above_one() -> None:
    spec = endpoint(Wire.ANTHROPIC, Capabilities())
    assert body_of(anthropic.encode(request(temperature=1.7), "m", spec))["temperature"] == 1.0


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("https://api.anthropic.com", "/v1/messages"),
        ("https://api.anthropic.com/v1", "/messages"),
        ("https://gateway.test/anthropic/v1/more", "/messages"),
    ],
)
def test_the_version_is_added_unless_the_base_url_names_one(base_url: str, path: str) -> None:
    spec = endpoint(Wire.ANTHROPIC, base_url=base_url)
    assert anthropic.encode(request(), "m", spec).path == path


def test_a_whole_reply_is_read_without_its_thoughts() -> None:
    assert anthropic.decode(answer(MESSAGE), request(), SPEC) == ModelReply(
        samples=(Sample(text="four"),),
        model="m-2026",
        usage=Usage(calls=1, input_tokens=18, cached_tokens=10, output_tokens=2),
        constrained=False,
    )


@pytest.mark.parametrize(
    ("stop_reason", "finish"),
    [
        ("max_tokens", Finish.LENGTH),
        ("model_context_window_exceeded", Finish.LENGTH),
        ("refusal", Finish.REFUSED),
        ("pause_turn", Finish.OTHER),
    ],
)
def test_the_vendors_stop_reason_becomes_our_finish(stop_reason: str, finish: Finish) -> None:
    reply = anthropic.decode(answer(MESSAGE | {"stop_reason": stop_reason}), request(), SPEC)
    assert isinstance(reply, ModelReply)
    assert reply.samples[0].finish is finish


@pytest.mark.parametrize("body", [b"", b"[]", {"type": "error"}, {"type": "message", "content": "four"}])
def test_what_is_not_of_the_form_is_worth_another_try(body: object) -> None:
    failure = anthropic.decode(answer(body), request(), SPEC)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.TRANSIENT
