"""The further call of a small model: evidence and a critique beside scores that it has already given."""

from dataclasses import dataclass, field, replace
from typing import Final

from moa_scorer.domain.ballot import Abstention, Evidence
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking
from moa_scorer.domain.rubric import Rubric
from moa_scorer.judges.dictated import Untrusted
from moa_scorer.judges.llm_spec import LlmSpec
from moa_scorer.judges.reply import Reply, Wanted, read_reply
from moa_scorer.judges.schema import critique_schema
from moa_scorer.judges.shown import Shown
from moa_scorer.judges.weigh import Answers, checked
from moa_scorer.measures.sentences import sentences
from moa_scorer.providers.model import Finish, ModelFailure, ModelReply, ModelRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What goes into a judgment beside its scores."""

    evidence: tuple[Evidence, ...] = ()
    critique: str = field(default="", repr=False)
    fabricated: int = 0
    """Quotes that were dropped because the content does not hold them."""


NO_WORDS = Words()
_END: Final = '"}'
"""Closes a critique that was cut off: words may be read up to where they end, a number may not."""
_STOPS: Final = (".", "!", "?", "…", "。", "！", "？")


async def ask_critique(
    spec: LlmSpec, view: Shown, content: Content, rubric: Rubric, asking: Asking, answers: Answers
) -> Words:
    """Evidence that stands and the critique; nothing when the reply cannot be read or trusted.

    More than 20 % made-up quotes drop the words and not the scores: those were read off the odds of answers
    to other questions, before these words were written, so that no invented quote can have moved them.
    """
    reply = await spec.model.ask(critique_request(spec, view, rubric, asking), asking.budget, asking.tab)
    if isinstance(reply, ModelFailure):
        return NO_WORDS
    asking.tab.heard(reply.samples[0].text)
    read = _read(reply, view, rubric, asking)
    if isinstance(read, Abstention) or read.tamper_risk >= spec.tamper_mask:
        return NO_WORDS
    proof = checked(read, content, answers)
    if proof.untrustworthy:
        return Words(fabricated=proof.fabricated)
    return Words(evidence=proof.evidence, critique=read.critique, fabricated=proof.fabricated)


def critique_request(spec: LlmSpec, view: Shown, rubric: Rubric, asking: Asking) -> ModelRequest:
    """The prompt; its static part is not that of the questions, so no prefix cache spares it the content."""
    return ModelRequest(
        system=spec.critique_template.system(rubric),
        user=spec.critique_template.user({**view.values(), "nonce": asking.nonce}),
        max_tokens=spec.max_tokens,
        schema=critique_schema(tuple(c.name for c in rubric.criteria)),
        seed=asking.seed,
    )


def _read(reply: ModelReply, view: Shown, rubric: Rubric, asking: Asking) -> Reply | Abstention:
    criteria = tuple(c.name for c in rubric.criteria)
    wanted = Wanted(
        criteria=criteria,
        nonce=asking.nonce,
        constrained=reply.constrained,
        untrusted=Untrusted.of(view.received, criteria, asking.tamper_risk),
        scored=False,
    )
    sample = reply.samples[0]
    if sample.finish is not Finish.LENGTH:
        return read_reply(sample.text, wanted)
    read = read_reply(sample.text.rstrip("\\") + _END, wanted, truncated=True)
    return read if isinstance(read, Abstention) else replace(read, critique=whole_sentences(read.critique))


def whole_sentences(words: str) -> str:
    """The words without a last sentence that was cut off; cut words alone end in an ellipsis."""
    if words.rstrip().endswith(_STOPS):
        return words
    whole = sentences(words)[:-1]
    return words[: whole[-1][1]] if whole else f"{words.rstrip()} …"
