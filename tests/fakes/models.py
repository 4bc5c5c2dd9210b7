"""A model that says what a script says, and the small things around it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.money import NOTHING_USED, Tab
from moa_scorer.providers.model import ModelCard, ModelFailure, ModelReply, ModelRequest, Sample, Token
from moa_scorer.scoring.purse import JudgeTab, Purse

BUDGET = Budget(deadline=1e9)
CARD = ModelCard(
    endpoint="scripted", model="scripted-1", local=True, digest="sha256:scripted", schema=True, top_logprobs=0
)


def make_tab() -> JudgeTab:
    """An account without a ceiling."""
    return JudgeTab(purse=Purse())


def reply(*texts: str, constrained: bool = True) -> ModelReply:
    """A reply whose samples are these texts."""
    samples = tuple(Sample(text=text) for text in texts)
    return ModelReply(samples=samples, model="scripted-1", usage=NOTHING_USED, constrained=constrained)


def word(text: str, alternatives: Sequence[tuple[str, float]]) -> ModelReply:
    """A reply of one token with its alternatives."""
    sample = Sample(text=text, tokens=(Token(text=text, alternatives=tuple(alternatives)),))
    return ModelReply(samples=(sample,), model="scripted-1", usage=NOTHING_USED, constrained=False)


@dataclass(slots=True)
class ScriptedModel:
    """Answers in the order of its script, and fails when it is asked more often than that."""

    script: list[ModelReply | ModelFailure]
    card: ModelCard = CARD
    asked: list[ModelRequest] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)

    def most(self, request: ModelRequest) -> int:
        return request.max_tokens * request.samples

    def seconds(self) -> float:
        return 1.0

    async def ask(self, request: ModelRequest, budget: Budget, tab: Tab) -> ModelReply | ModelFailure:
        self.asked.append(request)
        self.budgets.append(budget)
        assert self.script, "the model was asked more often than its script says"
        return self.script.pop(0)

    def done(self) -> bool:
        """Whether the whole script was used."""
        return not self.script
