"""Chat completions as the fake vendor speaks them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.vendor_dialects import Asked, Counted, Said, open_object

_KINDS = {
    "rate": ("requests", "rate_limit_exceeded"),
    "quota": ("insufficient_quota", "insufficient_quota"),
    "server": ("server_error", None),
    "overloaded": ("server_error", None),
    "key": ("invalid_request_error", "invalid_api_key"),
    "model": ("invalid_request_error", "model_not_found"),
    "long": ("invalid_request_error", "context_length_exceeded"),
    "filter": ("invalid_request_error", "content_filter"),
    "bad": ("invalid_request_error", None),
}


def key(headers: Mapping[str, str]) -> str:
    return headers.get("api-key", "") or headers.get("Authorization", "").removeprefix("Bearer ")


def read(body: Mapping[str, Any], tail: str) -> Asked:
    format_ = body.get("response_format", {})
    wanted = format_.get("json_schema", {})
    top = body.get("top_logprobs", 0)
    return Asked(
        model=body["model"],
        prompt="\n".join(message["content"] for message in body["messages"]),
        samples=body.get("n", 1),
        top_logprobs=top if body.get("logprobs") else 0,
        schema=wanted.get("schema"),
        objection=_objection(body, wanted),
    )


def _objection(body: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    if wanted and not wanted.get("name"):
        return "Missing required parameter: 'response_format.json_schema.name'."
    if wanted.get("strict") and (found := open_object(wanted["schema"])):
        return f"Invalid schema for response_format: {found}"
    if body.get("top_logprobs") and not body.get("logprobs"):
        return "'top_logprobs' needs 'logprobs'"
    return ""


def reply(said: Sequence[Said], model: str, counted: Counted) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_780_000_000,
        "model": model,
        "choices": [_choice(index, one) for index, one in enumerate(said)],
        "usage": {
            "prompt_tokens": counted.prompt,
            "completion_tokens": counted.output,
            "total_tokens": counted.prompt + counted.output,
            "prompt_tokens_details": {"cached_tokens": counted.cached},
        },
    }


def _choice(index: int, said: Said) -> dict[str, Any]:
    return {
        "index": index,
        "message": {
            "role": "assistant",
            "content": None if said.refused else said.text,
            "refusal": said.text if said.refused else None,
        },
        "logprobs": {"content": [_token(*token) for token in said.tokens], "refusal": None}
        if said.tokens
        else None,
        "finish_reason": "length" if said.cut else "stop",
    }


def _token(token: str, alternatives: Sequence[tuple[str, float]]) -> dict[str, Any]:
    top = [_entry(text, value) for text, value in alternatives]
    return _entry(token, dict(alternatives).get(token, -9999.0)) | {"top_logprobs": top}


def _entry(token: str, value: float) -> dict[str, Any]:
    return {"token": token, "logprob": value, "bytes": list(token.encode())}


def error(status: int, kind: str, message: str) -> dict[str, Any]:
    type_, code = _KINDS[kind]
    return {"error": {"message": message, "type": type_, "param": None, "code": code}}
