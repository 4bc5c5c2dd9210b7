"""What holds for every wire format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.providers import capabilities
from moa_scorer.providers.failures import Failed
from moa_scorer.providers.formats import wire_format
from moa_scorer.providers.model import ModelReply
from moa_scorer.providers.spec import Capabilities, Wire
from tests.unit.providers.exchanges import SCHEMA, answer, body_of, endpoint, request

KEYS = (
    *(
        "choices",
        "message",
        "content",
        "refusal",
        "finish_reason",
        "logprobs",
        "top_logprobs",
        "token",
        "logprob",
    ),
    *("type", "text", "stop_reason", "usage", "model", "error", "code", "details", "prompt_tokens_details"),
    *("candidates", "parts", "thought", "promptFeedback", "blockReason", "finishReason", "usageMetadata"),
    *("logprobsResult", "chosenCandidates", "topCandidates", "logProbability", "promptTokenCount"),
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["message", "text"])
)
bodies = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
PRESETS = [
    *((Wire.OPENAI, can) for can in (capabilities.OPENAI, capabilities.GROQ, capabilities.LLAMA_CPP)),
    (Wire.ANTHROPIC, capabilities.ANTHROPIC),
    (Wire.GEMINI, capabilities.GEMINI),
]


@given(body=bodies, wire=st.sampled_from(Wire), status=st.sampled_from([200, 400, 429, 500]))
def test_any_json_is_a_reply_or_a_failure_and_never_an_exception(
    body: object, wire: Wire, status: int
) -> None:
    outcome = wire_format(wire).decode(answer(body, status), request(samples=3), endpoint(wire))
    assert isinstance(outcome, ModelReply | Failed)


@given(text=st.text(), wire=st.sampled_from(Wire))
def test_any_text_is_written_so_that_it_is_read_as_it_was(text: str, wire: Wire) -> None:
    body = body_of(wire_format(wire).encode(request(user=text), "m", endpoint(wire)))
    match wire:
        case Wire.OPENAI:
            assert body["messages"][1]["content"] == text
        case Wire.ANTHROPIC:
            assert body["messages"][0]["content"] == text
        case Wire.GEMINI:
            assert body["contents"][0]["parts"][0]["text"] == text


@pytest.mark.parametrize(("wire", "can"), PRESETS)
def test_no_preset_asks_for_what_it_does_not_claim(wire: Wire, can: Capabilities) -> None:
    wanted = request(schema=SCHEMA, samples=9, seed=1, top_logprobs=99, temperature=0.7)
    written = wire_format(wire).encode(wanted, "m", endpoint(wire, can)).body.decode()
    assert ("temperature" in written) is can.temperature
    assert ("seed" in written) is can.seed
    assert ("logprobs" in written.lower()) is (can.top_logprobs > 0)
    assert ("additionalProperties" in written) is can.json_schema
    assert ("cache_control" in written) is can.cache_control
