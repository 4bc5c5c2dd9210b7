"""A language model as a judge: what it is shown, what it is asked, what its reply is worth."""

from dataclasses import replace

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, JudgeProfile
from moa_scorer.domain.rubric import Rubric
from moa_scorer.judges.critique import NO_WORDS, ask_critique
from moa_scorer.judges.llm_spec import Asks, LlmSpec, Reading
from moa_scorer.judges.per_criterion import ask_each
from moa_scorer.judges.shown import Shown, shown, without_content
from moa_scorer.judges.weigh import dictated_by_content, odds_risk, without_scores
from moa_scorer.judges.whole import ask_whole
from moa_scorer.providers.model import ModelRequest

__all__ = ["Asks", "LlmJudge", "LlmSpec", "Reading"]

_PROMPT = 6000
"""Code points that a rubric, a template and ballots are assumed to add to a content, for estimates."""
_RESERVE = 0.05
"""Seconds kept back where several calls make one judgment: answers must not be lost with the last of them."""
_QUESTIONS = 6
"""Criteria that are assumed where each is asked about by itself, for estimates."""


class LlmJudge:
    """Stands a model behind the `Judge` port. Whatever the model does is a judgment or an abstention."""

    def __init__(self, spec: LlmSpec) -> None:
        self._spec = spec
        self._profile = spec.profile()

    @property
    def profile(self) -> JudgeProfile:
        return self._profile

    def estimate(self, content: Content) -> Estimate:
        spec = self._spec
        calls = 1 if spec.asks is Asks.WHOLE else _QUESTIONS + spec.critique
        texts = content.text[: spec.text_limit] + content.context[: spec.context_limit]
        request = ModelRequest(
            system="x" * _PROMPT, user=texts, max_tokens=spec.max_tokens, samples=spec.wanted
        )
        return Estimate(seconds=calls * spec.model.seconds(), micro_usd=calls * spec.model.most(request))

    async def warm(self) -> None:
        """Nothing: a model behind an endpoint is not called before there is something to judge."""

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        spec = self._spec
        if refused := _cannot(content, spec.languages):
            return refused
        view = shown(content, asking.nonce, text_limit=spec.text_limit, context_limit=spec.context_limit)
        if asking.peers and not asking.shows_content:
            view = without_content(view)
        if asking.peers or spec.asks is Asks.WHOLE:
            return await ask_whole(spec, view, content, rubric, asking)
        return await self._by_criterion(view, content, rubric, asking)

    async def _by_criterion(
        self, view: Shown, content: Content, rubric: Rubric, asking: Asking
    ) -> Judgment | Abstention:
        spec = self._spec
        asking = replace(asking, budget=asking.budget.shrunk(_RESERVE))
        answers = await ask_each(spec, view, rubric, asking)
        if nothing := without_scores(answers):
            return nothing
        risk = odds_risk(answers, view, rubric, asking)
        if risk >= spec.tamper_mask:
            return dictated_by_content()
        words = NO_WORDS
        if spec.critique:
            words = await ask_critique(spec, view, content, rubric, asking, answers)
        return Judgment(
            answers=answers,
            evidence=words.evidence,
            critique=words.critique,
            read_fraction=view.read_fraction,
            fabricated=words.fabricated,
            tamper_risk=risk,
        )


def _cannot(content: Content, languages: tuple[str, ...]) -> Abstention | None:
    if not content.text.strip():
        return Abstention(reason=AbstentionReason.TOO_SHORT, detail="the text is blank")
    if languages and content.language not in ("", *languages):
        return Abstention(
            reason=AbstentionReason.UNSUPPORTED_LANGUAGE, detail=f"judges {', '.join(languages)} only"
        )
    return None
