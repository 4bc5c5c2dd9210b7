"""Every way in which a vendor fails, in every wire format, over a real connection: always a typed outcome."""

import asyncio
import json
from collections.abc import AsyncIterator
from random import Random

import pytest

from moa_scorer.domain.ballot import AbstentionReason as Reason
from moa_scorer.providers.failures import Failed, Retry
from moa_scorer.providers.formats import wire_format
from moa_scorer.providers.http import Http
from moa_scorer.providers.model import Finish, ModelReply, ModelRequest
from moa_scorer.providers.spec import Capabilities, EndpointSpec, Wire
from tests.fakes.vendor import WRONG_MODEL, Vendor
from tests.fakes.vendor_faults import Fault, Faults, log_normal

REQUEST = ModelRequest(system="You judge.", user="Judge it.", max_tokens=50, top_logprobs=5)
WIRES = pytest.mark.parametrize("wire", list(Wire))


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with Vendor() as vendor:
        yield vendor


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    http = Http()
    yield http
    await http.aclose()


async def ask(
    http: Http, vendor: Vendor, wire: Wire, request: ModelRequest = REQUEST, seconds: float = 5.0
) -> ModelReply | Failed:
    can = Capabilities(top_logprobs=0 if wire is Wire.ANTHROPIC else 20)
    spec = EndpointSpec(name="fake", wire=wire, base_url=vendor.base_url(wire), capabilities=can)
    form = wire_format(wire)
    answer = await http.send(spec, form.encode(request, "some-model", spec), seconds)
    return answer if isinstance(answer, Failed) else form.decode(answer, request, spec)


@WIRES
@pytest.mark.parametrize(
    ("fault", "reason", "retry"),
    [
        (Fault.RATE_LIMITED, Reason.RATE_LIMITED, Retry.RATE_LIMITED),
        (Fault.RATE_LIMITED_AFTER, Reason.RATE_LIMITED, Retry.RATE_LIMITED),
        (Fault.SERVER_ERROR, Reason.PROVIDER_ERROR, Retry.TRANSIENT),
        (Fault.UNAVAILABLE, Reason.PROVIDER_ERROR, Retry.TRANSIENT),
        (Fault.OVERLOADED, Reason.PROVIDER_ERROR, Retry.TRANSIENT),
        (Fault.CUT, Reason.PROVIDER_ERROR, Retry.TRANSIENT),
        (Fault.GARBAGE, Reason.PROVIDER_ERROR, Retry.TRANSIENT),
        (Fault.BAD_KEY, Reason.PROVIDER_ERROR, Retry.NO),
        (Fault.NO_MODEL, Reason.PROVIDER_ERROR, Retry.NO),
        (Fault.TOO_LONG, Reason.TOO_LONG, Retry.NO),
    ],
)
async def test_a_fault_becomes_its_reason_and_its_answer_to_trying_again(
    http: Http, vendor: Vendor, wire: Wire, fault: Fault, reason: Reason, retry: Retry
) -> None:
    vendor.faults.script([fault])
    failure = await ask(http, vendor, wire)
    assert isinstance(failure, Failed)
    assert (failure.failure.reason, failure.retry) == (reason, retry)
    assert failure.after == (1.0 if fault is Fault.RATE_LIMITED_AFTER else None)
    assert "by design" not in failure.failure.detail


@WIRES
@pytest.mark.parametrize("fault", [Fault.HANG, Fault.SLOW_BODY])
async def test_who_answers_too_late_is_left_and_notices(
    http: Http, vendor: Vendor, wire: Wire, fault: Fault
) -> None:
    vendor.slow_pause = 60.0
    vendor.faults.script([fault])
    failure = await ask(http, vendor, wire, seconds=0.1)
    assert isinstance(failure, Failed)
    assert failure.failure.reason is Reason.TIMEOUT
    assert failure.may_cost
    await asyncio.wait_for(vendor.idle(), 5.0)
    assert vendor.cancelled == 1


@WIRES
@pytest.mark.parametrize(
    ("fault", "finish"),
    [(Fault.REFUSAL, Finish.REFUSED), (Fault.TRUNCATED, Finish.LENGTH), (Fault.WRONG_SCHEMA, Finish.STOP)],
)
async def test_a_reply_that_is_no_judgment_says_how_it_ended(
    http: Http, vendor: Vendor, wire: Wire, fault: Fault, finish: Finish
) -> None:
    vendor.faults.script([fault])
    reply = await ask(http, vendor, wire)
    assert isinstance(reply, ModelReply)
    assert reply.samples[0].finish is finish


@WIRES
async def test_another_model_and_missing_log_probabilities_can_be_seen(
    http: Http, vendor: Vendor, wire: Wire
) -> None:
    vendor.faults.script([Fault.WRONG_MODEL, Fault.NO_LOGPROBS])
    reply = await ask(http, vendor, wire)
    assert isinstance(reply, ModelReply)
    assert reply.model == WRONG_MODEL
    assert bool(reply.samples[0].tokens) is (wire is not Wire.ANTHROPIC)
    reply = await ask(http, vendor, wire)
    assert isinstance(reply, ModelReply)
    assert reply.samples[0].tokens == ()
    assert vendor.faults.left == 0


async def test_a_content_filter_of_openais_kind_is_a_refusal(http: Http, vendor: Vendor) -> None:
    vendor.faults.script([Fault.FILTERED])
    failure = await ask(http, vendor, Wire.OPENAI)
    assert isinstance(failure, Failed)
    assert failure.failure.reason is Reason.REFUSED


async def test_an_empty_account_is_told_from_a_rate_limit(http: Http, vendor: Vendor) -> None:
    vendor.faults.script([Fault.NO_QUOTA])
    failure = await ask(http, vendor, Wire.OPENAI)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.NO


async def test_chance_strikes_the_same_calls_in_any_order(http: Http) -> None:
    chances = {Fault.RATE_LIMITED: 0.3, Fault.REFUSAL: 0.3}
    requests = [ModelRequest(system="s", user=str(index), max_tokens=5) for index in range(40)]

    async def outcomes(order: list[ModelRequest]) -> dict[str, str]:
        async with Vendor(faults=Faults(chances=chances, seed=3)) as vendor:
            replies = [await ask(http, vendor, Wire.OPENAI, request) for request in order]
            assert sum(vendor.met.values()) == vendor.calls == 40
        kinds = (
            "limited" if isinstance(reply, Failed) else reply.samples[0].finish.value for reply in replies
        )
        return {request.user: kind for request, kind in zip(order, kinds, strict=True)}

    forwards = await outcomes(requests)
    assert forwards == await outcomes(requests[::-1])
    assert set(forwards.values()) == {"limited", "refused", "stop"}


def test_latencies_have_the_stragglers_and_hangs_that_were_asked_for() -> None:
    latency = log_normal(median=1.0, stragglers=0.03, straggling=100.0, hangs=0.005)
    random = Random(1)
    drawn = [latency(random) for _ in range(20_000)]
    assert sum(seconds == float("inf") for seconds in drawn) == pytest.approx(100, abs=40)
    assert sum(10.0 < seconds < float("inf") for seconds in drawn) == pytest.approx(600, abs=100)
    assert sorted(drawn)[10_000] == pytest.approx(1.0, abs=0.1)


async def test_the_fake_models_judgment_echoes_the_nonce_and_quotes_the_content(
    http: Http, vendor: Vendor
) -> None:
    schema = {
        "type": "object",
        "properties": {
            "nonce": {"type": "string"},
            "quote": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 3},
        },
    }
    title = "<<<TITLE n0nce>>>\nA title\n<<<END TITLE n0nce>>>"
    text = "<<<CONTENT n0nce>>>\nWords to judge.\n<<<END CONTENT n0nce>>>"
    spec = EndpointSpec(
        name="fake",
        wire=Wire.OPENAI,
        base_url=vendor.base_url(Wire.OPENAI),
        capabilities=Capabilities(json_schema=True),
    )
    request = ModelRequest(system="You judge.", user=f"{title}\n{text}", max_tokens=50, schema=schema)
    form = wire_format(Wire.OPENAI)
    answer = await http.send(spec, form.encode(request, "some-model", spec), 5.0)
    assert not isinstance(answer, Failed)
    reply = form.decode(answer, request, spec)
    assert isinstance(reply, ModelReply)
    assert json.loads(reply.samples[0].text) == {"nonce": "n0nce", "quote": "Words to judge.", "score": 3}
