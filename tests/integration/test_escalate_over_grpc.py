"""EscalateRecord over a real socket: what a record left unused, bought after the fact."""

from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.record_service_pb2 import GetRecordRequest
from moa_scorer.client import AsyncClient, Client, FailedPrecondition, InvalidRequest, Item, NotFound
from moa_scorer.contract.credentials import Authenticator
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.database import Database
from moa_scorer.storage.ids import SqlRequestIds
from moa_scorer.storage.records import SqlRecords
from tests.fakes.identities import NamedTenants
from tests.fakes.judges import ScriptedJudge, SystemClock, abstaining, make_catalog, scoring
from tests.fakes.memory_stores import MemoryRecords
from tests.fakes.servers import serving, serving_in_thread

SCORE = pb.ScoreContentRequest(content=Content(text="a text"), policy="strict")


def judge(pipeline: Pipeline, name: str) -> ScriptedJudge:
    found = pipeline.catalog.judges[name]
    assert isinstance(found, ScriptedJudge)
    return found


def late(pipeline: Pipeline) -> ScriptedJudge:
    return judge(pipeline, "bob")


def asked(pipeline: Pipeline) -> Mapping[str, int]:
    return {name: judge(pipeline, name).started for name in ("ann", "bob")}


def pipeline(memory: Memory | None = None) -> Pipeline:
    """Ann answers; Bob is late until his script is changed."""
    judges = [
        ScriptedJudge("ann", scoring("ann", 0.4), cost=10),
        ScriptedJudge("bob", abstaining(AbstentionReason.TIMEOUT), cost=20),
    ]
    return Pipeline(make_catalog(judges), SystemClock(), memory or Memory(records=MemoryRecords()))


async def refusal(call: Awaitable[Any]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), caught.value.details() or ""


async def test_the_record_is_decided_again_under_a_name_of_its_own() -> None:
    served_by = pipeline()
    async with serving(served_by) as served:
        first = await served.scoring.ScoreContent(SCORE)
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
    assert asked(served_by) == {"ann": 1, "bob": 2}, "whoever has answered is not asked again"


async def test_a_record_with_nothing_left_to_buy_is_refused_and_nobody_is_asked() -> None:
    served_by = pipeline()
    late(served_by).script = scoring("bob", 0.9)
    async with serving(served_by) as served:
        whole = await served.scoring.ScoreContent(SCORE)
        again = pb.EscalateRecordRequest(record=whole.record)
        code, words = await refusal(served.scoring.EscalateRecord(again))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert "every judge has answered or cannot be asked" in words
    assert asked(served_by) == {"ann": 1, "bob": 1}


async def test_a_record_of_another_tenant_is_not_found_and_buys_nothing() -> None:
    served_by = pipeline()
    async with serving(served_by, authenticator=Authenticator(ways=[NamedTenants()])) as served:
        first = await served.scoring.ScoreContent(SCORE, metadata=[("x-api-key", "acme")])
        late(served_by).script = scoring("bob", 0.9)
        again = pb.EscalateRecordRequest(record=first.record, view=pb.VIEW_FULL)
        foreign = served.scoring.EscalateRecord(again, metadata=[("x-api-key", "other")])
        assert (await refusal(foreign))[0] is grpc.StatusCode.NOT_FOUND
        assert asked(served_by) == {"ann": 1, "bob": 1}
        own = await served.scoring.EscalateRecord(again, metadata=[("x-api-key", "acme")])
    assert own.verdict.origin == first.record


async def test_a_repeated_request_id_is_told_the_same_record_and_pays_once(tmp_path: Path) -> None:
    database, clock = Database(f"sqlite:///{tmp_path}/records.db"), SystemClock()
    await database.create_all()
    records = SqlRecords(database, clock)
    served_by = pipeline(Memory(records=records, ids=SqlRequestIds(database, clock)))
    async with serving(served_by) as served:
        first = await served.scoring.ScoreContent(SCORE)
        late(served_by).script = scoring("bob", 0.9)
        once = pb.EscalateRecordRequest(record=first.record, request_id="e-1")
        answers = [(await served.scoring.EscalateRecord(once)).verdict for _ in range(2)]
        other = pb.EscalateRecordRequest(record=first.record, request_id="e-1", judges=["bob"])
        assert (await refusal(served.scoring.EscalateRecord(other)))[0] is grpc.StatusCode.ALREADY_EXISTS
        stored = await served.records.GetRecord(GetRecordRequest(name=answers[0].record, view=pb.VIEW_FULL))
    await records.aclose()
    await database.aclose()
    assert answers[0] == answers[1]
    assert asked(served_by) == {"ann": 1, "bob": 2}
    assert stored.record.answer.origin == first.record


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
