"""The `Model` behind an HTTP endpoint: samples, stand-ins, and what is known of it beforehand."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.money import Tab, Usage
from moa_scorer.providers.endpoint import Endpoint
from moa_scorer.providers.job import Job
from moa_scorer.providers.model import ModelCard, ModelFailure, ModelReply, ModelRequest
from moa_scorer.providers.prices import FREE, Price
from moa_scorer.providers.sending import deliver
from moa_scorer.providers.spec import EndpointSpec
from moa_scorer.providers.tokens import likely_tokens, most_input_tokens
from moa_scorer.providers.wire import at_once
from moa_scorer.telemetry import events

DOWN: Final = frozenset({AbstentionReason.CIRCUIT_OPEN, AbstentionReason.PROVIDER_ERROR})
"""Failures after which a stand-in is asked."""


class HttpModel:
    """A model of an endpoint, and those that stand in for it when the endpoint is down, in this order."""

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        price: Price | None,
        stand_ins: Sequence["HttpModel"] = (),
    ) -> None:
        """`price` None = not known; local endpoints cost nothing. ValueError when a vendor's model is to
        stand in for a local one: content would leave the operator's own machines unasked."""
        self._endpoint = endpoint
        self._card = _card(endpoint.spec, model, stand_ins)
        self._price = FREE if endpoint.spec.local else price
        self._stand_ins = tuple(stand_ins)
        if self._card.local and not all(s.card.local for s in self._stand_ins):
            raise ValueError("a local model cannot have a vendor's as a stand-in")

    @property
    def card(self) -> ModelCard:
        """As in `Model`."""
        return self._card

    @property
    def priced(self) -> bool:
        """Whether a price is known; without one nothing is sent for a request that has a cost ceiling."""
        return self._price is not None

    def most(self, request: ModelRequest) -> int:
        """As in `Model`; 0 when no price is known."""
        return sum(self._most_of(part) for part in self._parts(request))

    def seconds(self) -> float:
        """As in `Model`."""
        return self._endpoint.seconds()

    async def ask(self, request: ModelRequest, budget: Budget, tab: Tab) -> ModelReply | ModelFailure:
        """As in `Model`; fewer samples than wanted come back when only some of their calls succeeded."""
        own = await self._ask_own(request, budget, tab)
        if isinstance(own, ModelReply):
            tab.answered_by(model=own.model)
            return own
        for stand_in in self._stand_ins if own.reason in DOWN else ():
            reply = await stand_in._ask_own(request, budget, tab)
            if isinstance(reply, ModelReply):
                tab.answered_by(model=reply.model, stand_in=stand_in.card.endpoint)
                events.stand_in_answered(endpoint=self.card.endpoint, stand_in=stand_in.card.endpoint)
                return reply
        return own

    async def _ask_own(self, request: ModelRequest, budget: Budget, tab: Tab) -> ModelReply | ModelFailure:
        parts = self._parts(request)
        if len(parts) == 1:
            return await deliver(self._endpoint, self._job(parts[0], budget, tab))
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(deliver(self._endpoint, self._job(part, budget, tab))) for part in parts
            ]
        return _joined([task.result() for task in tasks])

    def _job(self, part: ModelRequest, budget: Budget, tab: Tab) -> Job:
        return Job(
            request=part,
            call=self._endpoint.wire.encode(part, self._card.model, self._endpoint.spec),
            budget=budget,
            tab=tab,
            tokens=likely_tokens(part),
            price=self._price,
            most=self._most_of(part),
            model=self._card.model,
        )

    def _most_of(self, part: ModelRequest) -> int:
        if self._price is None or self._price is FREE:
            return 0
        return self._price.most(most_input_tokens(part), part.max_tokens * part.samples)

    def _parts(self, request: ModelRequest) -> list[ModelRequest]:
        """The request cut into calls that the endpoint can answer; seeds differ, or all would be the same."""
        at_most = at_once(request, self._endpoint.spec)
        if at_most == request.samples:
            return [request]
        return [
            replace(
                request,
                samples=min(at_most, request.samples - begun),
                seed=None if request.seed is None else request.seed + begun,
            )
            for begun in range(0, request.samples, at_most)
        ]


def _joined(outcomes: Sequence[ModelReply | ModelFailure]) -> ModelReply | ModelFailure:
    """The samples of all replies; the first failure when there is no reply at all."""
    replies = [o for o in outcomes if isinstance(o, ModelReply)]
    if not replies:
        return next(o for o in outcomes if isinstance(o, ModelFailure))
    return ModelReply(
        samples=tuple(sample for reply in replies for sample in reply.samples),
        model=replies[-1].model,
        usage=sum((reply.usage for reply in replies), Usage()),
        constrained=all(reply.constrained for reply in replies),
    )


def _card(spec: EndpointSpec, model: str, stand_ins: Sequence[HttpModel]) -> ModelCard:
    return ModelCard(
        endpoint=spec.name,
        model=model,
        local=spec.local,
        digest=_digest(spec, model),
        schema=spec.capabilities.json_schema,
        top_logprobs=spec.capabilities.top_logprobs,
        stand_ins=tuple(stand_in.card.digest for stand_in in stand_ins),
    )


def _digest(spec: EndpointSpec, model: str) -> str:
    """Of what may change numbers; not of the address, which may change when nothing else does."""
    parts = [spec.wire, model, asdict(spec.capabilities), spec.headers, spec.query]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
