import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.providers.error_bodies import failure_of
from moa_scorer.providers.failures import Retry
from moa_scorer.providers.spec import SecretRef
from tests.unit.providers.exchanges import answer, endpoint

SPEC = endpoint(key=SecretRef(env="VENDOR_KEY"))


def error(message: str = "", **further: Any) -> dict[str, Any]:
    return {"error": {"message": message, **further}}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, error("Incorrect API key provided: sk-abc", code="invalid_api_key")),
        (401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}),
        (403, error("Country not supported", code="unsupported_country")),
        (
            400,
            error("API key not valid.", status="INVALID_ARGUMENT", details=[{"reason": "API_KEY_INVALID"}]),
        ),
    ],
)
def test_a_denied_key_is_not_tried_again_and_its_reference_is_named(status: int, body: object) -> None:
    failure = failure_of(answer(body, status), SPEC)
    assert failure.retry is Retry.NO
    assert failure.failure.reason is AbstentionReason.PROVIDER_ERROR
    assert "VENDOR_KEY" in failure.failure.detail
    assert "sk-abc" not in failure.failure.detail


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error("This model's maximum context length is 8192 tokens.", code="context_length_exceeded")),
        (
            400,
            {
                "object": "error",
                "message": "This model's maximum context length is 4096 tokens.",
                "code": 400,
            },
        ),
        (400, error("prompt is too long: 209000 tokens > 200000 maximum", type="invalid_request_error")),
        (400, error("The input token count (1200000) exceeds the maximum", status="INVALID_ARGUMENT")),
        (400, error("the request exceeds the available context size", type="exceed_context_size_error")),
        (413, error("Request exceeds the maximum size", type="request_too_large")),
        (413, b"<html>nginx</html>"),
    ],
)
def test_a_prompt_beyond_the_context_is_too_long(status: int, body: object) -> None:
    failure = failure_of(answer(body, status), SPEC)
    assert failure.failure.reason is AbstentionReason.TOO_LONG
    assert failure.retry is Retry.NO


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error("The response was filtered", code="content_filter")),
        (400, error("bad", innererror={"code": "ResponsibleAIPolicyViolation"})),
        (403, error("requires moderation: your input was flagged", code=403)),
    ],
)
def test_a_content_filter_is_a_refusal(status: int, body: object) -> None:
    failure = failure_of(answer(body, status), SPEC)
    assert failure.failure.reason is AbstentionReason.REFUSED
    assert failure.retry is Retry.NO


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, error("You exceeded your current quota", code="insufficient_quota")),
        (402, error("Payment Required")),
        (400, {"type": "error", "error": {"type": "billing_error", "message": "Check your plan"}}),
        (400, error("Your credit balance is too low to access the API", type="invalid_request_error")),
    ],
)
def test_an_empty_account_is_not_tried_again(status: int, body: object) -> None:
    failure = failure_of(answer(body, status), SPEC)
    assert failure.retry is Retry.NO
    assert "quota or credit" in failure.failure.detail


def test_a_rate_limit_says_how_long_it_asks_to_wait() -> None:
    failure = failure_of(answer(error("Slow down"), 429, {"retry-after": "7"}), SPEC)
    assert failure.retry is Retry.RATE_LIMITED
    assert failure.failure.reason is AbstentionReason.RATE_LIMITED
    assert failure.after == 7.0


@pytest.mark.parametrize(
    "body",
    [
        error(
            "Rate limit reached. Add a payment method at https://host/account/billing.",
            code="rate_limit_exceeded",
        ),
        error("You exceeded your current quota, check your plan and billing.", status="RESOURCE_EXHAUSTED"),
        error("Number of request tokens has exceeded your rate limit", type="rate_limit_error"),
    ],
)
def test_a_rate_limit_that_speaks_of_billing_is_still_a_rate_limit(body: object) -> None:
    assert failure_of(answer(body, 429), SPEC).retry is Retry.RATE_LIMITED


def test_google_says_in_the_body_how_long_it_asks_to_wait() -> None:
    delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}
    failure = failure_of(answer([error("Quota exceeded", code=429, details=[delay])], 429), SPEC)
    assert failure.after == 34.5


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504, 529])
def test_a_busy_or_broken_server_is_worth_another_try(status: int) -> None:
    failure = failure_of(answer(b"oops", status), SPEC)
    assert failure.retry is Retry.TRANSIENT
    assert failure.failure.reason is AbstentionReason.PROVIDER_ERROR


def test_a_server_that_says_not_to_retry_is_believed() -> None:
    assert failure_of(answer(b"", 500, {"x-should-retry": "false"}), SPEC).retry is Retry.NO


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, error("no such model"), "check model and base_url"),
        (307, b"", "redirect"),
        (400, error("`temperature` is deprecated for this model."), "objects to temperature"),
        (400, error("Unsupported", param="top_logprobs"), "objects to top_logprobs"),
        (405, b"", "status 405"),
        (400, b"{}", "claim more than it can"),
    ],
)
def test_a_mistake_in_the_set_up_is_told_so_that_it_can_be_mended(
    status: int, body: object, words: str
) -> None:
    failure = failure_of(answer(body, status), SPEC)
    assert failure.retry is Retry.NO
    assert words in failure.failure.detail


def test_what_a_model_does_not_support_is_not_taken_for_a_missing_model() -> None:
    body = error("Logprobs is not enabled for models/gemini-x", status="INVALID_ARGUMENT")
    assert "no such model" not in failure_of(answer(body, 400), SPEC).failure.detail


statuses = st.integers(201, 599)
secret_words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=12, max_size=20).map(lambda word: f"zq{word}qz")


@given(
    status=statuses, word=secret_words, place=st.sampled_from(["message", "type", "code", "param", "status"])
)
def test_no_word_of_a_vendor_gets_into_a_detail(status: int, word: str, place: str) -> None:
    body = json.dumps({"error": {place: f"'{word}' context length"}}).encode()
    assert word not in failure_of(answer(body, status), SPEC).failure.detail


@given(status=statuses, body=st.binary(max_size=60))
def test_any_body_of_any_status_is_a_failure_and_never_an_exception(status: int, body: bytes) -> None:
    assert failure_of(answer(body, status), SPEC).failure.detail
