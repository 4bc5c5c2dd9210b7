"""JSON schemas of the replies, in the small subset that every vendor enforces."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from moa_scorer.judges.scale import HIGHEST, LOWEST

_TEXT: Final[Mapping[str, Any]] = {"type": "string"}


def scores_schema(criteria: Sequence[str]) -> dict[str, Any]:
    """Of a reply with evidence, critique and a score for every criterion, `null` where one does not apply."""
    value = {"anyOf": [{"type": "integer", "enum": list(range(LOWEST, HIGHEST + 1))}, {"type": "null"}]}
    scores = _object(dict.fromkeys(criteria, value))
    return _object({**_opening(), **_grounds(criteria), "scores": scores})


def layer_schema(criteria: Sequence[str], aliases: Sequence[str]) -> dict[str, Any]:
    """The same with what is accepted and rejected of the ballots shown."""
    ballot = {"type": "string", "enum": list(aliases)}
    accepts = _list({"ballot": ballot, "point": _TEXT})
    rejects = _list({"ballot": ballot, "point": _TEXT, "why": _TEXT})
    rest = scores_schema(criteria)["properties"]
    return _object({**_opening(), "accepts": accepts, "rejects": rejects, **rest})


def critique_schema(criteria: Sequence[str]) -> dict[str, Any]:
    """Of a reply with evidence and critique only."""
    return _object({**_opening(), **_grounds(criteria)})


def _opening() -> dict[str, Any]:
    return {"nonce": _TEXT}


def _grounds(criteria: Sequence[str]) -> dict[str, Any]:
    criterion = {"type": "string", "enum": list(criteria)}
    polarity = {"type": "string", "enum": ["for", "against"]}
    evidence = _list({"criterion": criterion, "polarity": polarity, "quote": _TEXT})
    return {"evidence": evidence, "critique": _TEXT}


def _list(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(properties)}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
