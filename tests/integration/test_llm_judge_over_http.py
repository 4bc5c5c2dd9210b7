"""A judge, its prompt, the wire and a vendor, all of them real but the model."""

from collections.abc import AsyncIterator

import pytest

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Score, ScoreKind
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking
from moa_scorer.judges.llm import Asks, LlmJudge, LlmSpec, Reading
from moa_scorer.judges.prompt import Template
from moa_scorer.providers.endpoint import Endpoint
from moa_scorer.providers.http import Http
from moa_scorer.providers.http_model import HttpModel
from moa_scorer.providers.spec import Capabilities, EndpointSpec, SecretRef, Traffic, Wire
from moa_scorer.scoring.purse import JudgeTab, Purse
from tests.fakes.judges import QUALITY, SystemClock
from tests.fakes.vendor import Vendor
from tests.fakes.vendor_faults import Fault

KEY = "key-of-the-test"
CONTENT = Content(
    text="The plot is thin. The style carries it for a while, and then it does not.", language="en"
)
ABLE = {
    Wire.OPENAI: Capabilities(json_schema=True, top_logprobs=20, samples=8, seed=True),
    Wire.ANTHROPIC: Capabilities(json_schema=True, temperature=False, cache_control=True),
    Wire.GEMINI: Capabilities(json_schema=True, seed=True),
}
CLOCK = SystemClock()


@pytest.fixture
async def vendor(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Vendor]:
    monkeypatch.setenv("KEY_OF_THE_TEST", KEY)
    async with Vendor(key=KEY) as vendor:
        yield vendor


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    http = Http()
    yield http
    await http.aclose()


def judge(vendor: Vendor, http: Http, wire: Wire, *, asks: Asks = Asks.WHOLE, reading: Reading) -> LlmJudge:
    spec = EndpointSpec(
        name="fake",
        wire=wire,
        base_url=vendor.base_url(wire),
        key=SecretRef(env="KEY_OF_THE_TEST"),
        capabilities=ABLE[wire],
        traffic=Traffic(attempts=1, hedge=False),
    )
    template = "whole-1" if asks is Asks.WHOLE else "criterion-1"
    return LlmJudge(
        LlmSpec(
            name="model",
            title="A model",
            family="none",
            model=HttpModel(Endpoint(spec, http, 1, CLOCK), "some-model", None),
            template=Template.load(template),
            peers_template=Template.load("layer-1"),
            asks=asks,
            reading=reading,
            temperature=0.7 if reading is Reading.SAMPLES else 0.0,
        )
    )


async def judged(judge: LlmJudge, tab: JudgeTab) -> Judgment | Abstention:
    budget = Budget.starting(CLOCK.monotonic(), 20.0)
    return await judge.judge(CONTENT, QUALITY, Asking(budget=budget, tab=tab, nonce="5eed" * 8))


@pytest.mark.parametrize(
    ("wire", "reading", "kind"),
    [
        (Wire.OPENAI, Reading.LOGPROBS, ScoreKind.LOGPROBS),
        (Wire.OPENAI, Reading.SAMPLES, ScoreKind.SAMPLES),
        (Wire.ANTHROPIC, Reading.SINGLE, ScoreKind.SINGLE),
        (Wire.ANTHROPIC, Reading.SAMPLES, ScoreKind.SAMPLES),
        (Wire.GEMINI, Reading.SINGLE, ScoreKind.SINGLE),
    ],
)
async def test_a_judgment_comes_back_through_every_wire_format(
    vendor: Vendor, http: Http, wire: Wire, reading: Reading, kind: ScoreKind
) -> None:
    tab = JudgeTab(Purse())
    judgment = await judged(judge(vendor, http, wire, reading=reading), tab)
    assert isinstance(judgment, Judgment)
    assert set(judgment.answers) == {"quality", "style"}
    for answer in judgment.answers.values():
        assert isinstance(answer, Score)
        assert answer.kind is kind
        assert answer.value == pytest.approx(0.75, abs=0.1)
    assert judgment.evidence
    assert judgment.critique
    assert tab.usage.calls == vendor.calls
    assert tab.usage.output_tokens > 0
    assert tab.model == "some-model"


async def test_a_small_model_is_asked_one_word_a_criterion(vendor: Vendor, http: Http) -> None:
    small = judge(vendor, http, Wire.OPENAI, asks=Asks.PER_CRITERION, reading=Reading.LOGPROBS)
    judgment = await judged(small, JudgeTab(Purse()))
    assert isinstance(judgment, Judgment)
    answers = list(judgment.answers.values())
    assert all(isinstance(answer, Score) and answer.value == pytest.approx(0.8) for answer in answers)


@pytest.mark.parametrize("wire", list(Wire))
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.REFUSAL, AbstentionReason.REFUSED),
        (Fault.WRONG_SCHEMA, AbstentionReason.UNPARSEABLE),
        (Fault.SERVER_ERROR, AbstentionReason.PROVIDER_ERROR),
        (Fault.BAD_KEY, AbstentionReason.PROVIDER_ERROR),
        (Fault.TOO_LONG, AbstentionReason.TOO_LONG),
    ],
)
async def test_a_fault_becomes_an_abstention_and_never_a_number(
    vendor: Vendor, http: Http, wire: Wire, fault: Fault, reason: AbstentionReason
) -> None:
    vendor.faults.script([fault])
    outcome = await judged(judge(vendor, http, wire, reading=Reading.SINGLE), JudgeTab(Purse()))
    assert isinstance(outcome, Abstention)
    assert outcome.reason is reason
    assert KEY not in outcome.detail
