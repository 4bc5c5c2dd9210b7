"""EscalateRecord over a real socket: what a record left unused, bought after the fact."""

import grpc
import grpc.aio
import pytest

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.client import AsyncClient, Client, FailedPrecondition, InvalidRequest, Item, NotFound
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import ScriptedJudge, SystemClock, abstaining, make_catalog, scoring
from tests.fakes.memory_stores import MemoryRecords
from tests.fakes.servers import serving, serving_in_thread


def late(pipeline: Pipeline) -> ScriptedJudge:
    judge = pipeline.catalog.judges["bob"]
    assert isinstance(judge, ScriptedJudge)
    return judge


def pipeline() -> Pipeline:
    """Ann answers; Bob is late until his script is changed."""
    judges = [
        ScriptedJudge("ann", scoring("ann", 0.4), cost=10),
        ScriptedJudge("bob", abstaining(AbstentionReason.TIMEOUT), cost=20),
    ]
    return Pipeline(make_catalog(judges), SystemClock(), Memory(records=MemoryRecords()))


async def test_the_record_is_decided_again_under_a_name_of_its_own() -> None:
    served_by = pipeline()
    async with serving(served_by) as served:
        request = pb.ScoreContentRequest(content=Content(text="a text"), policy="strict")
        first = await served.scoring.ScoreContent(request)
        late(served_by).script = scoring("bob", 0.9)
        again = pb.EscalateRecordRequest(record=first.record, view=pb.VIEW_FULL)
        second = (await served.scoring.EscalateRecord(again)).verdict

    assert (first.completion, second.completion) == (
        verdict_pb2.COMPLETION_PARTIAL,
        verdict_pb2.COMPLETION_COMPLETE,
    )
    assert (first.decision, second.decision) == (
        verdict_pb2.DECISION_REJECT,
        verdict_pb2.DECISION_ACCEPT,
    )
    assert second.origin == first.record != second.record
    assert (first.cost.micro_usd, second.cost.micro_usd) == (30, 20)


async def test_every_violation_is_listed_before_anything_is_looked_up() -> None:
    request = pb.EscalateRecordRequest(record="panels/x", request_id="has spaces")
    request.cost_ceiling.micro_usd = -1
    request.latency_budget.FromSeconds(-1)
    async with serving(pipeline()) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await served.scoring.EscalateRecord(request)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    for field in ("record", "cost_ceiling.micro_usd", "latency_budget", "request_id"):
        assert field in (caught.value.details() or "")


async def test_the_asyncio_client_escalates() -> None:
    served_by = pipeline()
    async with serving(served_by) as served, AsyncClient(served.target) as client:
        first = await client.score(Item(text="a text", policy="strict"))
        late(served_by).script = scoring("bob", 0.9)
        second = await client.escalate(first.record, cost_ceiling=0.00002, budget=5.0)
        with pytest.raises(InvalidRequest):
            await client.escalate(first.record, ["ann"])
        with pytest.raises(FailedPrecondition):
            await client.escalate(second.record)
        with pytest.raises(NotFound):
            await client.escalate("records/01J00000000000000000000000")
    assert (first.decision, second.decision) == ("reject", "accept")


def test_the_client_escalates() -> None:
    served_by = pipeline()
    with serving_in_thread(served_by) as target, Client(target) as client:
        first = client.score(Item(text="a text", policy="strict"))
        late(served_by).script = scoring("bob", 0.9)
        assert client.escalate(first.record, ["bob"]).decision == "accept"
