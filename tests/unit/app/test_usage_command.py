"""`moa-scorer usage`: what was used, and what is left."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner, Result

from moa_scorer.app.cli.root import app
from moa_scorer.app.quotas import counting
from moa_scorer.app.settings import load_settings
from moa_scorer.domain.money import Usage
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.database import Database
from moa_scorer.storage.migrate import migrate
from moa_scorer.storage.records import SqlRecords
from tests.fakes.jobs import WallClock
from tests.fakes.judges import SystemClock
from tests.fakes.records import many_records
from tests.fakes.valkey import Valkey, valkey

__all__ = ["valkey"]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["usage", *map(str, words)])


async def _fill(url: str) -> None:
    database = Database(url)
    await migrate(database)
    records = SqlRecords(database, SystemClock())
    _, made = await many_records(3)
    for number, record in enumerate(made):
        first, *others = record.verdict.ballots
        took = Usage(calls=1, input_tokens=1_000, output_tokens=50, micro_usd=1_250_000)
        tenant = Tenant("acme" if number else "globex")
        await records.put(
            replace(
                record,
                created=NOON,
                request=replace(record.request, tenant=tenant),
                verdict=replace(record.verdict, ballots=(replace(first, usage=took), *others)),
            )
        )
    await records.aclose()
    await database.aclose()


@pytest.fixture(autouse=True)
def _filled(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(_fill(sqlite_url))
    monkeypatch.setenv("MOA_SCORER_DATABASE", sqlite_url)
    monkeypatch.setenv("COLUMNS", "120")


def test_a_table_says_what_each_tenant_used() -> None:
    lines = [line.split() for line in run().stdout.splitlines()]
    assert ["acme", "2", "2", "2,000", "100", "$2.500000", "$0.000000"] in lines
    assert ["globex", "1", "1", "1,000", "50", "$1.250000", "$0.000000"] in lines


def test_it_may_be_told_by_several_things_of_one_tenant_as_json() -> None:
    [row] = json.loads(run("--by", "day", "--by", "judge", "--tenant", "acme", "--json").stdout)["used"]
    assert (row["day"], row["micro_usd"]) == ("2026-07-01", 2_500_000)
    assert row["judge"]


def test_nothing_was_used_after_the_last_record() -> None:
    assert run("--since", "2026-07-02").stdout == "nothing was used\n"


def test_judges_that_ask_no_model_are_said_to_be_counted_nowhere() -> None:
    assert "--by tenant counts items" in run("--since", "2026-07-02", "--by", "judge").stdout
    assert "acme" in run("--since", "2026-07-01").stdout


def test_without_a_database_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOA_SCORER_DATABASE", "off")
    result = run()
    assert result.exit_code == 1
    assert "--records" in result.output


def test_with_a_redis_it_says_what_is_left_of_quotas(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = {"meter": "items", "amount": 40, "per": "day"}
    monkeypatch.setenv("MOA_SCORER_QUOTAS", json.dumps({"acme": [quota], "*": [quota | {"amount": 5}]}))
    monkeypatch.setenv("MOA_SCORER_REDIS_URL", valkey.url)

    async def use() -> None:
        async with counting(load_settings(), WallClock()) as quotas, quotas.item(Tenant("acme")):
            pass

    asyncio.run(use())
    left = {row["tenant"]: (row["left"], row["amount"]) for row in json.loads(run("--json").stdout)["quotas"]}
    assert left == {"acme": (39, 40), "globex": (5, 5)}
    assert "left of quotas now" in run().stdout


def test_a_redis_that_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    quota = {"meter": "items", "amount": 40, "per": "day"}
    monkeypatch.setenv("MOA_SCORER_QUOTAS", json.dumps({"*": [quota]}))
    monkeypatch.setenv("MOA_SCORER_REDIS_URL", "redis://127.0.0.1:1/0")
    result = run()
    assert result.exit_code == 1
    assert "cannot be reached" in result.output
