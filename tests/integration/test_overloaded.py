"""What callers see of a server that has too much to do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.app.clock import SystemClock
from moa_scorer.client import AsyncClient, Item, ScorerError
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.priority import Priority
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.scoring.door import Door, Load
from moa_scorer.scoring.pipeline import Pipeline
from tests.bench.scripted import COMMENT, scripted_catalog
from tests.fakes.servers import Served, serving

TEXT = "A text that nobody has time for."


@asynccontextmanager
async def crowded() -> AsyncIterator[Served]:
    """A server whose only place is taken."""
    pipeline = Pipeline(scripted_catalog(COMMENT), SystemClock())
    door = pipeline.door = Door(pipeline.clock, Load(most=1, queue=0))
    budget = Budget.starting(pipeline.clock.monotonic(), 60)
    async with serving(pipeline) as served, door.entered(DEFAULT_TENANT, Priority.INTERACTIVE, budget):
        yield served


async def test_a_call_is_turned_away_with_a_reason_and_the_time_to_come_again() -> None:
    async with crowded() as served, AsyncClient(served.target) as client:
        with pytest.raises(ScorerError) as refused:
            await client.score(TEXT)
    assert refused.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refused.value.reason == "OVERLOADED"
    assert 0 < (refused.value.retry_after or 0) < 5


async def test_an_item_of_a_batch_or_a_pipeline_is_turned_away_and_the_call_goes_on() -> None:
    async with crowded() as served, AsyncClient(served.target) as client:
        outcomes = [*await client.batch([TEXT, TEXT])]
        outcomes += [outcome async for _, outcome in client.pipeline([TEXT, TEXT])]
    assert [getattr(outcome, "reason", "") for outcome in outcomes] == ["OVERLOADED"] * 4


async def test_a_stream_is_turned_away_too() -> None:
    async with crowded() as served:
        request = pb.StreamScoreContentRequest()
        request.request.content.text = TEXT
        stream = served.scoring.StreamScoreContent(request)
        assert await stream.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_health_and_the_catalogue_are_answered_all_the_same() -> None:
    async with crowded() as served, AsyncClient(served.target) as client:
        asked = health_pb2_grpc.HealthStub(served.channel).Check(health_pb2.HealthCheckRequest())
        assert (await asked).status == health_pb2.HealthCheckResponse.SERVING
        assert len(await client.panels()) == 1


async def test_a_class_that_does_not_exist_is_a_violation() -> None:
    async with crowded() as served:
        request = pb.ScoreContentRequest(priority=99)  # type: ignore[arg-type]
        request.content.text = TEXT
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await served.scoring.ScoreContent(request)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "priority" in (refused.value.details() or "")


async def test_the_class_of_an_item_is_sent() -> None:
    async with crowded() as served, AsyncClient(served.target) as client:
        with pytest.raises(ScorerError, match="more calls than it can serve"):
            await client.score(Item(text=TEXT, priority="batch"))
