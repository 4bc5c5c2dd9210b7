from typing import Any

import pytest

from moa_scorer.domain.money import Usage
from moa_scorer.providers import gemini
from moa_scorer.providers.failures import Failed, Retry
from moa_scorer.providers.model import Finish, ModelReply, Sample, Token
from moa_scorer.providers.spec import Capabilities, Wire
from tests.unit.providers.exchanges import SCHEMA, answer, body_of, endpoint, request

SPEC = endpoint(Wire.GEMINI)
CANDIDATE: dict[str, Any] = {
    "content": {"parts": [{"text": "hm", "thought": True}, {"text": "fo"}, {"text": "ur"}]},
    "finishReason": "STOP",
}


def test_an_able_endpoint_is_asked_for_everything() -> None:
    wanted = request(schema=SCHEMA, samples=3, seed=7, top_logprobs=50, temperature=0.7)
    body = body_of(gemini.encode(wanted, "m", SPEC))
    assert body["systemInstruction"] == {"parts": [{"text": "static"}]}
    config = body["generationConfig"]
    assert config["responseJsonSchema"]["additionalProperties"] is False
    assert config["responseMimeType"] == "application/json"
    assert (config["candidateCount"], config["seed"], config["temperature"]) == (3, 7, 0.7)
    assert (config["responseLogprobs"], config["logprobs"]) == (True, 20)


def test_a_plain_endpoint_is_asked_for_nothing_that_it_may_refuse() -> None:
    wanted = request(schema=SCHEMA, samples=3, seed=1, top_logprobs=5)
    body = body_of(gemini.encode(wanted, "m", endpoint(Wire.GEMINI, Capabilities())))
    assert set(body["generationConfig"]) == {"maxOutputTokens", "temperature"}


@pytest.mark.parametrize(
    ("base_url", "model", "path"),
    [
        ("https://host", "gemini-x", "/v1beta/models/gemini-x:generateContent"),
        ("https://host/v1", "models/gemini-x", "/models/gemini-x:generateContent"),
        ("https://host/v1beta", "../../other?x=1#y", "/models/..%2F..%2Fother%3Fx%3D1%23y:generateContent"),
    ],
)
def test_the_path_names_the_version_once_and_the_model_safely(base_url: str, model: str, path: str) -> None:
    assert gemini.encode(request(), model, endpoint(Wire.GEMINI, base_url=base_url)).path == path


def test_a_whole_reply_is_read_without_its_thoughts() -> None:
    usage = {
        "promptTokenCount": 9,
        "cachedContentTokenCount": 6,
        "candidatesTokenCount": 2,
        "thoughtsTokenCount": 5,
    }
    body = {"candidates": [CANDIDATE], "usageMetadata": usage, "modelVersion": "m-2026"}
    assert gemini.decode(answer(body), request(), SPEC) == ModelReply(
        samples=(Sample(text="four"),),
        model="m-2026",
        usage=Usage(calls=1, input_tokens=9, cached_tokens=6, output_tokens=7),
        constrained=False,
    )


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("MAX_TOKENS", Finish.LENGTH),
        ("SAFETY", Finish.REFUSED),
        ("PROHIBITED_CONTENT", Finish.REFUSED),
        ("MALFORMED_RESPONSE", Finish.OTHER),
    ],
)
def test_the_vendors_finish_becomes_ours(reason: str, finish: Finish) -> None:
    reply = gemini.decode(answer({"candidates": [{"finishReason": reason}]}), request(), SPEC)
    assert isinstance(reply, ModelReply)
    assert reply.samples == (Sample(text="", finish=finish),)


def test_a_blocked_prompt_is_a_refusal() -> None:
    reply = gemini.decode(answer({"promptFeedback": {"blockReason": "SAFETY"}}), request(), SPEC)
    assert isinstance(reply, ModelReply)
    assert reply.samples == (Sample(text="", finish=Finish.REFUSED),)


def test_chosen_tokens_meet_their_alternatives() -> None:
    result = {
        "chosenCandidates": [{"token": "4", "logProbability": -0.5}, {"token": ".", "logProbability": -0.1}],
        "topCandidates": [
            {"candidates": [{"token": "4", "logProbability": -0.5}, {"token": "3", "logProbability": -1.5}]}
        ],
    }
    reply = gemini.decode(answer({"candidates": [CANDIDATE | {"logprobsResult": result}]}), request(), SPEC)
    assert isinstance(reply, ModelReply)
    assert reply.samples[0].tokens == (
        Token(text="4", alternatives=(("4", -0.5), ("3", -1.5))),
        Token(text=".", alternatives=((".", -0.1),)),
    )


@pytest.mark.parametrize("body", [b"", b"[]", {}, {"candidates": "four"}])
def test_what_is_not_of_the_form_is_worth_another_try(body: object) -> None:
    failure = gemini.decode(answer(body), request(), SPEC)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.TRANSIENT
