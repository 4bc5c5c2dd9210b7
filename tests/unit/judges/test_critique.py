"""The further call for words: it adds to scores, and never takes them away."""

import json
import math
from dataclasses import replace

import pytest

from moa_scorer.domain.ballot import AbstentionReason, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking
from moa_scorer.domain.rubric import Rubric
from moa_scorer.judges.llm import Asks, LlmJudge, LlmSpec, Reading
from moa_scorer.judges.prompt import Template
from moa_scorer.providers.model import Finish, ModelCard, ModelFailure, ModelReply
from tests.fakes.judges import QUALITY
from tests.fakes.models import BUDGET, ScriptedModel, make_tab, reply, word

NONCE = "5f1c9a"
CONTENT = Content(text="A short story about a fox. It never ends.")
CARD = ModelCard(endpoint="e", model="m", local=True, digest="sha256:m", schema=True, top_logprobs=80)
RUBRIC: Rubric = replace(QUALITY, criteria=QUALITY.criteria[:1])
YES = word("yes", [("yes", math.log(0.75)), ("no", math.log(0.25))])
REAL = {"criterion": "quality", "polarity": "against", "quote": "It never ends."}
MADE_UP = {"criterion": "quality", "polarity": "for", "quote": "Seventeen trombones played a waltz."}


def words(*evidence: object, nonce: str = NONCE) -> str:
    return json.dumps({"nonce": nonce, "evidence": list(evidence), "critique": "It is short."})


async def judged(answer: ModelReply | ModelFailure) -> Judgment:
    model = ScriptedModel([YES, answer], CARD)
    spec = LlmSpec(
        name="small",
        title="",
        family="",
        model=model,
        template=Template.load("criterion-1"),
        peers_template=Template.load("layer-1"),
        asks=Asks.PER_CRITERION,
        reading=Reading.LOGPROBS,
    )
    asking = Asking(budget=BUDGET, tab=make_tab(), nonce=NONCE)
    outcome = await LlmJudge(spec).judge(CONTENT, RUBRIC, asking)
    assert isinstance(outcome, Judgment)
    assert model.done()
    score = outcome.answers["quality"]
    assert isinstance(score, Score)
    assert abs(score.value - 0.75) < 1e-12
    return outcome


async def test_evidence_and_critique_stand_beside_the_scores() -> None:
    judgment = await judged(reply(words(REAL)))
    assert [item.quote for item in judgment.evidence] == ["It never ends."]
    assert judgment.critique == "It is short."


async def test_without_words_the_scores_stand_alone() -> None:
    for answer in (
        ModelFailure(reason=AbstentionReason.TIMEOUT),
        reply("I would rather not."),
        reply(words(REAL, nonce="other")),
    ):
        judgment = await judged(answer)
        assert (judgment.evidence, judgment.critique) == ((), "")


def cut(text: str) -> ModelReply:
    whole = reply(text)
    return replace(whole, samples=(replace(whole.samples[0], finish=Finish.LENGTH),))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("It is short. It is about a fox. It never", "It is short. It is about a fox."),
        ("It is short and never", "It is short and never …"),
        ("It is short.", "It is short."),
        ("It is short. It is \\", "It is short."),
    ],
)
async def test_of_a_critique_that_was_cut_off_the_whole_sentences_stay(written: str, kept: str) -> None:
    judgment = await judged(cut(words(REAL).replace('It is short."}', written)))
    assert (judgment.critique, len(judgment.evidence)) == (kept, 1)


async def test_words_that_were_cut_off_before_the_critique_are_none() -> None:
    judgment = await judged(cut(words(REAL)[:90]))
    assert (judgment.evidence, judgment.critique) == ((), "")


async def test_words_that_rest_on_made_up_quotes_are_dropped_and_counted() -> None:
    judgment = await judged(reply(words(REAL, MADE_UP)))
    assert (judgment.evidence, judgment.critique, judgment.fabricated) == ((), "", 1)


async def test_one_made_up_quote_of_five_is_dropped_alone() -> None:
    real = [{**REAL, "quote": quote} for quote in ("A short", "story about", "a fox.", "It never ends.")]
    judgment = await judged(reply(words(*real, MADE_UP)))
    assert judgment.critique == "It is short."
    assert (len(judgment.evidence), judgment.fabricated) == (4, 1)
