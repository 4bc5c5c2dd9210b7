"""The one shared session over which every endpoint is called."""

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.providers.connection import broken, untrusted_files
from moa_scorer.providers.failures import Failed, Retry, failed
from moa_scorer.providers.secrets import key_headers
from moa_scorer.providers.spec import EndpointSpec
from moa_scorer.providers.wire import HttpAnswer, HttpCall

LARGEST_BODY: Final = 4 * 1024 * 1024
"""Bytes, after decompression."""
KEEP_ALIVE: Final = 30.0
"""Seconds that an idle connection is kept."""


class Http:
    """One pool of kept-alive connections; opened by the first call, in that call's event loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._contexts: dict[Path, ssl.SSLContext] = {}
        self._proxies: dict[tuple[str, str], str | None] = {}

    async def send(self, spec: EndpointSpec, call: HttpCall, seconds: float) -> HttpAnswer | Failed:
        """The answer of any status, or why there is none; gives up after `seconds`, > 0.

        A cancelled call closes its connection, so that the server sees it and may stop.
        """
        keys = key_headers(spec)
        if isinstance(keys, Failed):
            return keys
        try:
            async with asyncio.timeout(seconds):
                return await self._post(spec, call, keys)
        except aiohttp.ClientError as error:  # before TimeoutError: some of them are both
            return broken(error, spec)
        except TimeoutError:
            detail = f"endpoint {spec.name} gave no answer in time"
            return failed(detail, reason=AbstentionReason.TIMEOUT, retry=Retry.TRANSIENT, may_cost=True)
        except (OSError, ValueError) as error:
            return broken(error, spec)

    async def aclose(self) -> None:
        """Closes every connection; sending again opens a new pool."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _post(self, spec: EndpointSpec, call: HttpCall, keys: Mapping[str, str]) -> HttpAnswer | Failed:
        url = URL(spec.base_url + call.path, encoded=True).extend_query([*spec.query, *call.query])
        context = self._context(spec.ca_file)
        if isinstance(context, Failed):
            return context
        async with self._open().post(
            url,
            data=call.body,
            headers={"content-type": "application/json", **dict(spec.headers), **dict(call.headers), **keys},
            proxy=spec.proxy or (None if spec.local else self._proxy_of_environment(url)),
            ssl=context,
            allow_redirects=False,  # a redirect could carry the key and the content elsewhere
            timeout=aiohttp.ClientTimeout(
                sock_connect=spec.traffic.connect_timeout, ceil_threshold=float("inf")
            ),
        ) as response:
            body = await _body(response)
            if body is None:
                return failed("the reply is larger than 4 MiB", retry=Retry.TRANSIENT, may_cost=True)
            return HttpAnswer(status=response.status, headers=_headers(response), body=body)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"user-agent": "moa-scorer"},
            )
        return self._session

    def _context(self, ca_file: Path | None) -> ssl.SSLContext | bool | Failed:
        """What to trust: the system's authorities, or those of the file alone; read once a file."""
        if ca_file is None:
            return True
        if ca_file not in self._contexts:
            try:
                self._contexts[ca_file] = ssl.create_default_context(cafile=ca_file)
            except (OSError, ssl.SSLError) as error:
                return untrusted_files(ca_file, error)
        return self._contexts[ca_file]

    def _proxy_of_environment(self, url: URL) -> str | None:
        """The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for this address; looked up once a host,
        since going through the environment takes as long as a call on a local network. Not asked for local
        endpoints: what is sent to those must not pass by other machines."""
        place = (url.scheme, url.host or "")
        if place not in self._proxies:
            named = "" if proxy_bypass(place[1]) else getproxies().get(place[0], "")
            self._proxies[place] = (named if "://" in named else f"http://{named}") if named else None
        return self._proxies[place]


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Names in lower case; the first of several wins."""
    found: dict[str, str] = {}
    for name, value in response.headers.items():
        found.setdefault(name.lower(), value)
    return found


async def _body(response: aiohttp.ClientResponse) -> bytes | None:
    """The whole body; None when it is too large, and then the rest is not read."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > LARGEST_BODY:
            response.close()
            return None
        parts.append(part)
    return b"".join(parts)
