"""How prompts become HTTP and HTTP becomes replies: one pure form for each family of vendors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from moa_scorer.providers.failures import Failed
from moa_scorer.providers.model import ModelReply, ModelRequest
from moa_scorer.providers.spec import EndpointSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One POST, without the key: that is added when it is sent."""

    path: str
    """Added to the endpoint's base URL; begins with a slash."""
    body: bytes = field(repr=False)
    """JSON in UTF-8."""
    headers: tuple[tuple[str, str], ...] = ()
    """Beside content type, the key and the endpoint's own."""
    query: tuple[tuple[str, str], ...] = ()
    """Beside the endpoint's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What came back, of any status. Nothing in it is trusted."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case; of several of one name the first."""
    body: bytes = field(repr=False)
    """Whole, at most 4 MiB."""


class WireFormat(Protocol):
    """One vendor family's form, in both directions. Pure: no clock, no network, no secrets."""

    def encode(self, request: ModelRequest, model: str, spec: EndpointSpec) -> HttpCall:
        """The call; of `request.samples` it asks for as many as the endpoint gives at once, see `at_once`."""
        ...

    def decode(self, answer: HttpAnswer, request: ModelRequest, spec: EndpointSpec) -> ModelReply | Failed:
        """The reply, its usage of one call and not yet priced; or why the status or the form gives none."""
        ...


def at_once(request: ModelRequest, spec: EndpointSpec) -> int:
    """How many of the wanted samples one call brings at most, >= 1."""
    return max(1, min(request.samples, spec.capabilities.samples))


def constrained(request: ModelRequest, spec: EndpointSpec) -> bool:
    """Whether the endpoint enforces the form of the reply."""
    return request.schema is not None and spec.capabilities.json_schema


def seed_of(seed: int) -> int:
    """The seed in 31 bits, which every vendor takes."""
    return seed & 0x7FFF_FFFF


def versioned(path: str, version: str, spec: EndpointSpec) -> str:
    """The path under its version, unless the base URL names one: vendors' own variables hold bare hosts."""
    named = re.search(r"/v\d+[a-z]*\d*(/|$)", spec.base_url)
    return path if named else f"/{version}{path}"
