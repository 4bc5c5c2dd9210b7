"""Whom credentials make a caller, and whom they do not."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import jwt
import pytest

from moa_scorer.contract import tokens as tokens_module
from moa_scorer.contract.api_keys import BELIEVED, ApiKeys, new_key
from moa_scorer.contract.credentials import OPEN, Authenticator, Certificates, Credentials
from moa_scorer.contract.tokens import LARGEST, TokenRules, Tokens, fetched
from moa_scorer.domain.caller import ANYONE, Caller, Role
from moa_scorer.domain.errors import Unauthenticated
from moa_scorer.domain.tenant import Tenant
from tests.fakes.identities import NOW, Issuer, MemoryKeys
from tests.fakes.servers import answering_http

ANN = Caller(name="ann", tenant=Tenant("acme"), roles=frozenset({Role.SCORE}))


class Clock:
    """Stands still until it is moved."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> Any:
        return NOW + timedelta(seconds=self.seconds)


async def who(way: Any, **said: Any) -> Caller | None:
    caller: Caller | None = await way.caller(Credentials(**said))
    return caller


async def test_a_key_is_its_callers_and_one_with_another_secret_is_nobodys() -> None:
    store, clock = MemoryKeys(), Clock()
    key, kept = new_key(ANN, NOW)
    await store.add(kept)
    way = ApiKeys(store=store, clock=clock)
    other, _ = new_key(ANN, NOW)
    assert await who(way, api_key=key) == ANN
    assert await who(way, api_key=key[:-1] + ("A" if key[-1] != "A" else "B")) is None
    assert await who(way, api_key=other) is None
    assert await who(way, api_key="moa_x") is None
    assert key.rpartition("_")[2] not in repr(kept)
    assert kept.digest not in key


async def test_a_key_is_looked_up_once_and_again_after_a_while() -> None:
    store, clock = MemoryKeys(), Clock()
    key, kept = new_key(ANN, NOW, lifetime=timedelta(hours=1))
    await store.add(kept)
    way = ApiKeys(store=store, clock=clock)
    await asyncio.gather(*(who(way, api_key=key) for _ in range(1)))
    assert [await who(way, api_key=key) for _ in range(3)] == [ANN] * 3
    assert store.lookups == 1
    clock.seconds = BELIEVED + 1
    store.keys.clear()
    assert await who(way, api_key=key) is None


async def test_a_key_holds_in_the_moment_in_which_its_lookup_is_forgotten() -> None:
    class Running(Clock):
        """Each look at it takes time."""

        def monotonic(self) -> float:
            self.seconds += BELIEVED / 5
            return self.seconds

    store, clock = MemoryKeys(), Running()
    key, kept = new_key(ANN, NOW)
    await store.add(kept)
    way = ApiKeys(store=store, clock=clock)
    assert [await who(way, api_key=key) for _ in range(20)] == [ANN] * 20


async def test_an_expired_key_is_nobodys() -> None:
    store, clock = MemoryKeys(), Clock()
    key, kept = new_key(ANN, NOW, lifetime=timedelta(hours=1))
    await store.add(kept)
    clock.seconds = 3600
    assert await who(ApiKeys(store=store, clock=clock), api_key=key) is None


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def tokens(issuer: Issuer, tmp_path: Path) -> Tokens:
    path = issuer.write_keys(tmp_path / "jwks.json")
    return Tokens(rules=TokenRules(issuer="https://issuer", audience="moa", jwks_file=path))


def claims(**others: Any) -> dict[str, Any]:
    return {
        "sub": "bob",
        "iss": "https://issuer",
        "aud": "moa",
        "exp": time.time() + 60,
        "tenant": "acme",
        "roles": "score audit other",
    } | others


async def test_a_token_of_the_issuer_for_this_audience_is_its_subjects(
    issuer: Issuer, tokens: Tokens
) -> None:
    caller = await who(tokens, token=issuer.token(claims()))
    assert caller == Caller(name="bob", tenant=Tenant("acme"), roles=frozenset({Role.SCORE, Role.AUDIT}))
    listed = await who(tokens, token=issuer.token(claims(roles=["erase"])))
    assert listed is not None
    assert listed.roles == {Role.ERASE}
    slow_clock = await who(tokens, token=issuer.token(claims(exp=time.time() - 10)))
    assert slow_clock is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": 1},
        {"iss": "https://another"},
        {"aud": "another"},
        {"nbf": 9e9},
        {"tenant": ""},
        {"tenant": 7},
        {"tenant": ".."},
        {"tenant": "acme/globex"},
        {"tenant": "acme\0"},
        {"roles": 7},
    ],
)
async def test_a_token_that_does_not_hold_is_nobodys(
    issuer: Issuer, tokens: Tokens, wrong: dict[str, Any]
) -> None:
    assert await who(tokens, token=issuer.token(claims(**wrong))) is None


async def test_forged_and_malformed_tokens_are_nobodys(issuer: Issuer, tokens: Tokens) -> None:
    assert await who(tokens, token=Issuer().token(claims())) is None
    unsigned = jwt.encode(claims(), key="", algorithm="none", headers={"kid": issuer.kid})
    shared = jwt.encode(claims(), key="k" * 64, algorithm="HS256", headers={"kid": issuer.kid})
    for token in (unsigned, shared, "a.b.c", "x" * 20_000, "\x00"):
        assert await who(tokens, token=token) is None
    for algorithm in ("ES256", "EdDSA", "PS256"):
        assert await who(tokens, token=_said_to_be(algorithm, issuer)) is None
    without = claims()
    del without["exp"]
    assert await who(tokens, token=issuer.token(without)) is None


def _said_to_be(algorithm: str, issuer: Issuer) -> str:
    """A token whose header names a real key and an algorithm that it is not for."""
    header, body = ({"alg": algorithm, "kid": issuer.kid}, claims())
    parts = [json.dumps(part).encode() for part in (header, body)] + [b"x" * 64]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def test_a_key_set_that_was_exchanged_on_disk_holds_at_once(tokens: Tokens, issuer: Issuer) -> None:
    assert await who(tokens, token=issuer.token(claims())) is not None
    following = Issuer(kid="two")
    assert tokens.rules.jwks_file is not None
    following.write_keys(tokens.rules.jwks_file)
    assert await who(tokens, token=following.token(claims())) is not None
    assert await who(tokens, token=issuer.token(claims())) is None


def of_a_url() -> Tokens:
    return Tokens(rules=TokenRules(issuer="https://issuer", audience="moa", jwks_url="https://issuer/keys"))


async def test_an_issuer_that_does_not_answer_is_left_alone_for_a_while(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def fetch_data(_: object) -> None:
        asked.append(1)
        raise jwt.PyJWKClientConnectionError("refused")

    monkeypatch.setattr(tokens_module, "fetched", fetch_data)
    way = of_a_url()
    assert [await who(way, token=issuer.token(claims())) for _ in range(5)] == [None] * 5
    assert len(asked) == 1


async def test_tokens_that_wait_for_their_issuer_leave_threads_for_other_work(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def fetch_data(_: object) -> None:
        answered.wait(5)
        raise jwt.PyJWKClientConnectionError("too late")

    monkeypatch.setattr(tokens_module, "fetched", fetch_data)
    way, token = of_a_url(), issuer.token(claims())
    waiting = [asyncio.create_task(who(way, token=token)) for _ in range(50)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(asyncio.to_thread(answered.is_set), 4) is False
    answered.set()
    assert await asyncio.gather(*waiting) == [None] * 50


class Issuing(BaseHTTPRequestHandler):
    """An issuer that sends too much, sends elsewhere, or does as it should."""

    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/elsewhere" else 200)
        self.send_header("location", "/keys")
        self.end_headers()
        self.wfile.write(b" " * 2 * LARGEST if self.path == "/large" else b'{"keys": []}')

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def issuing() -> Iterator[str]:
    with answering_http(Issuing) as url:
        yield url


def test_a_key_set_is_read_from_its_own_place_and_up_to_a_size(issuing: str) -> None:
    assert fetched(f"{issuing}/keys") == {"keys": []}
    with pytest.raises(jwt.PyJWKClientConnectionError, match="too large"):
        fetched(f"{issuing}/large")
    with pytest.raises(OSError, match="302"):
        fetched(f"{issuing}/elsewhere")


async def test_a_certificate_is_known_by_a_listed_name() -> None:
    way = Certificates(callers={"spiffe://acme/ann": ANN})
    assert await who(way, certificate_names=("ann.acme", "spiffe://acme/ann")) == ANN
    assert await who(way, certificate_names=("ann.acme",)) is None


async def test_an_open_server_knows_anyone_and_another_says_what_it_takes() -> None:
    assert await OPEN.caller(Credentials()) == ANYONE
    closed = Authenticator(ways=(Certificates(callers={}),))
    with pytest.raises(Unauthenticated, match="a client certificate"):
        await closed.caller(Credentials(api_key="moa_secret", token="a.b.c"))


def test_credentials_keep_what_they_hold_out_of_logs() -> None:
    assert "secret" not in repr(Credentials(api_key="secret", token="secret"))
