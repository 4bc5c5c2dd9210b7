"""A language model as a judge: what it is shown, what it is asked, what its reply is worth."""

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, JudgeProfile
from moa_scorer.domain.rubric import Rubric
from moa_scorer.judges.llm_spec import Asks, LlmSpec, Reading
from moa_scorer.judges.per_criterion import ask_each
from moa_scorer.judges.shown import Shown, shown

__all__ = ["Asks", "LlmJudge", "LlmSpec", "Reading"]


class LlmJudge:
    """Stands a model behind the `Judge` port. Whatever the model does is a judgment or an abstention."""

    def __init__(self, spec: LlmSpec) -> None:
        self._spec = spec
        self._profile = spec.profile()

    @property
    def profile(self) -> JudgeProfile:
        return self._profile

    def estimate(self, content: Content) -> Estimate:  # noqa: ARG002
        return Estimate(seconds=self._spec.model.seconds())

    async def warm(self) -> None:
        """Nothing: a model behind an endpoint is not called before there is something to judge."""

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        spec = self._spec
        if refused := _cannot(content, spec.languages):
            return refused
        view = shown(content, asking.nonce, text_limit=spec.text_limit, context_limit=spec.context_limit)
        return await self._by_criterion(view, rubric, asking)

    async def _by_criterion(self, view: Shown, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        answers = await ask_each(self._spec, view, rubric, asking)
        if nothing := without_scores(answers):
            return nothing
        return Judgment(answers=answers, read_fraction=view.read_fraction)


def without_scores(answers: dict[str, Score | Abstention]) -> Abstention | None:
    """One abstention for the whole judge when no criterion has a score: the first of them."""
    if any(isinstance(answer, Score) for answer in answers.values()):
        return None
    return next(answer for answer in answers.values() if isinstance(answer, Abstention))


def _cannot(content: Content, languages: tuple[str, ...]) -> Abstention | None:
    if not content.text.strip():
        return Abstention(reason=AbstentionReason.TOO_SHORT, detail="the text is blank")
    if languages and content.language not in ("", *languages):
        return Abstention(
            reason=AbstentionReason.UNSUPPORTED_LANGUAGE, detail=f"judges {', '.join(languages)} only"
        )
    return None
