import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from moa_scorer.api.v1 import catalog_service_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.client import (
    AsyncClient,
    Ballot,
    Client,
    DeadlineExceeded,
    InvalidRequest,
    Plan,
    Result,
    Unreachable,
    Unscored,
    service_config,
)


def _bad_request() -> status_pb2.Status:
    info, bad = AnyMessage(), AnyMessage()
    info.Pack(error_details_pb2.ErrorInfo(reason="INVALID_REQUEST", domain="moa-scorer", metadata={"n": "2"}))
    violations = error_details_pb2.BadRequest()
    violations.field_violations.add(field="content.text", description="is required")
    violations.field_violations.add(field="panel", description="is odd")
    bad.Pack(violations)
    return status_pb2.Status(code=3, message="2 violations", details=[info, bad])


def test_the_client_scores(server: Any, scored: pb.ScoreContentResponse) -> None:
    server.says(scored)
    with Client(server.target) as client:
        assert client.score("hello").score == 0.37
    assert server.requests[0].content.text == "hello"


async def test_the_asyncio_client_scores(server: Any, scored: pb.ScoreContentResponse) -> None:
    server.says(scored)
    async with AsyncClient(server.target) as client:
        assert (await client.score("hello")).score == 0.37


def test_an_unscored_item_is_a_result_whose_score_raises(
    server: Any, unscored: pb.ScoreContentResponse
) -> None:
    server.says(unscored)
    with Client(server.target) as client:
        result = client.score("hello")
    assert result.decision == "review"
    with pytest.raises(Unscored):
        _ = result.score


def test_every_call_has_a_deadline(server: Any, scored: pb.ScoreContentResponse) -> None:
    server.says(scored, scored)
    with Client(server.target, deadline=7) as client:
        client.score("a")
        client.score("b", deadline=3)
    assert 5 < server.remaining[0] < 8
    assert 1 < server.remaining[1] < 4


def test_a_call_that_takes_too_long_raises_deadline_exceeded(server: Any) -> None:
    server.script.append(lambda _r, context: context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "late"))
    with Client(server.target) as client, pytest.raises(DeadlineExceeded, match="late"):
        client.score("a")


def test_a_server_that_is_away_for_a_moment_is_asked_again(
    server: Any, scored: pb.ScoreContentResponse
) -> None:
    server.fails(grpc.StatusCode.UNAVAILABLE, times=2)
    server.says(scored)
    with Client(server.target) as client:
        assert client.score("a").score == 0.37
    assert len(server.requests) == 3


async def test_the_asyncio_client_asks_again_too(server: Any, scored: pb.ScoreContentResponse) -> None:
    server.fails(grpc.StatusCode.UNAVAILABLE)
    server.says(scored)
    async with AsyncClient(server.target) as client:
        assert (await client.score("a")).score == 0.37


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.ABORTED,
    ],
)
def test_nothing_else_is_tried_again(server: Any, code: grpc.StatusCode) -> None:
    server.fails(code)
    with Client(server.target) as client, pytest.raises(Exception, match="scripted") as raised:
        client.score("a")
    assert raised.value.code is code
    assert len(server.requests) == 1


def test_with_retries_off_a_call_is_tried_once(server: Any) -> None:
    server.fails(grpc.StatusCode.UNAVAILABLE)
    with Client(server.target, retries=False) as client, pytest.raises(Unreachable):
        client.score("a")
    assert len(server.requests) == 1


def test_nobody_there_is_unreachable() -> None:
    with Client("127.0.0.1:1", retries=False) as client, pytest.raises(Unreachable):
        client.score("a")


def test_every_violation_of_a_bad_request_is_told(server: Any) -> None:
    server.script.append(lambda _r, context: context.abort_with_status(rpc_status.to_status(_bad_request())))
    with Client(server.target) as client, pytest.raises(InvalidRequest, match="2 violations") as raised:
        client.score("")
    assert raised.value.reason == "INVALID_REQUEST"
    assert raised.value.metadata == {"n": "2"}
    assert [v.field for v in raised.value.violations] == ["content.text", "panel"]


@pytest.mark.parametrize("asyncio", [False, True])
async def test_a_batch_gives_each_item_its_own_outcome(
    server: Any, scored: pb.ScoreContentResponse, unscored: pb.ScoreContentResponse, asyncio: bool
) -> None:
    server.says(
        pb.BatchScoreContentsResponse(
            outcomes=[
                pb.BatchOutcome(response=scored),
                pb.BatchOutcome(error=_bad_request()),
                pb.BatchOutcome(response=unscored),
            ]
        )
    )
    if asyncio:
        async with AsyncClient(server.target) as client:
            outcomes = await client.batch(["a", "b", "c"])
    else:
        with Client(server.target) as client:
            outcomes = client.batch(["a", "b", "c"])
    first, second, third = outcomes
    assert isinstance(first, Result)
    assert isinstance(second, InvalidRequest)
    assert isinstance(third, Result)
    assert (first.score, third.is_scored) == (0.37, False)
    assert [r.content.text for r in server.requests[0].requests] == ["a", "b", "c"]


def _events(scored: pb.ScoreContentResponse) -> list[pb.StreamScoreContentResponse]:
    events = [pb.StreamScoreContentResponse() for _ in range(4)]
    events[0].plan.judges.append("fluency")
    events[1].ballot.judge = "fluency"
    events[2].provisional.CopyFrom(scored)
    events[3].verdict.CopyFrom(scored)
    return events


@pytest.mark.parametrize("asyncio", [False, True])
async def test_a_stream_tells_plan_ballots_and_results(
    server: Any, scored: pb.ScoreContentResponse, asyncio: bool
) -> None:
    server.says(_events(scored))
    if asyncio:
        async with AsyncClient(server.target) as client:
            told = [event async for event in client.stream("a")]
    else:
        with Client(server.target) as client:
            told = list(client.stream("a"))
    assert [type(event) for event in told] == [Plan, Ballot, Result, Result]


async def test_closing_a_stream_cancels_the_call(server: Any, scored: pb.ScoreContentResponse) -> None:
    cancelled: list[bool] = []

    def endless(_request: Any, context: grpc.ServicerContext) -> Any:
        context.add_callback(lambda: cancelled.append(True))
        while context.is_active():
            yield _events(scored)[0]

    server.script.append(endless)
    async with AsyncClient(server.target) as client:
        stream = client.stream("a")
        await anext(stream)
        await stream.aclose()
    server.close()
    assert cancelled == [True]


def test_a_list_reads_every_page(server: Any) -> None:
    pages = [
        catalog_service_pb2.ListJudgesResponse(next_page_token="2"),
        catalog_service_pb2.ListJudgesResponse(),
    ]
    pages[0].judges.add(name="judges/a")
    pages[1].judges.add(name="judges/b")
    server.says(*pages)
    with Client(server.target) as client:
        assert [judge.name for judge in client.judges()] == ["judges/a", "judges/b"]
    assert [r.page_token for r in server.requests] == ["", "2"]


def test_the_recommended_service_config_retries_on_unavailable_only() -> None:
    config = json.loads(service_config())
    assert config["loadBalancingConfig"] == [{"round_robin": {}}]
    policies = [m["retryPolicy"] for m in config["methodConfig"]]
    assert [p["retryableStatusCodes"] for p in policies] == [["UNAVAILABLE"]]


def test_no_method_is_retried_that_would_do_its_work_twice() -> None:
    named = [name for m in json.loads(service_config())["methodConfig"] for name in m["name"]]
    retried = {f"{name['service']}/{name.get('method', '*')}" for name in named}
    assert not retried & {
        "moa_scorer.api.v1.RecordService/*",
        "moa_scorer.api.v1.JobService/*",
        "moa_scorer.api.v1.AdminService/*",
        "google.longrunning.Operations/*",
    }


def test_the_service_config_for_callers_in_other_languages_is_the_same() -> None:
    shipped = Path(__file__).resolve().parents[3] / "deploy" / "service_config.json"
    assert shipped.read_text() == service_config()


def test_importing_the_client_loads_nothing_heavier_than_grpc() -> None:
    code = "import sys, moa_scorer.client; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    heavy = {"numpy", "pydantic", "structlog", "yaml", "typer", "rich", "uvloop", "onnxruntime", "scipy"}
    ours = {name.split(".")[1] for name in loaded if name.startswith("moa_scorer.")}

    assert heavy & {name.split(".")[0] for name in loaded} == set()
    assert ours == {"api", "client"}
