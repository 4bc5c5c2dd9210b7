"""Asks a small model one yes-or-no question a criterion, and reads the odds of its one word."""

from collections.abc import Sequence
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Score
from moa_scorer.domain.judge import Asking
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.judges.expectation import expected, mean, yes_or_no
from moa_scorer.judges.llm_spec import LlmSpec, Reading
from moa_scorer.judges.shown import Shown
from moa_scorer.providers.model import Finish, ModelFailure, ModelReply, ModelRequest, Sample

_WORD: Final = 4
"""Tokens of an answer that is read as a word; odds need one."""
_OUTLAST: Final = frozenset(
    {
        AbstentionReason.TIMEOUT,
        AbstentionReason.BUDGET,
        AbstentionReason.CIRCUIT_OPEN,
        AbstentionReason.CANCELLED,
    }
)
"""Failures that the next question would meet as well."""


async def ask_each(
    spec: LlmSpec, view: Shown, rubric: Rubric, asking: Asking
) -> dict[str, Score | Abstention]:
    """An answer for every criterion. One question after the other: each finds the content in the cache."""
    answers: dict[str, Score | Abstention] = {}
    given_up: Abstention | None = None
    for criterion in rubric.criteria:
        answer = given_up or await _ask(spec, view, rubric, criterion, asking)
        answers[criterion.name] = answer
        if isinstance(answer, Abstention) and answer.reason in _OUTLAST:
            given_up = answer
    return answers


def question(spec: LlmSpec, view: Shown, rubric: Rubric, criterion: Criterion, seed: int) -> ModelRequest:
    """The prompt about one criterion."""
    return ModelRequest(
        system=spec.template.system(rubric),
        user=spec.template.user({**view.values(), "criterion": criterion}),
        max_tokens=1 if spec.alternatives else _WORD,
        temperature=spec.temperature,
        samples=spec.wanted,
        seed=seed,
        top_logprobs=spec.alternatives,
    )


async def _ask(
    spec: LlmSpec, view: Shown, rubric: Rubric, criterion: Criterion, asking: Asking
) -> Score | Abstention:
    request = question(spec, view, rubric, criterion, asking.seed)
    reply = await spec.model.ask(request, asking.budget, asking.tab)
    if isinstance(reply, ModelFailure):
        return Abstention(reason=reply.reason, detail=reply.detail)
    for sample in reply.samples:
        asking.tab.heard(sample.text)
    return read_word(reply, spec.reading, spec.wanted)


def read_word(reply: ModelReply, reading: Reading, wanted: int = 1) -> Score | Abstention:
    """The score that replies of one word mean; `wanted` samples were asked for, fewer may have come."""
    if any(sample.finish is Finish.REFUSED for sample in reply.samples):
        return Abstention(reason=AbstentionReason.REFUSED, detail="the model declined to judge")
    first = reply.samples[0]
    if reading is Reading.LOGPROBS and first.tokens:
        return expected(first.tokens[0].alternatives, yes_or_no) or _unread()
    return _read_words(reply.samples, wanted)


def _read_words(samples: Sequence[Sample], wanted: int) -> Score | Abstention:
    """The mean of the words read, when they are more than half of those wanted."""
    words = (sample.text.split() for sample in samples)
    read = [score for word in words if word and (score := yes_or_no(word[0])) is not None]
    if 2 * len(read) <= wanted:
        return _unread()
    return Score(value=read[0]) if wanted == 1 else mean(read)


def _unread() -> Abstention:
    return Abstention(reason=AbstentionReason.UNPARSEABLE, detail="the answer is neither yes nor no")
