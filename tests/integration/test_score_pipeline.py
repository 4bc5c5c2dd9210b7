"""Many items over one call, over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
import grpc.aio
import pytest

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.client import AsyncClient, Item, Result, ScorerError
from moa_scorer.contract.limits import Limits
from tests.fakes.judges import ScriptedJudge, make_pipeline, scoring
from tests.fakes.servers import serving

Code = grpc.StatusCode


def message(item_id: str, text: str = "a text", **others: Any) -> pb.ScorePipelineRequest:
    request = pb.ScoreContentRequest(content=Content(text=text), **others)
    return pb.ScorePipelineRequest(item_id=item_id, request=request)


async def each(messages: Iterable[pb.ScorePipelineRequest]) -> AsyncIterator[pb.ScorePipelineRequest]:
    for one in messages:
        yield one


def judges(delay: float = 0.0) -> list[ScriptedJudge]:
    return [ScriptedJudge(name, scoring(name, 0.7), delay=delay) for name in ("ann", "bob")]


async def test_every_item_is_answered_once_under_its_own_id() -> None:
    async with serving(make_pipeline(judges())) as served:
        call = served.scoring.ScorePipeline(each(message(f"i{n}", f"text {n}") for n in range(300)))
        answers = [response async for response in call]
    assert sorted(a.item_id for a in answers) == sorted(f"i{n}" for n in range(300))
    assert all(a.response.completion == verdict_pb2.COMPLETION_COMPLETE for a in answers)


async def test_items_have_budgets_of_their_own_and_quick_ones_do_not_wait_for_slow_ones() -> None:
    async with serving(make_pipeline(judges(delay=0.4))) as served:
        hasty, patient = message("hasty", "one"), message("patient", "two")
        hasty.request.latency_budget.FromMilliseconds(60)
        answers = [r async for r in served.scoring.ScorePipeline(each([patient, hasty]))]
    assert [a.item_id for a in answers] == ["hasty", "patient"]
    assert answers[0].response.HasField("unscored")
    assert answers[1].response.HasField("scored")


async def test_a_bad_item_costs_nobody_else_anything() -> None:
    bad, unnamed = message("bad", " "), message("", "a text")
    async with serving(make_pipeline(judges(delay=0.05))) as served:
        call = served.scoring.ScorePipeline(each([message("good"), bad, unnamed, message("good", "another")]))
        answers = [r async for r in call]
    failed = [(a.item_id, a.error.code) for a in answers if a.HasField("error")]
    assert sorted(failed) == [(name, Code.INVALID_ARGUMENT.value[0]) for name in ("", "bad", "good")]
    assert [a.item_id for a in answers if a.HasField("response")] == ["good"]


async def test_bytes_that_are_no_message_end_the_call_after_what_was_read_is_answered() -> None:
    async with serving(make_pipeline(judges(delay=0.1))) as served:
        raw = served.channel.stream_stream("/moa_scorer.api.v1.ScoringService/ScorePipeline")

        async def sent() -> AsyncIterator[bytes]:
            yield message("good").SerializeToString()
            yield b"\xff\xff\xff"

        answers = []
        call = raw(sent())
        with pytest.raises(grpc.aio.AioRpcError) as caught:  # noqa: PT012 - what comes before counts too
            async for data in call:
                answers.append(pb.ScorePipelineResponse.FromString(data))
    assert caught.value.code() is Code.INVALID_ARGUMENT
    assert [a.item_id for a in answers] == ["good"]


async def test_no_more_is_read_than_may_be_in_flight() -> None:
    sent = 0

    async def many() -> AsyncIterator[pb.ScorePipelineRequest]:
        nonlocal sent
        for n in range(5_000):
            sent += 1
            yield message(f"i{n}", f"{n} " * 900)

    slow = judges(delay=30)
    async with serving(make_pipeline(slow), limits=Limits(pipeline_items=4)) as served:
        call = served.scoring.ScorePipeline(many())
        for _ in range(1_000):
            await asyncio.sleep(0.02)
            if sum(judge.started for judge in slow) >= 2 * 4:
                break
        await asyncio.sleep(0.3)
        call.cancel()
    assert sum(judge.started for judge in slow) == 2 * 4
    assert sent < 5_000  # the transport pushes back


async def test_a_drain_answers_what_was_read_and_the_client_sends_the_rest_again() -> None:
    pipeline = make_pipeline(judges(delay=0.05))
    done: list[int] = []
    limits = Limits(pipeline_seconds=0.12, pipeline_items=8)
    async with serving(pipeline, limits) as served, AsyncClient(served.target) as client:
        async for position, outcome in client.pipeline(f"text {n}" for n in range(60)):
            assert isinstance(outcome, Result)
            done.append(position)
    assert sorted(done) == list(range(60))  # over several calls, each answered exactly once


async def test_the_client_tells_failures_in_their_place_and_ends_with_its_caller() -> None:
    async with serving(make_pipeline(judges())) as served, AsyncClient(served.target) as client:
        outcomes = dict([each async for each in client.pipeline(["good", Item(text=" ")])])
        assert isinstance(outcomes[0], Result)
        assert isinstance(outcomes[1], ScorerError)

        def failing() -> Any:
            yield "good"
            raise RuntimeError("the file ended in the middle")

        with pytest.raises(RuntimeError, match="in the middle"):
            async for _ in client.pipeline(failing()):
                pass


async def test_an_unreachable_server_is_told_after_a_few_tries(unused_tcp_port: int) -> None:
    async with AsyncClient(f"127.0.0.1:{unused_tcp_port}") as client:
        with pytest.raises(ScorerError):
            async for _ in client.pipeline(["a text"]):
                pass
