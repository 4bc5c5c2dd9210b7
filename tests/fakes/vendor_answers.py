"""What a fake model says: a judgment that fits the schema, echoes the nonce and scores every criterion."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

SCORE = 4
"""What it gives wherever a number is wanted, as far as the schema allows."""
_FENCE = re.compile(r"<<<(?!END )([A-Z][A-Z0-9 ]{0,20}) (\S+?)>>>\n(.*?)\n<<<END \1 \2>>>", re.S)
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


def judgment(prompt: str, body: Mapping[str, Any]) -> str:
    """Yes where one word is wanted, else the smallest JSON that fits the schema found in the body."""
    schema = _schema(body)
    if schema is None:
        return json.dumps({"nonce": nonce_of(prompt)}) if "JSON" in prompt else "Yes"
    return json.dumps(_filled(schema, nonce_of(prompt), quote_of(prompt)), ensure_ascii=False)


def nonce_of(prompt: str) -> str:
    """The token of the first fence; empty when there is none."""
    fence = _FENCE.search(prompt)
    return fence[2] if fence else ""


def quote_of(prompt: str) -> str:
    """The first words of the text between fences: evidence that really stands in the content."""
    texts = [inside for label, _, inside in _FENCE.findall(prompt) if label == "CONTENT"]
    return " ".join(texts[0].split()[:6]) if texts else ""


def tokens(text: str, top: int) -> Sequence[tuple[str, Sequence[tuple[str, float]]]]:
    """The text in tokens; where a score from 1 to 5 or a yes stands, its neighbours are likely too."""
    return [(token, _alternatives(token)[:top]) for token in _TOKEN.findall(text)]


def _alternatives(token: str) -> list[tuple[str, float]]:
    if token in "12345" and len(token) == 1:
        weights = {str(score): math.exp(-abs(score - int(token))) for score in range(1, 6)}
    elif token.lower() in ("yes", "no"):
        other = "No" if token.lower() == "yes" else "Yes"
        weights = {token: 0.8, other: 0.2}
    else:
        weights = {token: 0.99, "the": 0.01}
    total = sum(weights.values())
    pairs = [(text, math.log(weight / total)) for text, weight in weights.items()]
    return sorted(pairs, key=lambda pair: -pair[1])


def _schema(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of the reply, wherever the wire format puts it."""
    places = (
        ("response_format", "json_schema", "schema"),
        ("output_config", "format", "schema"),
        ("generationConfig", "responseJsonSchema"),
    )
    for place in places:
        value: Any = body
        for step in place:
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, Mapping):
            return value
    return None


def _filled(schema: Mapping[str, Any], nonce: str, quote: str, name: str = "") -> Any:
    """A value that fits; a property that is called nonce or quote gets the real one."""
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0], nonce, quote, name)
    if "enum" in schema:
        return SCORE if SCORE in schema["enum"] else schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {
                key: _filled(part, nonce, quote, key) for key, part in schema.get("properties", {}).items()
            }
        case "array":
            items = schema.get("items", {})
            return [_filled(items, nonce, quote, name) for _ in range(max(1, schema.get("minItems", 0)))]
        case "integer" | "number":
            return min(max(SCORE, schema.get("minimum", SCORE)), schema.get("maximum", SCORE))
        case "boolean":
            return True
        case _:
            return {"nonce": nonce, "quote": quote}.get(name, f"A plain {name or 'text'}.")
