"""Requests, endpoints and answers of which a test names only what it is about."""

import json
from collections.abc import Mapping
from typing import Any

from moa_scorer.providers.model import ModelRequest
from moa_scorer.providers.spec import Capabilities, EndpointSpec, Wire
from moa_scorer.providers.wire import HttpAnswer, HttpCall

ABLE = Capabilities(json_schema=True, json_mode=True, top_logprobs=20, samples=8, seed=True)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "score": {"type": "integer", "minimum": 1, "maximum": 5},
        "evidence": {
            "type": "array",
            "maxItems": 3,
            "items": {"type": "object", "properties": {"quote": {"type": "string"}}, "required": ["quote"]},
        },
    },
    "required": ["score", "evidence"],
}


def endpoint(wire: Wire = Wire.OPENAI, can: Capabilities = ABLE, **further: Any) -> EndpointSpec:
    return EndpointSpec(
        **{"name": "there", "wire": wire, "base_url": "http://there.test", "capabilities": can} | further
    )


def request(**further: Any) -> ModelRequest:
    return ModelRequest(**{"system": "static", "user": "content", "max_tokens": 50} | further)


def body_of(call: HttpCall) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(call.body)
    return body


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status=status, headers=headers or {}, body=raw)
