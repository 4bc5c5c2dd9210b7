"""The scoring service as a caller meets it, over a real socket."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from moa_scorer.api.v1 import ballot_pb2, verdict_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.content_pb2 import Content
from tests.fakes.judges import ScriptedJudge, crashing, five_judges, make_pipeline, scoring
from tests.fakes.servers import serving

Code = grpc.StatusCode
TEXT = "Great post, thanks!"


def request(text: str = TEXT, **others: Any) -> pb.ScoreContentRequest:
    return pb.ScoreContentRequest(content=Content(text=text), **others)


def milliseconds(value: int) -> Duration:
    duration = Duration()
    duration.FromMilliseconds(value)
    return duration


async def failure(call: Awaitable[Any]) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await asyncio.wait_for(call, 20)
    return caught.value


def reason(error: grpc.aio.AioRpcError) -> str:
    """The reason in the status details, whose size is checked on the way."""
    raw = dict(error.trailing_metadata())["grpc-status-details-bin"]
    assert len(raw) + len(error.details()) < 4096
    info = error_details_pb2.ErrorInfo()
    assert status_pb2.Status.FromString(raw).details[0].Unpack(info)
    return info.reason


def slow_and_fast() -> list[ScriptedJudge]:
    return [
        ScriptedJudge("fast", scoring("fast", 0.8)),
        ScriptedJudge("slow", scoring("slow", 0.2), delay=60),
    ]


async def test_the_smallest_call_gets_a_score() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        answer = await served.scoring.ScoreContent(request())
    assert answer.WhichOneof("result") == "scored"
    assert 0 < answer.scored.score < 1
    assert answer.scored.value == pytest.approx(1 + 4 * answer.scored.score)
    assert [c.name for c in answer.scored.criteria] == ["quality", "style"]
    assert answer.scored.certificate == verdict_pb2.CERTIFICATE_STATUS_UNCALIBRATED
    assert answer.decision == verdict_pb2.DECISION_NONE
    assert answer.panel == "panels/scripted@2"
    assert answer.rubric == "rubrics/quality@1"
    assert (answer.planned, answer.answered) == (5, 4)
    assert answer.completion == verdict_pb2.COMPLETION_PARTIAL
    assert answer.ruler.startswith("sha256:")
    assert not answer.ballots
    assert not answer.rationale


async def test_a_pinned_panel_a_policy_and_the_callers_id_are_honoured() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        asked = request(panel="panels/scripted@1", policy="policies/strict")
        asked.content.id = "c-1"
        answer = await served.scoring.ScoreContent(asked)
    assert answer.panel == "panels/scripted@1"
    assert answer.policy == "policies/strict@1"
    assert answer.content_id == "c-1"
    assert answer.decision == verdict_pb2.DECISION_ACCEPT


async def test_each_view_shows_what_it_says_and_no_more() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        views = {v: await served.scoring.ScoreContent(request(view=v)) for v in pb.View.values() if v}
    decision, score = views[pb.VIEW_DECISION], views[pb.VIEW_SCORE]
    ballots, full = views[pb.VIEW_BALLOTS], views[pb.VIEW_FULL]
    assert decision.WhichOneof("result") is None
    assert not score.ballots
    assert not score.HasField("facts")
    assert [b.judge for b in ballots.ballots] == ["clarity", "depth", "style", "substance", "context"]
    assert ballots.rationale
    assert ballots.facts.HasField("tamper_risk")
    assert not ballots.HasField("plan")
    assert not any(b.HasField("latency") for b in ballots.ballots)
    assert full.plan.judges == [b.judge for b in full.ballots]
    assert full.timing.HasField("elapsed")
    assert all(b.HasField("latency") for b in full.ballots)
    span = ballots.ballots[0].judgment.evidence[0]
    assert TEXT[span.start : span.end] == span.quote


@pytest.mark.parametrize("view", [pb.VIEW_DECISION, pb.VIEW_SCORE, pb.VIEW_BALLOTS])
async def test_the_same_content_scored_again_gives_the_same_bytes(view: pb.View.ValueType) -> None:
    answers = []
    for _ in range(2):
        async with serving(make_pipeline(five_judges())) as served:
            answers += [await served.scoring.ScoreContent(request(view=view)) for _ in range(2)]
    assert len({answer.SerializeToString() for answer in answers}) == 1


async def test_nothing_usable_is_an_unscored_answer_with_reasons_and_no_number() -> None:
    judges = [ScriptedJudge("broken", crashing(ValueError("secret text"))), five_judges()[-1]]
    async with serving(make_pipeline(judges)) as served:
        answer = await served.scoring.ScoreContent(request(policy="strict"))
    assert answer.WhichOneof("result") == "unscored"
    reasons = {a.judge: a.reason for a in answer.unscored.abstentions}
    assert reasons["broken"] == ballot_pb2.ABSTENTION_REASON_PROVIDER_ERROR
    assert reasons["context"] == ballot_pb2.ABSTENTION_REASON_NO_CONTEXT
    assert answer.decision == verdict_pb2.DECISION_REVIEW
    assert answer.rule == "on_unscored"
    assert answer.HasField("answered")
    assert answer.answered == 0
    assert b"secret" not in answer.SerializeToString()


async def test_a_latency_budget_of_300_ms_is_honoured_with_a_partial_answer() -> None:
    judges = slow_and_fast()
    asked = request(latency_budget=milliseconds(300), view=pb.VIEW_FULL)
    took = []
    async with serving(make_pipeline(judges)) as served:
        while len(took) < 6 and min(took, default=1.0) >= 0.3:
            started = time.monotonic()
            answer = await served.scoring.ScoreContent(asked)
            took.append(time.monotonic() - started)
    assert min(took) < 0.3  # the machine may stall once, a server that is late is late every time
    assert answer.completion == verdict_pb2.COMPLETION_PARTIAL
    assert answer.ballots[1].abstention.reason == ballot_pb2.ABSTENTION_REASON_TIMEOUT
    assert 275 <= answer.timing.budget.ToMilliseconds() <= 285
    assert judges[1].cancelled == len(took)


async def test_the_calls_own_deadline_is_a_budget_too_and_is_met_with_an_unscored_answer() -> None:
    async with serving(make_pipeline(slow_and_fast(), quorum=2)) as served:
        answer = await served.scoring.ScoreContent(request(), timeout=1.5)
    assert answer.WhichOneof("result") == "unscored"
    assert answer.unscored.reason == verdict_pb2.UNSCORED_REASON_BUDGET_EXHAUSTED


async def test_a_budget_too_short_for_any_answer_is_a_deadline_exceeded_with_a_reason() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        error = await failure(served.scoring.ScoreContent(request(latency_budget=milliseconds(15))))
    assert error.code() is Code.DEADLINE_EXCEEDED
    assert reason(error) == "BUDGET_TOO_SMALL"


@pytest.mark.parametrize(
    ("asked", "code", "expected"),
    [
        (request(text=""), Code.INVALID_ARGUMENT, "INVALID_REQUEST"),
        (request(text="x" * 5 * 1024 * 1024), Code.INVALID_ARGUMENT, "INVALID_REQUEST"),
        (request(panel="nope"), Code.NOT_FOUND, "RESOURCE_NOT_FOUND"),
        (request(rubric="nope@7"), Code.NOT_FOUND, "RESOURCE_NOT_FOUND"),
        (request(policy="nope"), Code.NOT_FOUND, "RESOURCE_NOT_FOUND"),
        (request(latency_budget=Duration(seconds=-1)), Code.INVALID_ARGUMENT, "INVALID_REQUEST"),
        (request(latency_budget=Duration()), Code.INVALID_ARGUMENT, "INVALID_REQUEST"),
        (request(view=99), Code.INVALID_ARGUMENT, "INVALID_REQUEST"),
        (request(quorum=6), Code.INVALID_ARGUMENT, "INVALID_REQUEST"),
        (request(quorum=2**32 - 1), Code.INVALID_ARGUMENT, "INVALID_REQUEST"),
        (request(expected_ruler="sha256:" + "0" * 64), Code.FAILED_PRECONDITION, "RULER_MISMATCH"),
        (
            request(text="x" * 5_000_000, panel="?" * 9_000, rubric="é" * 9_000),
            Code.INVALID_ARGUMENT,
            "INVALID_REQUEST",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_each_bad_input_gets_its_documented_status_and_the_server_stays_up(
    asked: pb.ScoreContentRequest, code: grpc.StatusCode, expected: str
) -> None:
    async with serving(make_pipeline(five_judges())) as served:
        error = await failure(served.scoring.ScoreContent(asked))
        assert error.code() is code
        assert reason(error) == expected
        stream = served.scoring.StreamScoreContent(pb.StreamScoreContentRequest(request=asked))
        assert (await failure(stream.read())).code() is code
        assert (await served.scoring.ScoreContent(request())).HasField("scored")


@pytest.mark.parametrize(
    "raw", [b"\x0a\x04\x0a\x02\xff\xfe", b"\xff" * 50, b"\x0a\xff", b"\x0a\x05\x0a\x03\xed\xa0\x80"]
)
@pytest.mark.parametrize("method", ["ScoreContent", "BatchScoreContents"])
async def test_bytes_that_are_no_message_are_an_invalid_argument(raw: bytes, method: str) -> None:
    async with serving(make_pipeline(five_judges())) as served:
        if method == "BatchScoreContents":
            raw = b"\x0a" + bytes([len(raw)]) + raw
        call = served.channel.unary_unary(f"/moa_scorer.api.v1.ScoringService/{method}")
        error = await failure(call(raw))
        assert error.code() is Code.INVALID_ARGUMENT
        assert reason(error) == "MALFORMED_REQUEST"


async def test_a_message_above_the_transports_limit_is_turned_away_and_the_server_stays_up() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        error = await failure(served.scoring.ScoreContent(request(text="x" * 17 * 1024 * 1024)))
        assert error.code() is Code.RESOURCE_EXHAUSTED
        assert (await served.scoring.ScoreContent(request())).HasField("scored")


async def test_all_violations_come_at_once() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        error = await failure(served.scoring.ScoreContent(request(text="", panel="?", view=7, quorum=0)))
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    bad = error_details_pb2.BadRequest()
    assert status.details[1].Unpack(bad)
    assert [v.field for v in bad.field_violations] == ["content.text", "panel", "quorum", "view"]


async def test_a_batch_has_one_outcome_an_item_in_order() -> None:
    batch = pb.BatchScoreContentsRequest(
        requests=[
            request(),
            request(text=""),
            request(panel="nope"),
            request(view=pb.VIEW_FULL),
            request(text="last"),
        ]
    )
    batch.requests[4].content.id = "last"
    async with serving(make_pipeline(five_judges())) as served:
        answer = await served.scoring.BatchScoreContents(batch)
    outcomes = answer.outcomes
    assert [o.WhichOneof("outcome") for o in outcomes] == ["response", "error", "error", "error", "response"]
    assert [o.error.code for o in outcomes[1:4]] == [3, 5, 3]
    assert "requests[1].content.text" in outcomes[1].error.message
    assert "requests[3].view" in outcomes[3].error.message
    assert outcomes[4].response.content_id == "last"


@pytest.mark.parametrize(
    "requests", [[], [request()] * 101, [request()] * 10_000, [request(text="x" * 60_000)] * 100]
)
async def test_a_batch_that_is_empty_or_too_large_is_an_invalid_argument(requests: list[Any]) -> None:
    async with serving(make_pipeline(five_judges())) as served:
        error = await failure(
            served.scoring.BatchScoreContents(pb.BatchScoreContentsRequest(requests=requests))
        )
        assert error.code() is Code.INVALID_ARGUMENT
        assert reason(error) == "INVALID_REQUEST"


async def test_a_batch_ends_within_its_deadline_whatever_its_items_do() -> None:
    batch = pb.BatchScoreContentsRequest(requests=[request()] * 20)
    async with serving(make_pipeline(slow_and_fast())) as served:
        answer = await served.scoring.BatchScoreContents(batch, timeout=0.5)
    assert [o.WhichOneof("outcome") for o in answer.outcomes] == ["response"] * 20


async def test_items_that_a_batch_has_no_time_for_are_unscored_and_decided_by_the_policy() -> None:
    judges = [ScriptedJudge(name, scoring(name, 0.5), delay=60) for name in ("one", "two")]
    batch = pb.BatchScoreContentsRequest(requests=[request(policy="strict")] * 40)
    async with serving(make_pipeline(judges)) as served:
        answer = await served.scoring.BatchScoreContents(batch, timeout=1.5)
    assert len(answer.outcomes) == 40
    for outcome in answer.outcomes:
        unscored = outcome.response.unscored
        assert unscored.reason == verdict_pb2.UNSCORED_REASON_BUDGET_EXHAUSTED
        assert {a.judge: a.reason for a in unscored.abstentions} == dict.fromkeys(
            ("one", "two"), ballot_pb2.ABSTENTION_REASON_TIMEOUT
        )
        assert outcome.response.decision == verdict_pb2.DECISION_REVIEW
        assert outcome.response.rule == "on_unscored"
    late = [o.error.code for o in answer.outcomes if o.HasField("error")]
    assert set(late) <= {Code.DEADLINE_EXCEEDED.value[0]}


async def test_a_bug_in_one_item_of_a_batch_is_that_items_internal_error() -> None:
    pipeline = make_pipeline(five_judges())
    score = pipeline.score

    async def sometimes(asked: Any, budget: Any) -> Any:
        if asked.content.text == "bug":
            raise KeyError("secret")
        return await score(asked, budget)

    pipeline.score = sometimes  # type: ignore[method-assign]
    async with serving(pipeline) as served:
        batch = pb.BatchScoreContentsRequest(requests=[request(), request(text="bug")])
        outcomes = (await served.scoring.BatchScoreContents(batch)).outcomes
    assert outcomes[0].HasField("response")
    assert outcomes[1].error.code == Code.INTERNAL.value[0]
    assert "secret" not in outcomes[1].error.message


async def events_of(served: Any, **others: Any) -> list[pb.StreamScoreContentResponse]:
    call = served.scoring.StreamScoreContent(pb.StreamScoreContentRequest(request=request(**others)))
    return [event async for event in call]


async def test_a_stream_tells_plan_ballots_provisional_scores_and_last_the_verdict() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        events = await events_of(served)
    kinds = [event.WhichOneof("event") for event in events]
    assert kinds[0] == "plan"
    assert kinds[-1] == "verdict"
    assert kinds.count("ballot") == 5
    assert "provisional" in kinds
    assert set(kinds[1:-1]) == {"ballot", "provisional"}
    assert events[0].plan.panel == "panels/scripted@2"
    provisional = next(e.provisional for e in events if e.HasField("provisional"))
    assert provisional.completion == verdict_pb2.COMPLETION_PROVISIONAL
    assert not provisional.ballots
    assert len(events[-1].verdict.ballots) == 5


async def test_a_stream_ends_in_the_same_answer_as_the_unary_call() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        events = await events_of(served, view=pb.VIEW_SCORE)
        unary = await served.scoring.ScoreContent(request(cache_control=pb.CACHE_CONTROL_NONE))
    assert events[-1].verdict.SerializeToString() == unary.SerializeToString()
    assert not any(event.HasField("ballot") for event in events)


@pytest.mark.parametrize("method", ["unary", "stream", "batch"])
async def test_cancelling_the_call_stops_the_judges(method: str) -> None:
    judges = [ScriptedJudge("slow", scoring("slow", 0.2), delay=60)]
    async with serving(make_pipeline(judges)) as served:
        calls = {
            "unary": lambda: served.scoring.ScoreContent(request()),
            "stream": lambda: served.scoring.StreamScoreContent(
                pb.StreamScoreContentRequest(request=request())
            ),
            "batch": lambda: served.scoring.BatchScoreContents(
                pb.BatchScoreContentsRequest(requests=[request()])
            ),
        }
        call = calls[method]()
        running = asyncio.ensure_future(call.read()) if method == "stream" else None
        await asyncio.wait_for(judges[0].asked.wait(), 10)
        call.cancel()
        await asyncio.wait_for(judges[0].stopped.wait(), 10)
        if running:
            await asyncio.wait({running})
    assert judges[0].cancelled == 1


async def test_a_connection_that_breaks_stops_the_judges() -> None:
    judges = [ScriptedJudge("slow", scoring("slow", 0.2), delay=60)]
    async with serving(make_pipeline(judges)) as served:
        call = asyncio.ensure_future(served.scoring.ScoreContent(request()))
        await asyncio.wait_for(judges[0].asked.wait(), 10)
        await served.channel.close()
        await asyncio.wait_for(judges[0].stopped.wait(), 10)
        await asyncio.wait({call})
