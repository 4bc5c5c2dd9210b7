"""generateContent as the fake vendor speaks it."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from tests.fakes.vendor_dialects import Asked, Counted, Said

_STATUSES = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}


def key(headers: Mapping[str, str]) -> str:
    return headers.get("x-goog-api-key", "") or headers.get("Authorization", "").removeprefix("Bearer ")


def read(body: Mapping[str, Any], tail: str) -> Asked:
    config = body.get("generationConfig", {})
    schema = config.get("responseJsonSchema")
    blocks = [body.get("systemInstruction", {}), *body["contents"]]
    wrong_type = schema is not None and config.get("responseMimeType") != "application/json"
    return Asked(
        model=unquote(tail).removesuffix(":generateContent"),
        prompt="\n".join(part["text"] for block in blocks for part in block.get("parts", [])),
        samples=config.get("candidateCount", 1),
        top_logprobs=config.get("logprobs", 0) if config.get("responseLogprobs") else 0,
        schema=schema,
        objection="response_json_schema needs response_mime_type application/json" if wrong_type else "",
    )


def reply(said: Sequence[Said], model: str, counted: Counted) -> dict[str, Any]:
    body: dict[str, Any] = {
        "usageMetadata": {
            "promptTokenCount": counted.prompt,
            "cachedContentTokenCount": counted.cached,
            "candidatesTokenCount": counted.output,
            "totalTokenCount": counted.prompt + counted.output,
        },
        "modelVersion": model,
        "responseId": "response-1",
    }
    if all(one.refused for one in said):
        return body | {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
    return body | {"candidates": [_candidate(index, one) for index, one in enumerate(said)]}


def _candidate(index: int, said: Said) -> dict[str, Any]:
    if said.refused:
        return {"index": index, "finishReason": "SAFETY"}
    result: dict[str, Any] = {
        "index": index,
        "content": {"role": "model", "parts": [{"text": said.text}]},
        "finishReason": "MAX_TOKENS" if said.cut else "STOP",
    }
    if said.tokens:
        result["logprobsResult"] = {
            "chosenCandidates": [
                _entry(token, dict(others).get(token, -50.0)) for token, others in said.tokens
            ],
            "topCandidates": [
                {"candidates": [_entry(*other) for other in others]} for _, others in said.tokens
            ],
        }
    return result


def _entry(token: str, value: float) -> dict[str, Any]:
    return {"token": token, "logProbability": value}


def error(status: int, kind: str, message: str) -> dict[str, Any]:
    name = _STATUSES.get(status, "UNAVAILABLE" if status == 503 else "INTERNAL")
    text = (
        "The input token count (250000) exceeds the maximum number of tokens" if kind == "long" else message
    )
    details: list[dict[str, Any]] = []
    if kind == "key":
        reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        details.append(reason)
    return {"error": {"code": status, "message": text, "status": name, "details": details}}
