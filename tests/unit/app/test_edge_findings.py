"""What doctor says of addresses, TLS, callers and Redis."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moa_scorer.app.edge_findings import (
    address_findings,
    redis_findings,
    security_findings,
    start_findings,
)
from moa_scorer.app.finding import Finding
from moa_scorer.app.settings import Settings
from moa_scorer.app.settings_quotas import QuotasOf
from moa_scorer.app.settings_security import Auth, Jwt, Tls
from tests.fakes.identities import Authority
from tests.fakes.valkey import Valkey, valkey

__all__ = ["valkey"]

NOW = datetime.now(UTC)
LATER = datetime(2999, 1, 1, tzinfo=UTC)
NOBODY = "redis://ann:hush@127.0.0.1:1/0"


def secured(settings: Settings, now: datetime = NOW) -> dict[str, Finding]:
    return {finding.topic: finding for finding in security_findings(settings, now)}


async def redis(settings: Settings) -> dict[str, Finding]:
    return {finding.topic: finding async for finding in redis_findings(settings)}


@pytest.fixture
def taken() -> Iterator[str]:
    """An address that somebody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield f"127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    key, certificate = Authority.make().issued("localhost")
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(certificate)
    return Tls(certificate=tmp_path / "cert.pem", key=tmp_path / "key.pem")


def test_each_address_is_looked_at_and_one_in_use_may_be_the_server_itself(taken: str) -> None:
    settings = Settings(address=taken, admin_address=taken, metrics_address="127.0.0.1:0")
    found = {finding.topic: finding for finding in address_findings(settings)}

    assert [finding.state for finding in found.values()] == ["note", "note", "ok"]
    assert found["address"].words == f"{taken} is in use"
    assert "`moa-scorer health` asks it" in found["address"].remedy
    assert "give admin_address another port" in found["admin_address"].remedy
    assert [finding.topic for finding in address_findings(Settings(address="127.0.0.1:0"))] == ["address"]


def test_an_address_of_another_machine_is_bad() -> None:
    [found] = address_findings(Settings(address="192.0.2.1:50051"))

    assert found.state == "bad"
    assert "name an address of this machine" in found.remedy


def test_an_open_server_that_others_can_reach_is_bad() -> None:
    [found] = start_findings(Settings(address="0.0.0.0:0"))

    assert (found.topic, found.state) == ("settings", "bad")
    assert found.words.startswith("address: 0.0.0.0:0 can be reached from other machines")


def test_it_is_said_who_is_asked_for_what() -> None:
    jwt = Jwt(issuer="https://id.example", audience="scorer", jwks_url="https://id.example/keys")

    assert "nobody is asked" in secured(Settings())["callers"].words
    both = secured(Settings(auth=Auth(api_keys=True, jwt=jwt)))["callers"]
    assert both.words == "asked for API keys or tokens of https://id.example"


def test_credentials_in_clear_text_are_a_note_that_thinks_of_a_proxy(tls: Tls) -> None:
    settings = Settings(address="0.0.0.0:50051", auth=Auth(api_keys=True))
    clear = secured(settings)["tls"]

    assert clear.state == "note"
    assert clear.words == "API keys and tokens reach address 0.0.0.0:50051 in clear text"
    assert "unless a proxy before it ends TLS" in clear.remedy
    assert secured(settings.model_copy(update={"tls": tls}))["tls"].state == "ok"
    assert secured(Settings())["tls"].state == "ok"


def test_a_certificate_that_has_expired_is_bad(tls: Tls) -> None:
    settings = Settings(tls=tls)

    assert "valid until" in secured(settings)["tls"].words
    assert secured(settings, LATER)["tls"].state == "bad"


async def test_a_redis_that_does_not_answer_is_bad_and_its_password_is_not_repeated() -> None:
    found = await redis(Settings(redis_url=NOBODY))

    assert found["redis_url"].state == "bad"
    assert found["redis_url"].words.startswith("127.0.0.1:1/0 does not answer: ")
    assert found["redis_url"].words.endswith("it would keep answers")
    assert "hush" not in str(found)
    assert "MOA_SCORER_REDIS_URL" in found["redis_url"].remedy


async def test_a_redis_that_answers_is_said_with_what_it_keeps(valkey: Valkey) -> None:
    quotas: dict[str, QuotasOf] = {"*": ()}
    one = await redis(Settings(redis_url=valkey.url, quotas=quotas))
    two = await redis(Settings(redis_url=valkey.url, quota_redis_url=NOBODY, quotas=quotas))

    assert one["redis_url"].words == f"127.0.0.1:{valkey.port}/0 keeps answers and quotas"
    assert {key: finding.state for key, finding in two.items()} == {
        "redis_url": "ok",
        "quota_redis_url": "bad",
    }


async def test_a_redis_that_nobody_would_ask_is_not_looked_at() -> None:
    assert await redis(Settings(redis_url=NOBODY, cache=False)) == {}
    assert await redis(Settings(quota_redis_url=NOBODY)) == {}
