"""Health, reflection and the catalogue over a real socket."""

import asyncio
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

import moa_scorer.api
from moa_scorer.api.v1 import catalog_service_pb2 as pb
from moa_scorer.rpc.admin_server import SERVICE as ADMIN
from moa_scorer.rpc.server import SERVICES, build_server
from tests.fakes.judges import five_judges, make_pipeline
from tests.fakes.servers import Served, serving

Status = health_pb2.HealthCheckResponse


@pytest.mark.parametrize("service", ["", *SERVICES])
async def test_health_is_told_per_service(service: str) -> None:
    async with serving(make_pipeline(five_judges())) as served:
        health = health_pb2_grpc.HealthStub(served.channel)
        answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
        assert answer.status == Status.SERVING


async def test_the_health_of_an_unknown_service_is_not_found() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        health = health_pb2_grpc.HealthStub(served.channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await health.Check(health_pb2.HealthCheckRequest(service="nope"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("service", ["", *SERVICES])
async def test_watch_tells_of_the_drain(service: str) -> None:
    async with serving(make_pipeline(five_judges())) as served:
        watch = health_pb2_grpc.HealthStub(served.channel).Watch(
            health_pb2.HealthCheckRequest(service=service)
        )
        assert (await watch.read()).status == Status.SERVING
        await served.health.drain()
        assert (await asyncio.wait_for(watch.read(), 10)).status == Status.NOT_SERVING
        await served.health.serving()
        answer = await health_pb2_grpc.HealthStub(served.channel).Check(
            health_pb2.HealthCheckRequest(service=service)
        )
        assert answer.status == Status.NOT_SERVING, "a drain is for good"
        assert await asyncio.wait_for(watch.read(), 10) is grpc.aio.EOF, "nothing more will be told"


async def test_watch_tells_every_watcher_when_serving_begins_and_of_a_service_it_does_not_have() -> None:
    pipeline = make_pipeline(five_judges())
    server, port, health = await build_server(pipeline, address="127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        whole, scoring, unknown = (
            stub.Watch(health_pb2.HealthCheckRequest(service=name)) for name in ("", SERVICES[0], "nope")
        )
        assert [(await w.read()).status for w in (whole, scoring)] == [Status.NOT_SERVING] * 2
        assert (await unknown.read()).status == Status.SERVICE_UNKNOWN
        await health.serving()
        assert [(await w.read()).status for w in (whole, scoring)] == [Status.SERVING] * 2
        await health.drain()
        assert await asyncio.wait_for(unknown.read(), 10) is grpc.aio.EOF
    await server.stop(None)


async def test_open_watches_do_not_hold_up_the_end_of_the_server() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        watches = [
            health_pb2_grpc.HealthStub(served.channel).Watch(health_pb2.HealthCheckRequest(service=name))
            for name in ("", *SERVICES)
        ]
        for watch in watches:
            assert (await watch.read()).status == Status.SERVING
        await served.health.drain()
        await asyncio.wait_for(served.server.stop(5), 2.5)
        for watch in watches:
            assert (await watch.read()).status == Status.NOT_SERVING
            assert await watch.read() is grpc.aio.EOF


async def reflect(
    served: Served, version: str, *requests: reflection_pb2.ServerReflectionRequest
) -> list[Any]:
    call = served.channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    return [answer async for answer in call(iter(requests))]


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_lists_services_and_answers_method_symbols(version: str) -> None:
    async with serving(make_pipeline(five_judges())) as served:
        listed, method, missing = await reflect(
            served,
            version,
            reflection_pb2.ServerReflectionRequest(list_services=""),
            reflection_pb2.ServerReflectionRequest(
                file_containing_symbol="moa_scorer.api.v1.ScoringService.ScoreContent"
            ),
            reflection_pb2.ServerReflectionRequest(file_containing_symbol="moa_scorer.api.v1.Nope"),
        )
    names = {service.name for service in listed.list_services_response.service}
    assert set(SERVICES) <= names
    assert {"grpc.health.v1.Health", f"grpc.reflection.{version}.ServerReflection"} <= names
    files = [FileDescriptorProto.FromString(f) for f in method.file_descriptor_response.file_descriptor_proto]
    assert "moa_scorer/api/v1/scoring_service.proto" in {file.name for file in files}
    assert missing.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


async def test_every_listed_service_can_be_described() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        (listed,) = await reflect(served, "v1", reflection_pb2.ServerReflectionRequest(list_services=""))
        names = [service.name for service in listed.list_services_response.service]
        answers = await reflect(
            served, "v1", *(reflection_pb2.ServerReflectionRequest(file_containing_symbol=n) for n in names)
        )
    assert all(answer.HasField("file_descriptor_response") for answer in answers)


def test_the_shipped_descriptor_set_holds_every_service_and_all_they_import() -> None:
    path = next(iter(moa_scorer.api.__path__)) + "/descriptor_set.binpb"
    with open(path, "rb") as file:
        files = FileDescriptorSet.FromString(file.read()).file
    services = {f"{file.package}.{service.name}" for file in files for service in file.service}
    assert services == {*SERVICES, ADMIN}
    assert {d for file in files for d in file.dependency} <= {file.name for file in files}


async def test_the_catalogue_is_read_by_name_and_pinned_name() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        newest = (await served.catalog.GetPanel(pb.GetPanelRequest(name="panels/scripted"))).panel
        pinned = (await served.catalog.GetPanel(pb.GetPanelRequest(name="scripted@1"))).panel
        rubric = (await served.catalog.GetRubric(pb.GetRubricRequest(name="rubrics/quality"))).rubric
        policy = (await served.catalog.GetPolicy(pb.GetPolicyRequest(name="strict"))).policy
        judge = (await served.catalog.GetJudge(pb.GetJudgeRequest(name="judges/depth"))).judge
    assert (newest.name, newest.is_default) == ("panels/scripted@2", True)
    assert (pinned.name, pinned.is_default) == ("panels/scripted@1", False)
    assert newest.judges == ["clarity", "depth", "style", "substance", "context"]
    assert sum(criterion.weight for criterion in rubric.criteria) == pytest.approx(1)
    assert policy.rules[0].threshold == 0.5
    assert judge.criteria == ["depth"]


async def test_lists_come_page_by_page() -> None:
    async with serving(make_pipeline(five_judges())) as served:
        first = await served.catalog.ListJudges(pb.ListJudgesRequest(page_size=3))
        asked = pb.ListJudgesRequest(page_size=3, page_token=first.next_page_token)
        second = await served.catalog.ListJudges(asked)
        panels = await served.catalog.ListPanels(pb.ListPanelsRequest())
        rubrics = await served.catalog.ListRubrics(pb.ListRubricsRequest())
        policies = await served.catalog.ListPolicies(pb.ListPoliciesRequest())
        snapshots = await served.catalog.ListSnapshots(pb.ListSnapshotsRequest())
    assert [j.name for j in [*first.judges, *second.judges]] == [
        f"judges/{name}" for name in ("clarity", "depth", "style", "substance", "context")
    ]
    assert not second.next_page_token
    assert [p.name for p in panels.panels] == ["panels/scripted@1", "panels/scripted@2"]
    assert (len(rubrics.rubrics), len(policies.policies), len(snapshots.snapshots)) == (1, 1, 0)


@pytest.mark.parametrize(
    ("method", "asked", "code"),
    [
        ("GetPanel", pb.GetPanelRequest(name="panels/nope"), grpc.StatusCode.NOT_FOUND),
        ("GetPanel", pb.GetPanelRequest(), grpc.StatusCode.INVALID_ARGUMENT),
        ("GetRubric", pb.GetRubricRequest(name="panels/quality"), grpc.StatusCode.INVALID_ARGUMENT),
        ("GetPolicy", pb.GetPolicyRequest(name="strict@9"), grpc.StatusCode.NOT_FOUND),
        ("GetJudge", pb.GetJudgeRequest(name="judges/nope"), grpc.StatusCode.NOT_FOUND),
        ("GetSnapshot", pb.GetSnapshotRequest(name="snapshots/a.b.c@1"), grpc.StatusCode.NOT_FOUND),
        ("ListPanels", pb.ListPanelsRequest(page_size=-1), grpc.StatusCode.INVALID_ARGUMENT),
        ("ListJudges", pb.ListJudgesRequest(page_token="zzz"), grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_what_the_catalogue_does_not_have_has_a_status(
    method: str, asked: Any, code: grpc.StatusCode
) -> None:
    async with serving(make_pipeline(five_judges())) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await getattr(served.catalog, method)(asked)
    assert caught.value.code() is code
