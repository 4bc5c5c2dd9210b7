"""What a fake vendor needs of a wire format: to read a call, to write replies and errors in its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call, as far as the fake cares."""

    model: str
    prompt: str
    """System and user text, in their order."""
    samples: int = 1
    top_logprobs: int = 0
    schema: Mapping[str, Any] | None = None
    objection: str = ""
    """Why the vendor would answer 400; empty when it would not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sample to send back."""

    text: str
    refused: bool = False
    cut: bool = False
    """Ended at the token limit."""
    tokens: Sequence[tuple[str, Sequence[tuple[str, float]]]] = ()
    """(token, (alternative, log-probability)…), the likeliest first; empty = no log-probabilities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Tokens to report."""

    prompt: int
    cached: int
    output: int


class Dialect(Protocol):
    """One vendor's form."""

    def key(self, headers: Mapping[str, str]) -> str:
        """The key that came with a call."""
        ...

    def read(self, body: Mapping[str, Any], tail: str) -> Asked:
        """What is asked; `tail` is the last part of the path."""
        ...

    def reply(self, said: Sequence[Said], model: str, counted: Counted) -> dict[str, Any]: ...

    def error(self, status: int, kind: str, message: str) -> dict[str, Any]:
        """The body of an error; `kind` is one of rate, quota, server, overloaded, key, model, long, bad."""
        ...


def open_object(schema: Mapping[str, Any]) -> str:
    """The first object in the schema that allows further properties; strict modes refuse such schemas."""
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return "additionalProperties must be false"
    for part in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        if found := open_object(part):
            return found
    return ""
