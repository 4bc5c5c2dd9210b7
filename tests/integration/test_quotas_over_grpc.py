"""What a tenant is told of its quotas: refusals with a reason, and what is left with every answer."""

from collections.abc import Sequence

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.catalog_service_pb2 import ListPanelsRequest
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.client import AsyncClient, ResourceExhausted
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.cache_memory import MemoryCache
from tests.fakes.judges import ScriptedJudge, make_pipeline, scoring
from tests.fakes.memory_stores import MemoryRecords
from tests.fakes.quotas import HOUR, Counted, counted
from tests.fakes.servers import Served, serving


def pipeline(on: Counted, cost: int = 0) -> Pipeline:
    made = make_pipeline([ScriptedJudge("quality", scoring("quality", 0.7), cost=cost)])
    made.quotas = on.quotas
    return made


def message(number: int) -> pb.ScoreContentRequest:
    return pb.ScoreContentRequest(content=Content(text=f"A fine text of number {number}."))


async def refusal(served: Served, number: int = 0) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await served.scoring.ScoreContent(message(number))
    return caught.value


def told(metadata: object) -> Sequence[str]:
    return [value for key, value in metadata if key == "x-quota-remaining"]  # type: ignore[attr-defined]


def details(error: grpc.aio.AioRpcError) -> status_pb2.Status:
    [status] = [value for key, value in error.trailing_metadata() if key == "grpc-status-details-bin"]
    return status_pb2.Status.FromString(status)


async def test_every_answer_says_what_is_left_of_each_quota_it_counts_against() -> None:
    async with serving(pipeline(counted(calls=9, items=5, micro_usd=1_000), cost=60)) as served:
        call = served.scoring.ScoreContent(message(0))
        await call
        assert told(await call.trailing_metadata()) == [
            "calls; left=8; window=3600; reset=3600",
            "items; left=4; window=3600; reset=3600",
            "micro_usd; left=940; window=3600; reset=3600",
        ]


async def test_a_refusal_names_the_quota_and_when_it_is_new() -> None:
    async with serving(pipeline(counted(items=1))) as served:
        await served.scoring.ScoreContent(message(0))
        error = await refusal(served, 1)
        info, failure, retry = (
            error_details_pb2.ErrorInfo(),
            error_details_pb2.QuotaFailure(),
            error_details_pb2.RetryInfo(),
        )
        for part, packed in zip((info, failure, retry), details(error).details, strict=True):
            assert packed.Unpack(part)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert info.reason == "QUOTA_EXCEEDED"
        assert dict(info.metadata) == {"meter": "items", "amount": "1", "window_seconds": "3600"}
        assert (failure.violations[0].subject, retry.retry_delay.seconds) == ("items", HOUR)
        assert told(error.trailing_metadata()) == ["items; left=0; window=3600; reset=3600"]


async def test_a_request_that_no_window_can_have_is_not_told_to_try_again() -> None:
    async with serving(pipeline(counted(micro_usd=50), cost=60)) as served:
        error = await refusal(served)
        assert not any(each.Is(error_details_pb2.RetryInfo.DESCRIPTOR) for each in details(error).details)


async def test_the_client_says_when_a_quota_is_new() -> None:
    async with serving(pipeline(counted(items=1))) as served, AsyncClient(served.target) as client:
        await client.score("A fine text.")
        with pytest.raises(ResourceExhausted) as refused:
            await client.score("Another fine text.")
    assert (refused.value.reason, refused.value.retry_after) == ("QUOTA_EXCEEDED", HOUR)


async def test_calls_are_counted_whatever_they_do_and_the_standard_services_are_not() -> None:
    on = counted(calls=2)
    async with serving(pipeline(on)) as served:
        await served.catalog.ListPanels(ListPanelsRequest())
        with pytest.raises(grpc.aio.AioRpcError):
            await served.scoring.ScoreContent(pb.ScoreContentRequest())
        assert (await refusal(served)).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        on.clock.moved = HOUR
        await served.scoring.ScoreContent(message(0))


async def test_an_item_of_a_batch_beyond_the_quota_is_its_own_error() -> None:
    async with serving(pipeline(counted(items=3))) as served:
        batch = pb.BatchScoreContentsRequest(requests=[message(n) for n in range(5)])
        call = served.scoring.BatchScoreContents(batch)
        outcomes = (await call).outcomes
        assert [each.WhichOneof("outcome") for each in outcomes].count("response") == 3
        errors = [each.error for each in outcomes if each.HasField("error")]
        assert {error.code for error in errors} == {grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]}
        assert told(await call.trailing_metadata()) == ["items; left=0; window=3600; reset=3600"]


async def test_an_item_of_a_pipeline_beyond_the_quota_does_not_end_it() -> None:
    async with serving(pipeline(counted(items=3))) as served:

        async def requests() -> object:
            for n in range(5):
                yield pb.ScorePipelineRequest(item_id=f"i{n}", request=message(n))

        answers = [each async for each in served.scoring.ScorePipeline(requests())]
        assert len(answers) == 5
        assert sum(each.HasField("response") for each in answers) == 3


async def test_a_stream_is_refused_before_its_plan() -> None:
    async with serving(pipeline(counted(items=0))) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            [
                _
                async for _ in served.scoring.StreamScoreContent(
                    pb.StreamScoreContentRequest(request=message(0))
                )
            ]
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_repeat_that_is_answered_without_being_read_is_an_item_too() -> None:
    made = pipeline(counted(items=4))
    made.memory = Memory(records=MemoryRecords(), cache=MemoryCache(10, 60))
    async with serving(made) as served:
        for _ in range(4):
            await served.scoring.ScoreContent(message(0))
        assert (await refusal(served)).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
