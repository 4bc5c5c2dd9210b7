"""The port that every model endpoint stands behind, and what goes in and out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.money import Tab, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One prompt. What is static comes first, so that vendors' prompt caches can be used."""

    system: str
    """The rubric and what is wanted of the reply: the same for every content."""
    user: str
    """Fence, content, question."""
    max_tokens: int
    """Tokens that a sample may have at most, >= 1."""
    schema: Mapping[str, Any] | None = None
    """JSON schema of the reply; enforced where the endpoint can, else the prompt alone asks for it."""
    temperature: float = 0.0
    """>= 0."""
    samples: int = 1
    """Independent samples wanted, >= 1; asked for one by one where the endpoint has no `n`."""
    seed: int | None = None
    """Sent where the endpoint honours seeds."""
    top_logprobs: int = 0
    """Alternatives wanted at every token, >= 0; brought down to what the endpoint gives."""


class Finish(StrEnum):
    """Why a sample ended."""

    STOP = "stop"
    LENGTH = "length"
    """Cut off at `max_tokens`."""
    REFUSED = "refused"
    """A refusal or a content filter, as the vendor itself says."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One generated token."""

    text: str
    alternatives: tuple[tuple[str, float], ...]
    """(token, log-probability), the likeliest first; may or may not hold `text` itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One reply of a model."""

    text: str
    finish: Finish = Finish.STOP
    tokens: tuple[Token, ...] = ()
    """Empty without log-probabilities; else their texts join to `text`, as far as the vendor says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReply:
    """What came back, at least one sample."""

    samples: tuple[Sample, ...]
    model: str
    """Id of the model as reported; empty when it reports none."""
    usage: Usage
    constrained: bool
    """Whether the schema was enforced by the endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFailure:
    """No reply, and why. Never holds content, prompts or secrets."""

    reason: AbstentionReason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What is known of a model before it is asked."""

    endpoint: str
    """Name of the endpoint."""
    model: str
    """Id that is asked for."""
    local: bool
    """Whether the endpoint is the operator's own, so that content does not reach a vendor."""
    digest: str
    """Of everything here that may change numbers: wire format, model id, capabilities. Holds no secret."""
    schema: bool
    """Whether the endpoint enforces JSON schemas."""
    top_logprobs: int
    """Alternatives that it gives at most; 0 = no log-probabilities."""
    stand_ins: tuple[str, ...] = ()
    """Digests of the models that stand in for it, in order."""


class Model(Protocol):
    """A model behind an endpoint. A failure is a returned value; only bugs and cancellation raise."""

    @property
    def card(self) -> ModelCard: ...

    def most(self, request: ModelRequest) -> int:
        """The most that asking once, without retries, may cost: millionths of a US dollar, rounded up."""
        ...

    def seconds(self) -> float:
        """What a call has lately taken, median; before the first one what is configured."""
        ...

    async def ask(self, request: ModelRequest, budget: Budget, tab: Tab) -> ModelReply | ModelFailure:
        """Sends the prompt, within the budget and the tab; retries, hedges and stands in as configured."""
        ...
