"""`moa-scorer serve` as a process of its own, with its signals, workers and log."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from moa_scorer.client import Client, Item, Unreachable
from tests.fakes.server_process import PATIENCE, Start, until

SERVING = health_pb2.HealthCheckResponse.SERVING
TEXT = "The committee met on Tuesday and approved the budget after a long and lively discussion."


def health(target: str) -> int:
    with grpc.insecure_channel(target) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(service="moa_scorer.api.v1.ScoringService"), timeout=10
        )
    return int(answer.status)


def test_it_serves_on_loopback_logs_no_content_and_ends_cleanly_on_sigterm(start: Start) -> None:
    server = start(MOA_SCORER_LOG_LEVEL="debug")
    server.wait_for("server_serving")
    assert health(server.target) == SERVING
    with Client(server.target) as client:
        result = client.score(Item(text=f"A zyzzyva. {TEXT}", title="Oeuvre", kind="comment"))
    assert result.panel == "panels/embedded-fast@1"
    assert result.rubric == "rubrics/comment@1"

    assert server.end() == 0
    assert server.events("server_draining")
    assert server.events("server_stopped")
    assert all(event["request_id"] for event in server.events("rpc_finished"))
    log = server.log.read_text()
    assert "zyzzyva" not in log
    assert "Oeuvre" not in log
    with Client(server.target, retries=False) as client, pytest.raises(Unreachable):
        client.score(TEXT)


def test_a_call_in_flight_is_finished_before_the_end(start: Start) -> None:
    server = start()
    server.wait_for("server_serving")
    with Client(server.target) as client:
        call = client.stream(Item(text=f"{TEXT} " * 500))
        next(call)
        server.popen.send_signal(signal.SIGTERM)
        told = list(call)
    assert getattr(told[-1], "completion", "") in ("complete", "partial")
    assert server.popen.wait(timeout=30) == 0


def test_several_workers_share_one_port_and_a_crashed_one_is_replaced(start: Start) -> None:
    server = start("--workers", "2")
    server.wait_for("server_serving", count=2)
    assert len(server.events("server_listening")) == 1
    before = set(server.children())
    assert len(before) == 2
    with Client(server.target) as client:
        client.score(TEXT)

    os.kill(min(before), signal.SIGKILL)
    (exited,) = server.wait_for("worker_exited")
    assert (exited["worker_pid"], exited["code"], exited["replaced"]) == (min(before), -9, True)
    server.wait_for("server_serving", count=3)
    assert len(set(server.children()) - before) == 1
    with Client(server.target) as client:
        client.score(TEXT)

    assert server.end() == 0
    assert len(server.events("server_stopped")) == 2


def test_workers_end_when_their_supervisor_dies_without_a_word(start: Start) -> None:
    server = start("--workers", "2")
    server.wait_for("server_serving", count=2)
    orphans = server.children()
    server.popen.kill()
    server.popen.wait()

    until(lambda: not any(_runs(pid) for pid in orphans), "the end of the workers", server.log)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_second_signal_ends_at_once(start: Start) -> None:
    server = start(MOA_SCORER_DRAIN_GRACE="60")
    server.wait_for("server_serving")
    with grpc.insecure_channel(server.target) as channel:
        open_call = _reflect(channel, _asks_and_stays(enough := threading.Event()))
        next(open_call)
        server.popen.send_signal(signal.SIGTERM)
        server.wait_for("server_draining")

        assert server.end(signal.SIGINT) == 128 + signal.SIGINT
        enough.set()


def test_an_open_watch_of_health_does_not_hold_up_the_end(start: Start) -> None:
    server = start(MOA_SCORER_DRAIN_GRACE="60")
    server.wait_for("server_serving")
    with grpc.insecure_channel(server.target) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == SERVING

        assert server.end() == 0  # waits for half of the grace
        assert [told.status for told in watch] == [health_pb2.HealthCheckResponse.NOT_SERVING]
    assert server.events("server_stopped")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_address_in_use_is_said_in_one_line(start: Start, workers: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        server = start("--address", address, "--workers", workers)
        assert server.popen.wait(timeout=PATIENCE) == 1
    said = [line for line in server.log.read_text().splitlines() if line.startswith("moa-scorer: ")]
    assert said == [
        f"moa-scorer: cannot listen on {address}: is it in use, or not an address of this machine?"
    ]
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("key", ["admin_address", "metrics_address"])
def test_another_address_in_use_is_said_in_one_line_by_whoever_meets_it(
    start: Start, key: str, workers: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        server = start("--workers", workers, **{f"MOA_SCORER_{key.upper()}": address})
        assert server.popen.wait(timeout=PATIENCE) == 1
    log = server.log.read_text()
    assert f"moa-scorer: settings: {key}: cannot listen on {address}: " in log
    assert "Traceback" not in log
    assert "Exception ignored" not in log


def test_workers_that_cannot_start_end_the_server_with_an_error(start: Start, tmp_path: Path) -> None:
    (tmp_path / "conf" / "panels").mkdir(parents=True)
    (tmp_path / "conf" / "panels" / "x.yaml").write_text("name: x")
    server = start("--workers", "2", "--catalog-dir", "conf")

    assert server.popen.wait(timeout=PATIENCE) == 1
    assert "conf/panels/x.yaml: version: is required" in server.log.read_text()
    assert "could not start" in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_open_server_that_others_could_reach_is_refused_with_what_to_do(
    start: Start, workers: str
) -> None:
    server = start("--address", "0.0.0.0:0", "--workers", workers)
    assert server.popen.wait(timeout=PATIENCE) == 1
    log = server.log.read_text()
    assert "nobody would be asked who they are; set auth.api_keys" in log
    assert "Traceback" not in log


def test_missing_models_and_no_reflection_are_served_and_said(start: Start, tmp_path: Path) -> None:
    server = start("--models-dir", str(tmp_path / "none"), "--no-reflection")
    server.wait_for("server_serving")
    assert "civility" in {event["judge"] for event in server.events("model_missing")}

    with Client(server.target) as client:
        ballots = client.score(TEXT, view="ballots").ballots
    assert "civility" in {b.judge for b in ballots if b.abstention and b.abstention.reason == "model_missing"}
    assert _reflection(server.target) is grpc.StatusCode.UNIMPLEMENTED


def _reflect(channel: grpc.Channel, requests: Iterator[bytes]) -> Any:
    method = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=bytes,
        response_deserializer=bytes,
    )
    return method(requests, timeout=60)


def _asks_and_stays(until_told: threading.Event) -> Iterator[bytes]:
    yield b""
    until_told.wait(60)


def _reflection(target: str) -> grpc.StatusCode:
    with grpc.insecure_channel(target) as channel:
        call = _reflect(channel, iter([b""]))
        with pytest.raises(grpc.RpcError):
            list(call)
    code: grpc.StatusCode = call.code()
    return code
