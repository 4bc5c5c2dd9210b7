"""Asks each model of a panel for one token: whether address, key and model id are right."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from moa_scorer.app.network import Network
from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.providers.http_model import HttpModel
from moa_scorer.providers.model import ModelFailure, ModelRequest
from moa_scorer.scoring.purse import JudgeTab, Purse

QUESTION: Final = ModelRequest(system="Answer with one word.", user="Say yes.", max_tokens=16)
"""A few tokens: some models refuse to be given one only."""
SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What came of one question."""

    judge: str
    """In the catalogue."""
    answered: bool
    words: str
    """Which model answered, or why none did."""


async def probe(network: Network, judges: Iterable[str], clock: Clock) -> list[Probed]:
    """Asks the model of each of these judges that has one, all at once."""
    asked = [name for name in dict.fromkeys(judges) if name in network.models]
    return await asyncio.gather(*(_ask(name, network.models[name], clock) for name in asked))


async def _ask(judge: str, model: HttpModel, clock: Clock) -> Probed:
    budget = Budget.starting(clock.monotonic(), SECONDS)
    tab = JudgeTab(purse=Purse())
    reply = await model.ask(QUESTION, budget, tab)
    if isinstance(reply, ModelFailure):
        return Probed(judge=judge, answered=False, words=f"{reply.reason}: {reply.detail}")
    told = f"{reply.model or 'a model without a name'} for {tab.usage.micro_usd / 1e6:.6f} dollars"
    by = f"the stand-in {tab.stand_in}: {told}" if tab.stand_in else told
    return Probed(judge=judge, answered=True, words=f"answered by {by}")
