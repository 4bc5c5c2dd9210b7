"""JSON schemas of the replies, in the small subset that every vendor enforces."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from moa_scorer.judges.scale import HIGHEST, LOWEST
from moa_scorer.providers.schemas import SharedSchema

_TEXT: Final[Mapping[str, Any]] = {"type": "string"}


@lru_cache(maxsize=256)
def scores_schema(criteria: tuple[str, ...]) -> SharedSchema:
    """Of a reply with evidence, critique and a score for every criterion, `null` where one does not apply."""
    value = {"anyOf": [{"type": "integer", "enum": list(range(LOWEST, HIGHEST + 1))}, {"type": "null"}]}
    scores = _object(dict.fromkeys(criteria, value))
    return SharedSchema(_object({**_opening(), **_grounds(criteria), "scores": scores}))


@lru_cache(maxsize=256)
def layer_schema(criteria: tuple[str, ...], aliases: tuple[str, ...]) -> SharedSchema:
    """The same with what is accepted and rejected of the ballots shown."""
    ballot = {"type": "string", "enum": list(aliases)}
    accepts = _list({"ballot": ballot, "point": _TEXT})
    rejects = _list({"ballot": ballot, "point": _TEXT, "why": _TEXT})
    rest = scores_schema(criteria)["properties"]
    return SharedSchema(_object({**_opening(), "accepts": accepts, "rejects": rejects, **rest}))


@lru_cache(maxsize=256)
def critique_schema(criteria: tuple[str, ...]) -> SharedSchema:
    """Of a reply with evidence and critique only.

    Small models quote until they are cut off: `maxItems` keeps them to two. Azure alone is known to refuse
    it; a judge there that is asked by criterion does without a critique.
    """
    grounds = _grounds(criteria)
    few = {**grounds, "evidence": {**grounds["evidence"], "maxItems": 2}}
    return SharedSchema(_object({**_opening(), **few}))


def _opening() -> dict[str, Any]:
    return {"nonce": _TEXT}


def _grounds(criteria: tuple[str, ...]) -> dict[str, Any]:
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
