"""The whole judgment in one reply: asked, read, checked, weighed."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Polarity, Score, ScoreKind
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Peer
from moa_scorer.judges.llm import LlmJudge, LlmSpec, Reading
from moa_scorer.judges.prompt import Template
from moa_scorer.judges.shown import shown
from moa_scorer.judges.whole import whole_request
from moa_scorer.providers.model import Finish, Model, ModelCard, ModelFailure, ModelReply, Sample, Token
from tests.fakes import endpoints
from tests.fakes.judges import QUALITY
from tests.fakes.models import BUDGET, CARD, NOTHING_USED, ScriptedModel, make_tab, reply

NONCE = "5f1c9a"
TEXT = "The fox was quick. The dog slept all day. Nothing else happened here."
CONTENT = Content(text=TEXT, kind="story", context="Write about a fox.", title="Fox")
ODDS = ModelCard(endpoint="e", model="m", local=False, digest="sha256:m", schema=True, top_logprobs=20)


def answer(quality: object = 4, style: object = 2, **more: Any) -> str:
    """What a good judge writes."""
    evidence = [{"criterion": "quality", "polarity": "for", "quote": "The fox was quick."}]
    value = {"nonce": NONCE, "evidence": evidence, "critique": "Quick but empty."} | more
    return json.dumps(value | {"scores": {"quality": quality, "style": style}})


def asking(**more: Any) -> Asking:
    return Asking(**({"budget": BUDGET, "tab": make_tab(), "nonce": NONCE, "seed": 3} | more))


def spec(model: Model, **more: Any) -> LlmSpec:
    return LlmSpec(
        name="large",
        title="A large model",
        family="gpt",
        model=model,
        template=Template.load("whole-1"),
        peers_template=Template.load("layer-1"),
        **more,
    )


async def outcome_of(*replies: ModelReply | ModelFailure, **more: Any) -> Judgment | Abstention:
    model = ScriptedModel(list(replies))
    outcome = await LlmJudge(spec(model, **more)).judge(CONTENT, QUALITY, asking())
    assert model.done()
    return outcome


async def judgment_of(*replies: ModelReply | ModelFailure, **more: Any) -> Judgment:
    outcome = await outcome_of(*replies, **more)
    assert isinstance(outcome, Judgment)
    return outcome


async def reason_of(*replies: ModelReply | ModelFailure, **more: Any) -> AbstentionReason:
    outcome = await outcome_of(*replies, **more)
    assert isinstance(outcome, Abstention)
    return outcome.reason


async def test_a_reply_becomes_scores_evidence_and_critique() -> None:
    judgment = await judgment_of(reply(answer()))

    assert judgment.answers == {"quality": Score(value=0.75), "style": Score(value=0.25)}
    (evidence,) = judgment.evidence
    assert (evidence.criterion, evidence.polarity) == ("quality", Polarity.FOR)
    assert TEXT[evidence.start : evidence.end] == evidence.quote == "The fox was quick."
    assert judgment.critique == "Quick but empty."
    assert (judgment.fabricated, judgment.tamper_risk, judgment.read) == (0, 0, ())


async def test_the_static_part_of_the_prompt_knows_nothing_of_the_content() -> None:
    model = ScriptedModel([reply(answer()), reply(answer())])
    judge = LlmJudge(spec(model))
    await judge.judge(CONTENT, QUALITY, asking())
    await judge.judge(replace(CONTENT, text="Another text."), QUALITY, asking(nonce="00ff"))

    first, second = model.asked
    assert first.system == second.system
    assert NONCE not in first.system
    assert "quality: Is it good?" in first.system
    assert f"<<<CONTENT {NONCE}>>>\n{TEXT}\n<<<END CONTENT {NONCE}>>>" in first.user
    assert f"<<<CONTEXT {NONCE}>>>\nWrite about a fox.\n" in first.user
    assert first.schema is not None
    assert list(first.schema["properties"]) == ["nonce", "evidence", "critique", "scores"]


async def test_every_reply_is_kept_for_the_record() -> None:
    tab = make_tab()
    model = ScriptedModel([reply("sorry", "what?", answer())])
    judge = LlmJudge(spec(model, reading=Reading.SAMPLES))
    await judge.judge(CONTENT, QUALITY, asking(tab=tab))
    assert tab.raw == ["sorry", "what?", answer()]


async def test_samples_are_averaged_and_the_words_are_those_of_the_nearest() -> None:
    texts = [
        answer(5, 1, critique="Far."),
        answer(4, 2, critique="Near."),
        answer(3, None, critique="Also far."),
    ]
    judgment = await judgment_of(reply(*texts), reading=Reading.SAMPLES)

    quality, style = judgment.answers["quality"], judgment.answers["style"]
    assert isinstance(quality, Score)
    assert quality.value == pytest.approx(0.75)
    assert quality.kind is ScoreKind.SAMPLES
    assert [score for score, _ in quality.distribution] == [0.5, 0.75, 1.0]
    assert isinstance(style, Score)
    assert style.value == pytest.approx(0.125)
    assert judgment.critique == "Near."


async def test_one_readable_sample_of_three_is_not_enough() -> None:
    assert (
        await reason_of(reply(answer(), "no", "no"), reading=Reading.SAMPLES) is AbstentionReason.UNPARSEABLE
    )


def tokens_of(text: str, odds: dict[int, tuple[tuple[str, float], ...]]) -> tuple[Token, ...]:
    """One token a code point, with alternatives at some places."""
    return tuple(Token(text=char, alternatives=odds.get(at, ())) for at, char in enumerate(text))


async def test_scores_are_expected_over_the_tokens_that_wrote_them() -> None:
    text = answer(4, 2)
    place = text.rindex("4")
    odds = (("4", math.log(0.6)), (" 5", math.log(0.2)), ("the", math.log(0.2)))
    sample = Sample(text=text, tokens=tokens_of(text, {place: odds}))
    got = ModelReply(samples=(sample,), model="m", usage=NOTHING_USED, constrained=True)
    model = ScriptedModel([got], ODDS)

    outcome = await LlmJudge(spec(model, reading=Reading.LOGPROBS)).judge(CONTENT, QUALITY, asking())

    assert isinstance(outcome, Judgment)
    quality = outcome.answers["quality"]
    assert isinstance(quality, Score)
    assert quality.kind is ScoreKind.LOGPROBS
    assert quality.value == pytest.approx(0.75 * 0.75 + 0.25 * 1.0)
    assert outcome.answers["style"] == Score(value=0.25)
    assert model.asked[0].top_logprobs == 20


async def test_a_failure_of_the_model_is_the_abstention_of_the_judge() -> None:
    failure = ModelFailure(reason=AbstentionReason.RATE_LIMITED, detail="queue full")
    assert await outcome_of(failure) == Abstention(reason=AbstentionReason.RATE_LIMITED, detail="queue full")


async def test_a_criterion_without_a_score_is_an_abstention_of_its_own() -> None:
    judgment = await judgment_of(reply(answer(4, None)))
    style = judgment.answers["style"]
    assert isinstance(style, Abstention)
    assert style.reason is AbstentionReason.NOT_APPLICABLE


async def test_nothing_applicable_is_an_abstention_of_the_judge() -> None:
    assert await reason_of(reply(answer(None, None))) is AbstentionReason.NOT_APPLICABLE


async def test_one_made_up_quote_of_five_is_dropped_and_counted() -> None:
    words = ("The fox", "fox was", "was quick", "The fox was quick.", "Purple elephants danced on the moon.")
    judgment = await judgment_of(reply(answer(evidence=[{"quote": quote} for quote in words])))
    assert judgment.fabricated == 1
    assert len(judgment.evidence) == 4


async def test_one_made_up_quote_of_two_masks_the_judge() -> None:
    quotes = [{"quote": "The fox was quick."}, {"quote": "Purple elephants danced on the moon."}]
    assert await reason_of(reply(answer(evidence=quotes))) is AbstentionReason.FABRICATED_EVIDENCE


async def test_an_enforced_schema_without_the_nonce_is_unparseable() -> None:
    assert await reason_of(reply(answer(nonce="other"))) is AbstentionReason.UNPARSEABLE


async def test_without_a_schema_a_missing_nonce_raises_the_tamper_risk() -> None:
    text = json.dumps({"critique": "Fine.", "scores": {"quality": 4, "style": 3}})
    judgment = await judgment_of(reply(text, constrained=False))
    assert judgment.tamper_risk == pytest.approx(0.3)
    assert isinstance(judgment.answers["quality"], Score)


PEERS = tuple(
    Peer(
        alias=alias,
        judge=name,
        judgment=Judgment(answers={"quality": Score(value=value)}, critique=f"Says {name}-like things."),
    )
    for alias, name, value in (("J1", "zeta", 0.5), ("J2", "alpha", 1.0))
)


async def test_a_later_judge_reads_ballots_without_names_and_says_what_it_makes_of_them() -> None:
    text = answer(
        accepts=[{"ballot": "J1", "point": "it is dull"}, {"ballot": "J9", "point": "ghost"}],
        rejects=[{"ballot": "J2", "point": "praise", "why": "nothing happens"}],
    )
    model = ScriptedModel([reply(text)])
    outcome = await LlmJudge(spec(model)).judge(CONTENT, QUALITY, asking(peers=PEERS))

    assert isinstance(outcome, Judgment)
    assert set(outcome.read) == {"alpha", "zeta"}
    assert outcome.critique == (
        "Quick but empty. Accepts [J1]: it is dull. Rejects [J2]: praise, because: nothing happens."
    )
    (request,) = model.asked
    assert (
        f"<<<BALLOT J1 {NONCE}>>>\nscores: quality 3.0 of 5\ncritique: Says zeta-like things." in request.user
    )
    assert request.schema is not None
    assert list(request.schema["properties"])[:3] == ["nonce", "accepts", "rejects"]


async def test_a_critique_that_cites_ballots_itself_stands_alone() -> None:
    text = answer(critique="It is dull [J1].", accepts=[{"ballot": "J1", "point": "it is dull"}])
    model = ScriptedModel([reply(text)])
    outcome = await LlmJudge(spec(model)).judge(CONTENT, QUALITY, asking(peers=PEERS))
    assert isinstance(outcome, Judgment)
    assert outcome.critique == "It is dull [J1]."


async def test_a_layer_that_hides_the_content_shows_the_ballots_only() -> None:
    model = ScriptedModel([reply(answer())])
    await LlmJudge(spec(model)).judge(CONTENT, QUALITY, asking(peers=PEERS, shows_content=False))
    (request,) = model.asked
    assert TEXT not in request.user
    assert "Write about a fox." not in request.user
    assert "is not shown" in request.user


async def test_a_long_text_is_read_in_windows_and_the_fraction_said() -> None:
    long = replace(CONTENT, text="A sentence about the fox. " * 1000)
    model = ScriptedModel([reply(answer())])
    outcome = await LlmJudge(spec(model)).judge(long, QUALITY, asking())
    assert isinstance(outcome, Judgment)
    assert 0.1 < outcome.read_fraction < 0.2
    assert len(model.asked[0].user) < 6000


def test_everything_that_may_change_numbers_changes_the_revision() -> None:
    base = spec(ScriptedModel([]))
    others = [
        replace(base, temperature=0.5),
        replace(base, reading=Reading.SAMPLES),
        replace(base, max_tokens=100),
        replace(base, template=Template.load("layer-1")),
        replace(base, text_limit=100),
        replace(base, tamper_mask=0.8),
        replace(base, peers_template=Template.load("writer-1")),
        replace(base, reading=Reading.SAMPLES, samples=5),
        replace(base, model=ScriptedModel([], ODDS)),
        replace(base, model=ScriptedModel([], replace(CARD, stand_ins=("sha256:other",)))),
    ]
    revisions = {LlmJudge(each).profile.revision for each in (base, *others)}
    assert len(revisions) == 1 + len(others)
    assert LlmJudge(replace(base, title="Renamed")).profile.revision == LlmJudge(base).profile.revision


def test_a_calibration_holds_whoever_may_stand_in() -> None:
    alone = LlmJudge(spec(ScriptedModel([]))).profile
    helped = LlmJudge(spec(ScriptedModel([], replace(CARD, stand_ins=("sha256:other",))))).profile
    assert helped.calibrated_as == alone.calibrated_as == alone.revision


@pytest.mark.parametrize("text", ["", answer()[:40]])
async def test_a_reply_that_max_tokens_cut_short_says_so(text: str) -> None:
    cut = replace(reply(text), samples=(Sample(text=text, finish=Finish.LENGTH),))
    outcome = await outcome_of(cut)
    assert isinstance(outcome, Abstention)
    assert outcome.reason is AbstentionReason.UNPARSEABLE
    assert "max_tokens" in outcome.detail


def test_an_estimate_covers_what_a_call_may_cost() -> None:
    model = ScriptedModel([])
    estimate = LlmJudge(spec(model, reading=Reading.SAMPLES, samples=4)).estimate(CONTENT)
    assert estimate.micro_usd == 900 * 4
    assert estimate.seconds == 1.0


@pytest.mark.parametrize("letters", ["a fox ", "狐狸很快。", "лиса "])
async def test_an_estimate_covers_a_prompt_in_any_script(letters: str) -> None:
    vendor = endpoints.model(endpoints.endpoint(endpoints.acts()))
    content = Content(text=letters * 600, context=letters * 100)
    judge = spec(vendor)
    view = shown(content, NONCE, text_limit=judge.text_limit, context_limit=judge.context_limit)
    most = vendor.most(whole_request(judge, view, QUALITY, asking()))
    assert most <= LlmJudge(judge).estimate(content).micro_usd
