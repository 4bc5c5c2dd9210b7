"""Whatever is sent, the server answers with a documented status and stays up."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.cost_pb2 import Cost
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.domain.panel import Layer
from tests.fakes.judges import ScriptedJudge, five_judges, make_pipeline, scoring
from tests.fakes.servers import serving_in_thread

Code = grpc.StatusCode
DOCUMENTED = {Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.FAILED_PRECONDITION, Code.DEADLINE_EXCEEDED}
EXAMPLES = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

int32 = st.integers(min_value=-(2**31), max_value=2**31 - 1)
words = st.text(max_size=200)
references = (
    st.sampled_from(["", "scripted", "panels/scripted@1", "quality", "strict", "policies/strict@1"]) | words
)
contents = st.builds(
    Content,
    text=words | st.just("x" * 70_000) | st.just("\0"),
    id=words,
    language=st.sampled_from(["", "en", "de", "xx"]) | words,
    kind=st.sampled_from(["", "comment", "story"]) | words,
    title=words,
    context=words,
    producer=st.sampled_from(["", "gpt", "scripted"]) | words,
)
durations = st.builds(
    Duration, seconds=st.integers(min_value=-(2**63), max_value=2**63 - 1) | st.integers(-2, 2), nanos=int32
)
costs = st.builds(Cost, micro_usd=st.none() | st.integers(min_value=-(2**63), max_value=2**63 - 1))
requests = st.builds(
    pb.ScoreContentRequest,
    content=st.none() | contents,
    panel=references,
    rubric=references,
    policy=references,
    expected_ruler=st.sampled_from(["", "sha256:" + "0" * 64]) | words,
    latency_budget=st.none() | durations,
    quorum=st.none() | st.integers(min_value=0, max_value=2**32 - 1),
    view=int32 | st.integers(0, 4),
    cost_ceiling=st.none() | costs,
    sensitivity=int32 | st.integers(0, 2),
    seed=st.none() | st.integers(min_value=0, max_value=2**32 - 1),
)
plausible = st.builds(
    pb.ScoreContentRequest,
    content=st.builds(Content, text=st.text(min_size=1, max_size=300), kind=st.sampled_from(["", "comment"])),
    panel=st.sampled_from(["", "scripted", "panels/scripted@2"]),
    policy=st.sampled_from(["", "strict"]),
    quorum=st.none() | st.integers(min_value=1, max_value=5),
    view=st.integers(0, 4),
    cost_ceiling=st.none() | st.builds(Cost, micro_usd=st.integers(min_value=0, max_value=2**63 - 1)),
    sensitivity=st.integers(0, 2),
    seed=st.none() | st.integers(min_value=0, max_value=2**31 - 1),
)


layered = st.builds(
    pb.ScoreContentRequest,
    content=st.builds(Content, text=st.just("fine"), producer=st.sampled_from(["", "gpt-4o", "qwen3"])),
    quorum=st.none() | st.integers(min_value=1, max_value=4),
    view=st.just(pb.VIEW_FULL),
    cost_ceiling=st.none() | st.builds(Cost, micro_usd=st.integers(min_value=0, max_value=700)),
    sensitivity=st.integers(0, 2),
    seed=st.none() | st.integers(min_value=0, max_value=2**31 - 1),
)
VENDORS = {"vendor": 300, "reader": 200}
"""Judge that asks a vendor -> micro-USD that asking it costs."""


@pytest.fixture(scope="module")
def in_layers() -> Iterator[grpc.Channel]:
    """A server whose panel has two layers, two judges of its own and two that cost money."""
    judges = [
        ScriptedJudge("here", scoring("here", 0.5)),
        ScriptedJudge("kin", scoring("kin", 0.4), family="qwen"),
        ScriptedJudge("vendor", scoring("vendor", 0.7), cost=VENDORS["vendor"], family="gpt", local=False),
        ScriptedJudge("reader", scoring("reader", 0.6), cost=VENDORS["reader"], family="claude", local=False),
    ]
    layers = (Layer(judges=("here", "kin", "vendor")), Layer(judges=("reader",)))
    with (
        serving_in_thread(make_pipeline(judges, layers=layers)) as target,
        grpc.insecure_channel(target) as channel,
    ):
        yield channel


@pytest.fixture(scope="module")
def channel() -> Iterator[grpc.Channel]:
    with (
        serving_in_thread(make_pipeline(five_judges())) as target,
        grpc.insecure_channel(target) as channel,
    ):
        yield channel


def answer_to(call: Callable[[], Any]) -> Any:
    """The answer, or the error that the call ended with."""
    try:
        return call()
    except grpc.RpcError as error:
        return error


def assert_up(channel: grpc.Channel) -> None:
    answer = ScoringServiceStub(channel).ScoreContent(
        pb.ScoreContentRequest(content=Content(text="up?")), timeout=20
    )
    assert answer.HasField("scored")


@EXAMPLES
@given(request=requests)
def test_any_request_gets_an_answer_or_a_documented_status(
    channel: grpc.Channel, request: pb.ScoreContentRequest
) -> None:
    answer = answer_to(lambda: ScoringServiceStub(channel).ScoreContent(request, timeout=20))
    if isinstance(answer, grpc.RpcError):
        assert answer.code() in DOCUMENTED
        assert_up(channel)
    else:
        assert answer.decision


@EXAMPLES
@given(request=plausible)
@example(request=pb.ScoreContentRequest(content=Content(text="\u202e")))
@example(request=pb.ScoreContentRequest(content=Content(text="\u202e.")))
def test_any_plausible_request_gets_a_score_in_range_or_reasons(
    channel: grpc.Channel, request: pb.ScoreContentRequest
) -> None:
    answer = answer_to(lambda: ScoringServiceStub(channel).ScoreContent(request, timeout=20))
    if isinstance(answer, grpc.RpcError):
        assert answer.code() is Code.INVALID_ARGUMENT
        text = request.content.text
        assert not any("!" <= c <= "~" for c in text) or "\0" in text
        return
    if answer.HasField("scored"):
        assert 0 <= answer.scored.score <= 1
        assert 1 <= answer.scored.value <= 5
        assert answer.cost.micro_usd == 0
    elif request.view != pb.VIEW_DECISION:
        assert answer.unscored.abstentions


@EXAMPLES
@given(request=layered)
def test_whatever_money_and_secrecy_are_asked_for_they_are_kept_and_every_judge_has_a_ballot(
    in_layers: grpc.Channel, request: pb.ScoreContentRequest
) -> None:
    answer = ScoringServiceStub(in_layers).ScoreContent(request, timeout=20)

    assert [ballot.judge for ballot in answer.ballots] == ["here", "kin", "vendor", "reader"]
    assert all(ballot.WhichOneof("outcome") for ballot in answer.ballots)
    judged = {ballot.judge for ballot in answer.ballots if ballot.HasField("judgment")}
    assert answer.answered == len(judged)
    assert answer.cost.micro_usd == sum(VENDORS.get(judge, 0) for judge in judged)
    if request.HasField("cost_ceiling"):
        assert answer.cost.micro_usd <= answer.plan.most_cost.micro_usd <= request.cost_ceiling.micro_usd
    if request.sensitivity == pb.SENSITIVITY_LOCAL_ONLY:
        assert not judged & VENDORS.keys()
    assert judged.isdisjoint(out.judge for out in answer.plan.left_out)
    kin = {"gpt-4o": "vendor", "qwen3": "kin"}.get(request.content.producer)
    assert kin not in judged


@EXAMPLES
@given(raw=st.binary(max_size=300))
def test_any_bytes_get_an_answer_or_a_documented_status(channel: grpc.Channel, raw: bytes) -> None:
    for method in ("ScoreContent", "BatchScoreContents"):
        call = channel.unary_unary(f"/moa_scorer.api.v1.ScoringService/{method}")
        answer = answer_to(lambda call=call: call(raw, timeout=20))
        assert isinstance(answer, bytes) or answer.code() in DOCUMENTED


@settings(EXAMPLES, max_examples=40)
@given(items=st.lists(requests, min_size=1, max_size=12))
def test_any_batch_has_an_outcome_for_every_item(
    channel: grpc.Channel, items: list[pb.ScoreContentRequest]
) -> None:
    answer = ScoringServiceStub(channel).BatchScoreContents(
        pb.BatchScoreContentsRequest(requests=items), timeout=20
    )
    assert len(answer.outcomes) == len(items)
    codes = {code.value[0] for code in DOCUMENTED}
    for outcome in answer.outcomes:
        assert outcome.WhichOneof("outcome")
        assert outcome.HasField("response") or outcome.error.code in codes
    assert_up(channel)
