from typing import Any

import pytest

from moa_scorer.domain.money import Usage
from moa_scorer.providers import openai
from moa_scorer.providers.failures import Failed, Retry
from moa_scorer.providers.model import Finish, ModelReply, Sample
from moa_scorer.providers.spec import Capabilities
from tests.unit.providers.exchanges import SCHEMA, answer, body_of, endpoint, request

PLAIN = Capabilities()
CHOICE: dict[str, Any] = {"message": {"role": "assistant", "content": "four"}, "finish_reason": "stop"}


def read(body: object, **wanted: Any) -> ModelReply | Failed:
    return openai.decode(answer(body), request(**wanted), endpoint())


def sample(choice: dict[str, Any]) -> Sample:
    reply = read({"choices": [choice]})
    assert isinstance(reply, ModelReply)
    return reply.samples[0]


def test_the_static_part_comes_first_so_that_caches_match() -> None:
    body = body_of(openai.encode(request(), "m", endpoint()))
    assert [message["content"] for message in body["messages"]] == ["static", "content"]


def test_an_able_endpoint_is_asked_for_everything() -> None:
    wanted = request(schema=SCHEMA, samples=3, seed=2**40 + 5, top_logprobs=50, temperature=0.7)
    body = body_of(openai.encode(wanted, "m", endpoint()))
    assert (body["n"], body["seed"], body["logprobs"], body["top_logprobs"]) == (3, 5, True, 20)
    assert body["temperature"] == 0.7
    form = body["response_format"]["json_schema"]
    assert form["strict"] is True
    assert form["schema"]["additionalProperties"] is False
    assert form["schema"]["properties"]["evidence"]["items"]["additionalProperties"] is False


def test_a_plain_endpoint_is_asked_for_nothing_that_it_may_refuse() -> None:
    wanted = request(schema=SCHEMA, samples=3, seed=1, top_logprobs=5)
    body = body_of(openai.encode(wanted, "m", endpoint(can=PLAIN)))
    assert set(body) == {"model", "messages", "max_tokens", "temperature"}


def test_json_mode_stands_in_for_schemas() -> None:
    spec = endpoint(can=Capabilities(json_mode=True))
    body = body_of(openai.encode(request(schema=SCHEMA), "m", spec))
    assert body["response_format"] == {"type": "json_object"}
    reply = openai.decode(answer({"choices": [CHOICE]}), request(schema=SCHEMA), spec)
    assert isinstance(reply, ModelReply)
    assert not reply.constrained


def test_reasoning_models_are_sent_no_temperature_and_the_newer_limit() -> None:
    can = Capabilities(temperature=False, max_completion_tokens=True)
    body = body_of(openai.encode(request(), "m", endpoint(can=can)))
    assert "temperature" not in body
    assert "max_tokens" not in body
    assert body["max_completion_tokens"] == 50


def test_a_whole_reply_is_read() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 6}}
    reply = read({"model": "m-2026", "choices": [CHOICE, CHOICE], "usage": usage}, samples=2, schema=SCHEMA)
    assert reply == ModelReply(
        samples=(Sample(text="four"), Sample(text="four")),
        model="m-2026",
        usage=Usage(calls=1, input_tokens=9, cached_tokens=6, output_tokens=4),
        constrained=True,
    )


@pytest.mark.parametrize(
    ("choice", "finish"),
    [
        ({"finish_reason": "length"}, Finish.LENGTH),
        ({"finish_reason": "content_filter"}, Finish.REFUSED),
        ({"message": {"content": None, "refusal": "I will not."}}, Finish.REFUSED),
        ({"finish_reason": "tool_calls"}, Finish.OTHER),
        ({"finish_reason": None}, Finish.OTHER),
    ],
)
def test_the_vendors_finish_becomes_ours(choice: dict[str, Any], finish: Finish) -> None:
    assert sample(CHOICE | choice).finish is finish


def test_reasoning_is_not_part_of_the_reply() -> None:
    parts = [{"type": "thinking", "text": "hm"}, {"type": "text", "text": "4"}]
    assert sample({"message": {"content": parts, "reasoning_content": "hm"}}).text == "4"


def test_log_probabilities_come_likeliest_first_without_what_is_no_number() -> None:
    tops = [
        {"token": "3", "logprob": -2.0},
        {"token": "4", "logprob": -0.5},
        {"token": "5", "logprob": None},
        {"token": "1", "logprob": 0.001},
    ]
    entry = {"token": "4", "logprob": -0.5, "top_logprobs": tops}
    [token] = sample(CHOICE | {"logprobs": {"content": [entry]}}).tokens
    assert token.text == "4"
    assert token.alternatives == (("1", 0.0), ("4", -0.5), ("3", -2.0))


def test_a_chosen_token_stands_alone_where_no_others_are_named() -> None:
    entry = {"token": "4", "logprob": -0.5, "top_logprobs": []}
    assert sample(CHOICE | {"logprobs": {"content": [entry]}}).tokens[0].alternatives == (("4", -0.5),)


def test_more_choices_than_wanted_are_cut_off() -> None:
    reply = read({"choices": [CHOICE] * 5}, samples=2)
    assert isinstance(reply, ModelReply)
    assert len(reply.samples) == 2


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"choices": {}}']
)
def test_what_is_not_of_the_form_is_worth_another_try(body: bytes) -> None:
    failure = read(body)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.TRANSIENT
    assert failure.may_cost


def test_an_error_under_status_200_is_an_error() -> None:
    failure = read({"error": {"code": 429, "message": "slow down"}})
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.RATE_LIMITED
