"""Messages as of Anthropic.

Source: the types of the official SDK, `anthropic.types` (2.12), and
https://platform.claude.com/docs/en/build-with-claude/structured-outputs.
"""

from collections.abc import Mapping
from typing import Any, Final

from moa_scorer.domain.money import Usage
from moa_scorer.providers.error_bodies import failure_of
from moa_scorer.providers.failures import Failed, malformed
from moa_scorer.providers.fields import count, json_object, mapping, mappings, name, text, to_bytes
from moa_scorer.providers.model import Finish, ModelReply, ModelRequest, Sample
from moa_scorer.providers.schemas import closed
from moa_scorer.providers.spec import EndpointSpec
from moa_scorer.providers.wire import HttpAnswer, HttpCall, constrained, versioned

VERSION: Final = "2023-06-01"
"""Of the API; sent with every call."""
UNSUPPORTED: Final = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    | {"minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "pattern"}
)
"""Constraints for which the API answers 400; the parser checks them anyway."""
_FINISHES: Final[Mapping[str, Finish]] = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "refusal": Finish.REFUSED,
}


def encode(request: ModelRequest, model: str, spec: EndpointSpec) -> HttpCall:
    """As in `WireFormat`. The API gives one sample a call, no seeds and no log-probabilities."""
    can = spec.capabilities
    system: dict[str, Any] = {"type": "text", "text": request.system}
    if can.cache_control:
        system["cache_control"] = {"type": "ephemeral"}
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "system": [system],
        "messages": [{"role": "user", "content": request.user}],
    }
    if can.temperature:
        body["temperature"] = min(request.temperature, 1.0)
    if request.schema is not None and can.json_schema:
        schema = closed(request.schema, without=UNSUPPORTED)
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return HttpCall(
        path=versioned("/messages", "v1", spec),
        body=to_bytes(body),
        headers=(("anthropic-version", VERSION),),
    )


def decode(answer: HttpAnswer, request: ModelRequest, spec: EndpointSpec) -> ModelReply | Failed:
    """As in `WireFormat`."""
    if answer.status != 200:
        return failure_of(answer, spec)
    body = json_object(answer.body)
    if body is None:
        return malformed("no JSON object")
    if body.get("type") != "message" or not isinstance(body.get("content"), list):
        return malformed("no message")
    return ModelReply(
        samples=(_sample(body),),
        model=name(body.get("model")),
        usage=_usage(mapping(body.get("usage"))),
        constrained=constrained(request, spec),
    )


def _sample(body: Mapping[str, Any]) -> Sample:
    """The text blocks; blocks of thinking are not the reply."""
    blocks = (block for block in mappings(body.get("content")) if block.get("type") == "text")
    return Sample(
        text="".join(text(block.get("text")) for block in blocks),
        finish=_FINISHES.get(text(body.get("stop_reason")), Finish.OTHER),
    )


def _usage(usage: Mapping[str, Any]) -> Usage:
    """Here `input_tokens` counts only what was neither read from nor written to the cache."""
    cached = count(usage.get("cache_read_input_tokens"))
    written = count(usage.get("cache_creation_input_tokens"))
    return Usage(
        calls=1,
        input_tokens=count(usage.get("input_tokens")) + cached + written,
        cached_tokens=cached,
        output_tokens=count(usage.get("output_tokens")),
    )
