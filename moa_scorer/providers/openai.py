"""Chat completions as of OpenAI, as many others speak them too.

Source: the types of the official SDK, `openai.types.chat` (3.54), and the API reference,
https://platform.openai.com/docs/api-reference/chat.
"""

from collections.abc import Mapping
from typing import Any, Final

from moa_scorer.domain.money import Usage
from moa_scorer.providers.error_bodies import failure_of
from moa_scorer.providers.failures import Failed, malformed
from moa_scorer.providers.fields import (
    count,
    json_object,
    likeliest_first,
    mapping,
    mappings,
    name,
    text,
    to_bytes,
)
from moa_scorer.providers.model import Finish, ModelReply, ModelRequest, Sample, Token
from moa_scorer.providers.schemas import closed
from moa_scorer.providers.spec import Capabilities, EndpointSpec
from moa_scorer.providers.wire import HttpAnswer, HttpCall, at_once, constrained, seed_of

SCHEMA_NAME: Final = "judgment"
_FINISHES: Final[Mapping[str, Finish]] = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "length": Finish.LENGTH,
    "content_filter": Finish.REFUSED,
}


def encode(request: ModelRequest, model: str, spec: EndpointSpec) -> HttpCall:
    """As in `WireFormat`. The static system message comes first: prompt caches match prefixes."""
    can = spec.capabilities
    body: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": "system", "content": request.system},
            {"role": "user", "content": request.user},
        ],
        "max_completion_tokens" if can.max_completion_tokens else "max_tokens": request.max_tokens,
    }
    if can.temperature:
        body["temperature"] = request.temperature
    if (samples := at_once(request, spec)) > 1:
        body["n"] = samples
    if can.seed and request.seed is not None:
        body["seed"] = seed_of(request.seed)
    if (alternatives := min(request.top_logprobs, can.top_logprobs)) > 0:
        body |= {"logprobs": True, "top_logprobs": alternatives}
    return HttpCall(path="/chat/completions", body=to_bytes(body | _format(request, can)))


def decode(answer: HttpAnswer, request: ModelRequest, spec: EndpointSpec) -> ModelReply | Failed:
    """As in `WireFormat`."""
    if answer.status != 200:
        return failure_of(answer, spec)
    body = json_object(answer.body)
    if body is None:
        return malformed("no JSON object")
    if "choices" not in body and "error" in body:  # OpenRouter reports upstream errors under status 200
        return failure_of(answer, spec)
    choices = tuple(_sample(choice) for choice in mappings(body.get("choices")))
    if not choices:
        return malformed("no choices")
    return ModelReply(
        samples=choices[: at_once(request, spec)],
        model=name(body.get("model")),
        usage=_usage(mapping(body.get("usage"))),
        constrained=constrained(request, spec),
    )


def _format(request: ModelRequest, can: Capabilities) -> dict[str, Any]:
    """What enforces the reply's form, as far as the endpoint can."""
    if request.schema is None or not (can.json_schema or can.json_mode):
        return {}
    if not can.json_schema:
        return {"response_format": {"type": "json_object"}}
    schema = {"name": SCHEMA_NAME, "strict": True, "schema": closed(request.schema)}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _sample(choice: Mapping[str, Any]) -> Sample:
    message = mapping(choice.get("message"))
    refusal = text(message.get("refusal"))
    return Sample(
        text=refusal or _content(message.get("content")),
        finish=Finish.REFUSED if refusal else _FINISHES.get(text(choice.get("finish_reason")), Finish.OTHER),
        tokens=() if refusal else _tokens(mapping(choice.get("logprobs"))),
    )


def _content(value: object) -> str:
    """A message's text, which some servers send in parts; reasoning among the parts is not the reply."""
    if isinstance(value, list):
        return "".join(text(part.get("text")) for part in mappings(value) if part.get("type") == "text")
    return text(value)


def _tokens(logprobs: Mapping[str, Any]) -> tuple[Token, ...]:
    return tuple(
        Token(text=text(entry.get("token")), alternatives=_alternatives(entry))
        for entry in mappings(logprobs.get("content"))
    )


def _alternatives(entry: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    """The likeliest tokens; the chosen one alone where the server names no others."""
    others = list(mappings(entry.get("top_logprobs"))) or [entry]
    return likeliest_first(others, "token", "logprob")


def _usage(usage: Mapping[str, Any]) -> Usage:
    details = mapping(usage.get("prompt_tokens_details"))
    return Usage(
        calls=1,
        input_tokens=count(usage.get("prompt_tokens")),
        cached_tokens=count(details.get("cached_tokens")),
        output_tokens=count(usage.get("completion_tokens")),
    )
