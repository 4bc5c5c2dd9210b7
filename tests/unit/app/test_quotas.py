"""Quotas as operators write them, and what they are told of them."""

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.app.compose import compose
from moa_scorer.app.diagnosis import quota_findings
from moa_scorer.app.quotas import counting, quota_lines
from moa_scorer.app.serving.reload import Reloader
from moa_scorer.app.serving.upkeep import remembering
from moa_scorer.app.settings import Settings, Source, load_settings
from moa_scorer.app.settings_quotas import QuotaOf
from moa_scorer.domain.errors import ConfigurationError, QuotaExceeded, StorageUnavailable
from moa_scorer.domain.quota import Meter, Quota, WhenDown
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from tests.fakes.judges import SystemClock
from tests.fakes.valkey import Valkey, running_valkey, valkey

__all__ = ["valkey"]

FILE = """\
panel = "embedded-fast"
database = "off"

[[quotas.acme]]
meter = "items"
amount = 10000
per = "hour"

[[quotas.acme]]
meter = "micro_usd"
amount = 20_000_000
per = "day"

[[quotas."*"]]
meter = "calls"
amount = 50
per = "minute"
"""


DAILY = FILE.replace('per = "minute"', 'per = "day"')
"""For tests that count by the clock: a new minute would begin in the middle of some."""


def settings(text: str = FILE) -> Settings:
    Path("moa-scorer.toml").write_text(text)
    return load_settings()


def test_quotas_stand_in_the_file_and_are_told_in_words() -> None:
    assert list(quota_lines(settings())) == [
        "quotas are counted by each process for itself: tenants have them once in every process",
        "  tenant acme: 10,000 items an hour, 20,000,000 micro_usd a day",
        "  any other tenant: 50 calls a minute",
    ]


def test_quotas_in_the_environment_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"acme": [{"meter": "tokens", "amount": 5, "per": "day"}]}
    monkeypatch.setenv("MOA_SCORER_QUOTAS", json.dumps(said))
    [found] = load_settings().quotas["acme"]
    assert found == QuotaOf(meter=Meter.TOKENS, amount=5, per="day")
    assert found.quota() == Quota(meter=Meter.TOKENS, amount=5, seconds=86_400)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('meter = "dollars"\namount = 1\nper = "day"', "quotas.acme[0].meter: should be 'calls', 'items'"),
        (
            'meter = "items"\namount = -1\nper = "day"',
            "quotas.acme[0].amount: should be greater than or equal",
        ),
        ('meter = "items"\namount = 1\nper = "week"', "quotas.acme[0].per: should be 'second', 'minute'"),
        ('meter = "items"\namount = 1', "quotas.acme[0].per: is required"),
    ],
)
def test_a_mistake_is_told_with_its_place(line: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(f"[[quotas.acme]]\n{line}\n")
    assert words in str(caught.value)


def test_a_quota_that_is_said_twice_is_a_mistake() -> None:
    twice = '[[quotas.acme]]\nmeter = "items"\namount = {}\nper = "day"\n'
    with pytest.raises(ConfigurationError, match="should say items per day once"):
        settings(twice.format(1) + twice.format(2))


def test_check_says_who_may_use_what() -> None:
    settings()
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0
    assert "tenant acme: 10,000 items an hour" in result.output


@pytest.mark.parametrize(
    ("more", "state"),
    [({"workers": 4}, "note"), ({}, "ok"), ({"workers": 4, "redis_url": "redis://127.0.0.1:1/0"}, "ok")],
)
def test_several_processes_that_count_for_themselves_are_noted(more: dict[str, object], state: str) -> None:
    [finding] = quota_findings(settings().model_copy(update=more))
    assert finding.state == state
    assert ("redis_url" in finding.remedy) is (state == "note")


@pytest.mark.parametrize(("workers", "level"), [(1, "info"), (2, "warning")])
async def test_a_server_says_at_its_start_who_counts(workers: int, level: str) -> None:
    with capture_logs() as logs:
        async with counting(settings().model_copy(update={"workers": workers}), SystemClock()):
            pass
    [said] = [line for line in logs if line["event"] == "quotas_in_force"]
    assert (said["log_level"], said["counted"], said["tenants"]) == (level, "process", 2)


async def test_a_server_has_the_quotas_of_its_settings_and_a_reload_changes_them() -> None:
    application = compose(settings(DAILY))
    async with remembering(application):
        quotas = application.pipeline.quotas
        for _ in range(50):
            await quotas.call(DEFAULT_TENANT)
        with pytest.raises(QuotaExceeded):
            await quotas.call(DEFAULT_TENANT)
        settings(DAILY.replace("amount = 50", "amount = 51"))
        await Reloader(application, Source()).reload()
        await quotas.call(DEFAULT_TENANT)
        with pytest.raises(QuotaExceeded):
            await quotas.call(DEFAULT_TENANT)
    await application.aclose()


async def test_processes_with_a_redis_count_together(valkey: Valkey) -> None:
    said = settings(DAILY).model_copy(update={"redis_url": valkey.url})
    async with counting(said, SystemClock()) as one, counting(said, SystemClock()) as other:
        for _ in range(25):
            await one.call(Tenant("both"))
            await other.call(Tenant("both"))
        for quotas in (one, other):
            with pytest.raises(QuotaExceeded):
                await quotas.call(Tenant("both"))


async def test_quotas_have_a_redis_of_their_own_where_one_is_named(valkey: Valkey) -> None:
    away = {"redis_url": "redis://127.0.0.1:1/0"}
    apart = settings(DAILY).model_copy(update=away | {"quota_redis_url": valkey.url})
    async with counting(apart, SystemClock()) as one, counting(apart, SystemClock()) as other:
        for _ in range(25):
            await one.call(Tenant("apart"))
            await other.call(Tenant("apart"))
        with pytest.raises(QuotaExceeded):
            await one.call(Tenant("apart"))


async def test_a_redis_that_goes_away_and_comes_back_is_counted_in_again() -> None:
    with running_valkey() as first:
        said = settings(DAILY).model_copy(update={"redis_url": first.url, "quota_when_down": WhenDown.CLOSED})
        async with counting(said, SystemClock()) as quotas:
            await quotas.call(DEFAULT_TENANT)
            first.kill()
            with pytest.raises(StorageUnavailable):
                await quotas.call(DEFAULT_TENANT)
            with running_valkey(first.port):
                await quotas.call(DEFAULT_TENANT)
