"""The vendors' own SDKs talk to the fake vendor: so its formats are right, and with them ours.

The last test closes the circle: what the SDKs understood is what our own wire code understands.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import errors as genai_errors
from google.genai import types as genai_types

from moa_scorer.providers.formats import wire_format
from moa_scorer.providers.http import Http
from moa_scorer.providers.model import Finish, ModelReply, ModelRequest
from moa_scorer.providers.spec import Capabilities, EndpointSpec, SecretRef, Wire
from moa_scorer.providers.wire import HttpAnswer
from tests.fakes.vendor import Vendor
from tests.fakes.vendor_faults import Fault

KEY = "key-of-the-test"
PROMPT = "Judge it.\n<<<CONTENT tok3n>>>\nA text of a few words to be judged.\n<<<END CONTENT tok3n>>>"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "nonce": {"type": "string"},
        "fluency": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
        "evidence": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"quote": {"type": "string"}},
                "required": ["quote"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["nonce", "fluency", "evidence"],
    "additionalProperties": False,
}
JUDGMENT = {"nonce": "tok3n", "fluency": 4, "evidence": [{"quote": "A text of a few words"}]}


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with Vendor(key=KEY) as vendor:
        yield vendor


@pytest.fixture
async def openai_client(vendor: Vendor) -> AsyncIterator[openai.AsyncOpenAI]:
    base_url = vendor.base_url(Wire.OPENAI)
    async with openai.AsyncOpenAI(base_url=base_url, api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
async def anthropic_client(vendor: Vendor) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=vendor.root, api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
async def gemini_client(vendor: Vendor) -> AsyncIterator[genai.client.AsyncClient]:
    options = genai_types.HttpOptions(
        base_url=vendor.root, retry_options=genai_types.HttpRetryOptions(attempts=1)
    )
    client = genai.Client(api_key=KEY, vertexai=False, http_options=options)
    yield client.aio
    await client.aio.aclose()
    client.close()


async def ask_openai(client: openai.AsyncOpenAI, **further: Any) -> openai.types.chat.ChatCompletion:
    messages: Any = [{"role": "system", "content": "You judge."}, {"role": "user", "content": PROMPT}]
    completion: openai.types.chat.ChatCompletion = await client.chat.completions.create(
        model="some-model", messages=messages, **further
    )
    return completion


async def ask_anthropic(client: anthropic.AsyncAnthropic, **further: Any) -> anthropic.types.Message:
    messages: Any = [{"role": "user", "content": PROMPT}]
    message: anthropic.types.Message = await client.messages.create(
        model="some-model", max_tokens=100, system="You judge.", messages=messages, **further
    )
    return message


async def ask_gemini(client: genai.client.AsyncClient, **further: Any) -> genai_types.GenerateContentResponse:
    config = genai_types.GenerateContentConfig(system_instruction="You judge.", **further)
    return await client.models.generate_content(model="some-model", contents=PROMPT, config=config)


async def test_openai_gives_constrained_samples_with_log_probabilities_and_usage(
    openai_client: openai.AsyncOpenAI,
) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "judgment", "strict": True, "schema": SCHEMA}}
    completion = await ask_openai(
        openai_client, response_format=form, n=3, logprobs=True, top_logprobs=5, seed=7
    )
    assert [json.loads(choice.message.content or "") for choice in completion.choices] == [JUDGMENT] * 3
    logprobs = completion.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    assert "".join(entry.token for entry in logprobs.content) == completion.choices[0].message.content
    score = next(entry for entry in logprobs.content if entry.token == "4")
    assert {other.token for other in score.top_logprobs} == set("12345")
    assert completion.usage is not None
    assert completion.usage.prompt_tokens > 0
    assert completion.model == "some-model"


async def test_openai_parses_a_refusal_as_one(vendor: Vendor, openai_client: openai.AsyncOpenAI) -> None:
    vendor.faults.script([Fault.REFUSAL])
    completion = await ask_openai(openai_client)
    assert completion.choices[0].message.refusal
    assert completion.choices[0].message.content is None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RATE_LIMITED, openai.RateLimitError),
        (Fault.NO_QUOTA, openai.RateLimitError),
        (Fault.SERVER_ERROR, openai.InternalServerError),
        (Fault.UNAVAILABLE, openai.InternalServerError),
        (Fault.BAD_KEY, openai.AuthenticationError),
        (Fault.NO_MODEL, openai.NotFoundError),
        (Fault.TOO_LONG, openai.BadRequestError),
    ],
)
async def test_openai_raises_its_own_error_for_a_fault(
    vendor: Vendor, openai_client: openai.AsyncOpenAI, fault: Fault, error: type[Exception]
) -> None:
    vendor.faults.script([fault])
    with pytest.raises(error):
        await ask_openai(openai_client)


async def test_openai_retries_a_rate_limit_as_the_header_says(vendor: Vendor) -> None:
    vendor.retry_after = "0.01"
    vendor.faults.script([Fault.RATE_LIMITED_AFTER])
    base_url = vendor.base_url(Wire.OPENAI)
    async with openai.AsyncOpenAI(base_url=base_url, api_key=KEY, max_retries=1) as client:
        completion = await ask_openai(client)
    assert completion.choices[0].finish_reason == "stop"
    assert vendor.calls == 2


async def test_anthropic_gives_constrained_text_and_usage(anthropic_client: anthropic.AsyncAnthropic) -> None:
    form: Any = {"format": {"type": "json_schema", "schema": SCHEMA}}
    message = await ask_anthropic(anthropic_client, output_config=form)
    [block] = message.content
    assert block.type == "text"
    assert json.loads(block.text) == JUDGMENT
    assert message.stop_reason == "end_turn"
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0
    assert message.usage.cache_read_input_tokens


async def test_anthropic_gives_a_refusal_as_a_stop_reason(
    vendor: Vendor, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    vendor.faults.script([Fault.REFUSAL])
    assert (await ask_anthropic(anthropic_client)).stop_reason == "refusal"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RATE_LIMITED, anthropic.RateLimitError),
        (Fault.SERVER_ERROR, anthropic.InternalServerError),
        (Fault.OVERLOADED, anthropic.APIStatusError),
        (Fault.BAD_KEY, anthropic.AuthenticationError),
        (Fault.NO_MODEL, anthropic.NotFoundError),
        (Fault.TOO_LONG, anthropic.BadRequestError),
    ],
)
async def test_anthropic_raises_its_own_error_for_a_fault(
    vendor: Vendor, anthropic_client: anthropic.AsyncAnthropic, fault: Fault, error: type[Exception]
) -> None:
    vendor.faults.script([fault])
    with pytest.raises(error):
        await ask_anthropic(anthropic_client)


async def test_gemini_gives_constrained_candidates_with_log_probabilities_and_usage(
    gemini_client: genai.client.AsyncClient,
) -> None:
    response = await ask_gemini(
        gemini_client,
        response_mime_type="application/json",
        response_json_schema=SCHEMA,
        candidate_count=2,
        response_logprobs=True,
        logprobs=5,
        seed=7,
    )
    assert json.loads(response.text or "") == JUDGMENT
    candidates = response.candidates or []
    assert len(candidates) == 2
    result = candidates[0].logprobs_result
    assert result is not None
    assert result.chosen_candidates is not None
    assert result.top_candidates is not None
    assert "".join(token.token or "" for token in result.chosen_candidates) == response.text
    assert len(result.top_candidates) == len(result.chosen_candidates)
    assert response.usage_metadata is not None
    assert response.usage_metadata.prompt_token_count
    assert response.model_version == "some-model"


async def test_gemini_gives_a_blocked_prompt_as_feedback(
    vendor: Vendor, gemini_client: genai.client.AsyncClient
) -> None:
    vendor.faults.script([Fault.REFUSAL])
    response = await ask_gemini(gemini_client)
    assert response.prompt_feedback is not None
    assert response.prompt_feedback.block_reason is genai_types.BlockedReason.PROHIBITED_CONTENT


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        (Fault.RATE_LIMITED, genai_errors.ClientError, 429),
        (Fault.SERVER_ERROR, genai_errors.ServerError, 500),
        (Fault.UNAVAILABLE, genai_errors.ServerError, 503),
        (Fault.TOO_LONG, genai_errors.ClientError, 400),
    ],
)
async def test_gemini_raises_its_own_error_for_a_fault(
    vendor: Vendor,
    gemini_client: genai.client.AsyncClient,
    fault: Fault,
    error: type[genai_errors.APIError],
    code: int,
) -> None:
    vendor.faults.script([fault])
    with pytest.raises(error) as raised:
        await ask_gemini(gemini_client)
    assert raised.value.code == code


@pytest.mark.parametrize("wire", list(Wire))
async def test_our_own_wire_code_reads_the_same_replies(
    vendor: Vendor, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_OF_THE_TEST", KEY)
    many = wire is not Wire.ANTHROPIC
    spec = EndpointSpec(
        name="fake",
        wire=wire,
        base_url=vendor.base_url(wire),
        key=SecretRef(env="KEY_OF_THE_TEST"),
        capabilities=Capabilities(
            json_schema=True, seed=True, samples=4 if many else 1, top_logprobs=20 if many else 0
        ),
    )
    request = ModelRequest(
        system="You judge.", user=PROMPT, max_tokens=100, schema=SCHEMA, samples=2, top_logprobs=5, seed=7
    )
    reply = await _ask(spec, request)
    assert [json.loads(sample.text) for sample in reply.samples] == [JUDGMENT] * (2 if many else 1)
    assert {sample.finish for sample in reply.samples} == {Finish.STOP}
    assert "".join(token.text for token in reply.samples[0].tokens) == (reply.samples[0].text if many else "")
    assert reply.constrained
    assert reply.model == "some-model"
    assert reply.usage.calls == 1
    assert 0 < reply.usage.cached_tokens < reply.usage.input_tokens


async def _ask(spec: EndpointSpec, request: ModelRequest) -> ModelReply:
    form = wire_format(spec.wire)
    http = Http()
    try:
        answer = await http.send(spec, form.encode(request, "some-model", spec), 5.0)
    finally:
        await http.aclose()
    assert isinstance(answer, HttpAnswer)
    reply = form.decode(answer, request, spec)
    assert isinstance(reply, ModelReply)
    return reply
