"""generateContent as of Google, in the Gemini API and in Vertex AI.

Source: the types of the official SDK, `google.genai.types` (3.4), and
https://ai.google.dev/api/generate-content.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

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
from moa_scorer.providers.spec import EndpointSpec
from moa_scorer.providers.wire import HttpAnswer, HttpCall, at_once, constrained, seed_of, versioned

_FINISHES: Final[Mapping[str, Finish]] = {
    "STOP": Finish.STOP,
    "MAX_TOKENS": Finish.LENGTH,
    "SAFETY": Finish.REFUSED,
    "RECITATION": Finish.REFUSED,
    "BLOCKLIST": Finish.REFUSED,
    "PROHIBITED_CONTENT": Finish.REFUSED,
    "SPII": Finish.REFUSED,
    "ESCALATION": Finish.REFUSED,
    "MODEL_ARMOR": Finish.REFUSED,
}


def encode(request: ModelRequest, model: str, spec: EndpointSpec) -> HttpCall:
    """As in `WireFormat`."""
    body = {
        "systemInstruction": {"parts": [{"text": request.system}]},
        "contents": [{"role": "user", "parts": [{"text": request.user}]}],
        "generationConfig": _config(request, spec),
    }
    path = f"/models/{quote(model.removeprefix('models/'), safe='')}:generateContent"
    return HttpCall(path=versioned(path, "v1beta", spec), body=to_bytes(body))


def decode(answer: HttpAnswer, request: ModelRequest, spec: EndpointSpec) -> ModelReply | Failed:
    """As in `WireFormat`. A prompt that was blocked is one refused sample."""
    if answer.status != 200:
        return failure_of(answer, spec)
    body = json_object(answer.body)
    if body is None:
        return malformed("no JSON object")
    samples = tuple(_sample(candidate) for candidate in mappings(body.get("candidates")))
    if not samples and mapping(body.get("promptFeedback")).get("blockReason"):
        samples = (Sample(text="", finish=Finish.REFUSED),)
    if not samples:
        return malformed("no candidates")
    return ModelReply(
        samples=samples[: at_once(request, spec)],
        model=name(body.get("modelVersion")),
        usage=_usage(mapping(body.get("usageMetadata"))),
        constrained=constrained(request, spec),
    )


def _config(request: ModelRequest, spec: EndpointSpec) -> dict[str, Any]:
    can = spec.capabilities
    config: dict[str, Any] = {"maxOutputTokens": request.max_tokens}
    if can.temperature:
        config["temperature"] = request.temperature
    if (samples := at_once(request, spec)) > 1:
        config["candidateCount"] = samples
    if can.seed and request.seed is not None:
        config["seed"] = seed_of(request.seed)
    if (alternatives := min(request.top_logprobs, can.top_logprobs)) > 0:
        config |= {"responseLogprobs": True, "logprobs": alternatives}
    if request.schema is not None and (can.json_schema or can.json_mode):
        config["responseMimeType"] = "application/json"
    if request.schema is not None and can.json_schema:
        config["responseJsonSchema"] = closed(request.schema)
    return config


def _sample(candidate: Mapping[str, Any]) -> Sample:
    """The text parts; thoughts among them are not the reply."""
    parts = mappings(mapping(candidate.get("content")).get("parts"))
    return Sample(
        text="".join(text(part.get("text")) for part in parts if part.get("thought") is not True),
        finish=_FINISHES.get(text(candidate.get("finishReason")), Finish.OTHER),
        tokens=_tokens(mapping(candidate.get("logprobsResult"))),
    )


def _tokens(result: Mapping[str, Any]) -> tuple[Token, ...]:
    """Chosen tokens and their alternatives stand in two lists, side by side."""
    chosen = mappings(result.get("chosenCandidates"))
    tops = mappings(result.get("topCandidates"))
    return tuple(
        Token(text=text(token.get("token")), alternatives=_alternatives(token, next(tops, {})))
        for token in chosen
    )


def _alternatives(token: Mapping[str, Any], top: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    """The likeliest tokens; the chosen one alone where no others are named."""
    others = list(mappings(top.get("candidates"))) or [token]
    return likeliest_first(others, "token", "logProbability")


def _usage(usage: Mapping[str, Any]) -> Usage:
    """Thoughts are billed as output."""
    return Usage(
        calls=1,
        input_tokens=count(usage.get("promptTokenCount")),
        cached_tokens=count(usage.get("cachedContentTokenCount")),
        output_tokens=count(usage.get("candidatesTokenCount")) + count(usage.get("thoughtsTokenCount")),
    )
