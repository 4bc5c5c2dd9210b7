import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.providers.failures import Failed, Retry
from moa_scorer.providers.http import LARGEST_BODY, Http
from moa_scorer.providers.spec import SecretRef
from moa_scorer.providers.wire import HttpAnswer, HttpCall
from tests.unit.providers.exchanges import endpoint

CALL = HttpCall(path="/chat", body=b"{}")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    http = Http()
    yield http
    await http.aclose()


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    """The address of a server that answers every path by the handler."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(reply: bytes) -> AsyncIterator[str]:
    """The address of a server that sends these bytes and hangs up."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_the_call_arrives_whole(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_KEY", "s3cr3t")
    seen: list[web.Request] = []
    bodies: list[bytes] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        bodies.append(await request.read())
        return web.Response(status=418, body=b"tea", headers={"X-Kind": "pot"})

    call = HttpCall(path="/models/a%2Fb:generate", body=b'{"a":1}', headers=(("x-version", "1"),))
    async with served(handler) as url:
        spec = endpoint(
            base_url=f"{url}/v1",
            key=SecretRef(env="VENDOR_KEY"),
            query=(("api-version", "2026-01-01"),),
            headers=(("x-title", "test"),),
        )
        answer = await http.send(spec, call, 5.0)
    assert isinstance(answer, HttpAnswer)
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (418, b"tea", "pot")
    assert seen[0].raw_path == "/v1/models/a%2Fb:generate?api-version=2026-01-01"
    assert seen[0].headers["Authorization"] == "Bearer s3cr3t"
    assert (seen[0].headers["x-version"], seen[0].headers["x-title"]) == ("1", "test")
    assert seen[0].headers["Content-Type"] == "application/json"
    assert bodies == [b'{"a":1}']


async def test_connections_are_kept_alive_and_cookies_are_not(http: Http) -> None:
    peers: set[object] = set()
    cookies: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        peers.add(request.transport and request.transport.get_extra_info("peername"))
        cookies.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "session=1"})

    async with served(handler) as url:
        for _ in range(3):
            await http.send(endpoint(base_url=url), CALL, 5.0)
        await http.aclose()
        await http.send(endpoint(base_url=url), CALL, 5.0)
    assert len(peers) == 2
    assert cookies == [None] * 4


async def test_a_hang_ends_with_the_given_time_and_frees_the_server(http: Http) -> None:
    left = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        try:
            await asyncio.Event().wait()
        finally:
            left.set()
        return web.Response()

    async with served(handler) as url:
        failure = await http.send(endpoint(base_url=url), CALL, 0.05)
        await asyncio.wait_for(left.wait(), 5.0)
    assert isinstance(failure, Failed)
    assert failure.failure.reason is AbstentionReason.TIMEOUT
    assert failure.retry is Retry.TRANSIENT
    assert failure.may_cost


async def test_a_cancelled_call_frees_the_server(http: Http) -> None:
    entered, left = asyncio.Event(), asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()
        return web.Response()

    async with served(handler) as url:
        task = asyncio.create_task(http.send(endpoint(base_url=url), CALL, 60.0))
        await entered.wait()
        task.cancel()
        await asyncio.wait_for(left.wait(), 5.0)
    assert (await asyncio.gather(task, return_exceptions=True))[0].__class__ is asyncio.CancelledError


async def test_a_body_without_end_is_not_read_to_its_end(http: Http) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_compression(web.ContentCoding.gzip)
        await response.prepare(request)
        for _ in range(2 * LARGEST_BODY // 65_536):
            await response.write(b"0" * 65_536)
        return response

    async with served(handler) as url:
        failure = await http.send(endpoint(base_url=url), CALL, 20.0)
    assert isinstance(failure, Failed)
    assert "4 MiB" in failure.failure.detail


async def test_a_redirect_is_an_answer_and_is_not_followed(http: Http) -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.path == "/chat"
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async with served(handler) as url:
        answer = await http.send(endpoint(base_url=url), CALL, 5.0)
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 307


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
    ids=["nothing", "no HTTP", "half a body", "bad gzip", "endless header"],
)
async def test_a_connection_that_breaks_is_worth_another_try_and_may_have_cost(
    http: Http, reply: bytes
) -> None:
    async with raw_server(reply) as url:
        failure = await http.send(endpoint(base_url=url), CALL, 5.0)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.TRANSIENT
    assert failure.may_cost
    assert url not in failure.failure.detail


async def test_nobody_listening_is_worth_another_try_and_cost_nothing(http: Http) -> None:
    async with raw_server(b"") as url:
        pass
    failure = await http.send(endpoint(base_url=url), CALL, 5.0)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.TRANSIENT
    assert not failure.may_cost
    assert "check that it runs" in failure.failure.detail


async def test_a_server_without_tls_and_a_proxy_that_is_not_there_are_told_apart(http: Http) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    async with served(handler) as url:
        plain = await http.send(endpoint(base_url=url.replace("http:", "https:")), CALL, 5.0)
    proxied = await http.send(endpoint(base_url="http://vendor.invalid", proxy=url), CALL, 5.0)
    assert isinstance(plain, Failed)
    assert isinstance(proxied, Failed)
    assert "https or http" in plain.failure.detail
    assert "check proxy" in proxied.failure.detail


@pytest.mark.parametrize("base_url", ["", "nowhere", "ftp://127.0.0.1", "http://"])
async def test_an_address_that_is_none_is_not_tried_again(http: Http, base_url: str) -> None:
    failure = await http.send(endpoint(base_url=base_url), CALL, 5.0)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.NO


@pytest.mark.parametrize("host", ["exämple.invalid", "a" * 300, "..", "127.0.0.1:99999", "[::1"])
async def test_an_address_that_none_can_be_is_a_failure_and_nothing_is_sent(http: Http, host: str) -> None:
    failure = await http.send(endpoint(base_url=f"http://{host}"), CALL, 5.0)
    assert isinstance(failure, Failed)
    assert (failure.retry, failure.unsent, failure.may_cost) == (Retry.NO, True, False)
    assert host not in failure.failure.detail


async def test_without_its_key_nothing_is_sent(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VENDOR_KEY", raising=False)
    failure = await http.send(endpoint(key=SecretRef(env="VENDOR_KEY")), CALL, 5.0)
    assert isinstance(failure, Failed)
    assert "VENDOR_KEY" in failure.failure.detail


async def test_calls_go_through_the_proxy_of_the_endpoint(http: Http) -> None:
    asked: list[str] = []

    async def proxy(request: web.Request) -> web.Response:
        asked.append(str(request.url))
        return web.Response(body=b"by proxy")

    async with served(proxy) as url:
        answer = await http.send(endpoint(base_url="http://vendor.invalid/v1", proxy=url), CALL, 5.0)
    assert isinstance(answer, HttpAnswer)
    assert answer.body == b"by proxy"
    assert asked == ["http://vendor.invalid/v1/chat"]


async def test_calls_go_through_the_proxy_of_the_environment(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def proxy(request: web.Request) -> web.Response:
        return web.Response(body=b"by proxy")

    async with served(proxy) as url:
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.setenv("no_proxy", "direct.invalid")
        answer = await http.send(endpoint(base_url="http://vendor.invalid"), CALL, 5.0)
        direct = await http.send(endpoint(base_url="http://direct.invalid"), CALL, 5.0)
    assert isinstance(answer, HttpAnswer)
    assert isinstance(direct, Failed)


async def test_a_proxy_of_the_environment_may_be_named_without_its_scheme(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def proxy(request: web.Request) -> web.Response:
        return web.Response(body=b"by proxy")

    async with served(proxy) as url:
        monkeypatch.setenv("http_proxy", url.removeprefix("http://"))
        answer = await http.send(endpoint(base_url="http://vendor.invalid"), CALL, 5.0)
    assert isinstance(answer, HttpAnswer)


async def test_what_is_sent_to_a_local_endpoint_passes_by_no_proxy_of_the_environment(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def proxy(request: web.Request) -> web.Response:
        raise AssertionError("the proxy has seen the content")

    async def own(request: web.Request) -> web.Response:
        return web.Response(body=b"direct")

    async with served(proxy) as by, served(own) as url:
        monkeypatch.setenv("http_proxy", by)
        monkeypatch.delenv("no_proxy", raising=False)
        answer = await http.send(endpoint(base_url=url, local=True), CALL, 5.0)
    assert isinstance(answer, HttpAnswer)
    assert answer.body == b"direct"


async def test_a_file_of_authorities_that_is_none_is_named_without_its_folder(
    http: Http, tmp_path: Path
) -> None:
    failure = await http.send(endpoint(ca_file=tmp_path / "ca.pem"), CALL, 5.0)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.NO
    assert "ca.pem" in failure.failure.detail
    assert str(tmp_path) not in failure.failure.detail
