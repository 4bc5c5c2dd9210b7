"""Messages as the fake vendor speaks them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.vendor_dialects import Asked, Counted, Said, open_object

_KINDS = {
    "rate": "rate_limit_error",
    "quota": "billing_error",
    "server": "api_error",
    "overloaded": "overloaded_error",
    "key": "authentication_error",
    "model": "not_found_error",
    "long": "invalid_request_error",
    "filter": "invalid_request_error",
    "bad": "invalid_request_error",
}
_REFUSED_KEYWORDS = {"minimum", "maximum", "minLength", "maxLength", "maxItems", "pattern"}


def key(headers: Mapping[str, str]) -> str:
    return headers.get("x-api-key", "") or headers.get("Authorization", "").removeprefix("Bearer ")


def read(body: Mapping[str, Any], tail: str) -> Asked:
    system = body.get("system", "")
    static = system if isinstance(system, str) else "".join(block["text"] for block in system)
    schema = ((body.get("output_config") or {}).get("format") or {}).get("schema")
    return Asked(
        model=body["model"],
        prompt="\n".join([static, *(_content(message["content"]) for message in body["messages"])]),
        schema=schema,
        objection=_objection(body, schema),
    )


def _content(content: str | Sequence[Mapping[str, Any]]) -> str:
    return content if isinstance(content, str) else "".join(block["text"] for block in content)


def _objection(body: Mapping[str, Any], schema: Mapping[str, Any] | None) -> str:
    if "max_tokens" not in body:
        return "max_tokens: Field required"
    if schema is not None and (found := open_object(schema) or _refused_keyword(schema)):
        return f"output_config.format.schema: {found}"
    return ""


def _refused_keyword(schema: Mapping[str, Any]) -> str:
    """The first constraint in the schema that the API does not know."""
    for keyword in sorted(_REFUSED_KEYWORDS & set(schema)):
        return f"{keyword} is not supported"
    parts = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return next((found for part in parts if (found := _refused_keyword(part))), "")


def reply(said: Sequence[Said], model: str, counted: Counted) -> dict[str, Any]:
    one = said[0]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [] if one.refused else [{"type": "text", "text": one.text}],
        "stop_reason": "refusal" if one.refused else "max_tokens" if one.cut else "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": counted.prompt - counted.cached,
            "cache_read_input_tokens": counted.cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": counted.output,
        },
    }


def error(status: int, kind: str, message: str) -> dict[str, Any]:
    text = "prompt is too long: 250000 tokens > 200000 maximum" if kind == "long" else message
    return {"type": "error", "error": {"type": _KINDS[kind], "message": text}, "request_id": "req_1"}
