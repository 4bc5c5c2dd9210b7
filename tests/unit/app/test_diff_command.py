"""`moa-scorer diff` and `moa-scorer shadow` over a database of records."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.app.clock import SystemClock
from moa_scorer.app.serving.memory import opened_storage
from moa_scorer.app.settings import Settings
from moa_scorer.app.sides import read_sides
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.record import Record, ShadowRuling
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Decision
from moa_scorer.scoring.keeping import new_name
from moa_scorer.scoring.what_if_tally import DAMAGED
from moa_scorer.storage.portable import export
from tests.fakes.judges import make_catalog
from tests.fakes.records import lose_a_bit, many_records

POLICY = """\
name: {name}
version: 1
title: One threshold
rules:
  - {{test: score_below, threshold: {threshold}, then: reject}}
otherwise: accept
on_unscored: review
"""
Run = Callable[..., Result]


async def _kept(url: str, records: list[Record], portable: Path) -> None:
    async with opened_storage(url, SystemClock()) as storage:
        assert storage is not None
        for record in records:
            await storage.records.put(record)
        await export(storage.database, portable, lambda: None)


@pytest.fixture(scope="module")
def records() -> list[Record]:
    _, found = asyncio.run(many_records(30))
    shadow = ShadowRuling(resource="policies/other@1", decision=Decision.REJECT, rule="otherwise", score=0.5)
    return [replace(record, shadows=(shadow,)) for record in found]


def of_acme(record: Record) -> Record:
    """The same of another tenant."""
    return replace(record, name=new_name(), request=replace(record.request, tenant=Tenant("acme")))


@pytest.fixture
def damaged(run: Run, tmp_path: Path, records: list[Record]) -> str:
    """The name of a record whose verdict has lost a bit."""
    name = records[3].name
    lose_a_bit(tmp_path / "records.db", name, "verdict")
    return name


@pytest.fixture
def run(tmp_path: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command beside a database with the records and one of acme's, its backup and two policies."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'records.db'}"
    asyncio.run(_kept(url, [*records, of_acme(records[0])], tmp_path / "all.jsonl.gz"))
    for name, threshold in (("lax", 0.3), ("harsh", 0.7)):
        (tmp_path / f"{name}.yaml").write_text(POLICY.format(name=name, threshold=threshold))
    return lambda *words: CliRunner().invoke(app, list(words), env={"MOA_SCORER_DATABASE": url})


@pytest.mark.parametrize("source", [[], ["--records", "all.jsonl.gz"], ["--records", "records.db"]])
def test_it_lists_what_flips_from_the_database_and_from_backups(run: Run, source: list[str]) -> None:
    done = run("diff", "lax.yaml", "harsh.yaml", "--json", *source)
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["old"], found["new"], found["records"]) == ("lax.yaml", "harsh.yaml", 30)
    assert found["changed"] == sum(m["count"] for m in found["moves"] if m["before"] != m["after"]) > 0
    assert {e["after"]["rule"] for e in found["examples"]} == {"score_below:0.70"}


def test_more_flips_than_allowed_fail_the_check(run: Run) -> None:
    assert run("diff", "lax.yaml", "harsh.yaml", "--max-flips", "100%").exit_code == 0
    assert run("diff", "lax.yaml", "harsh.yaml", "--max-flips", "1000").exit_code == 0
    done = run("diff", "lax.yaml", "harsh.yaml", "--max-flips", "0")
    assert done.exit_code == 1
    assert "decisions flip, more than 0" in done.stderr
    assert run("diff", "lax.yaml", "harsh.yaml", "--max-flips", "few").exit_code == 2


def test_a_damaged_record_is_named_and_left_out_and_fails_the_check(run: Run, damaged: str) -> None:
    said = f"records/{damaged} is left out: the bytes of its verdict are not those that were written"
    done = run("diff", "lax.yaml", "harsh.yaml", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["records"], found["untold"]) == (1, 29, {DAMAGED: 1})
    assert said in done.stderr
    both = run("diff", "lax.yaml", "harsh.yaml", "--max-flips", "0", "--markdown")
    assert f"1 not compared: {DAMAGED}." in both.stdout
    assert "decisions flip, more than 0" in both.stderr
    assert said in both.stderr
    shadows = run("shadow", "--json")
    assert (shadows.exit_code, json.loads(shadows.stdout)[0]["items"]) == (1, 29)
    assert said in shadows.stderr


def test_records_are_those_of_one_tenant(run: Run) -> None:
    theirs = json.loads(run("diff", "lax.yaml", "harsh.yaml", "--json", "--tenant", "acme").stdout)
    assert theirs["records"] == 1
    assert json.loads(run("shadow", "--json", "--tenant", "acme").stdout)[0]["items"] == 1
    assert "no stored record is meant" in run("diff", "lax.yaml", "harsh.yaml", "--tenant", "nobody").stderr


def test_the_comment_for_a_pull_request_holds_both_tables(run: Run) -> None:
    lines = run("diff", "lax.yaml", "harsh.yaml", "--markdown", "--show", "3").stdout.splitlines()
    assert lines[0].startswith("**")
    assert "| before | after | records | share |" in lines
    flips = lines[lines.index("| record | item | decision | score | rule |") + 2 :]
    assert len([line for line in flips if line.startswith("|")]) == 3


def test_the_tables_for_people_name_the_flips(run: Run) -> None:
    done = run("diff", "lax.yaml", "harsh.yaml", "--show", "1", "--of-panel", "trio")
    assert "decisions flip" in done.stdout
    assert "accept → reject" in done.stdout
    none = run("diff", "lax.yaml", "harsh.yaml", "--since", "2100-01-01")
    assert "0 of 0 decisions flip" in none.stdout
    assert "no stored record is meant" in none.stderr


def test_what_cannot_be_compared_is_said(run: Run) -> None:
    assert "did you mean 'comments@1'" in run("diff", "coments@1", "quality").stderr
    unlike = run("diff", "lax.yaml", "snapshots/comment.comment.embedded")
    assert unlike.exit_code == 1
    assert "compare two of a kind" in unlike.stderr or "is no file" in unlike.stderr
    missing = run("diff", "lax.yaml", "harsh.yaml", "--records", "nowhere.db")
    assert "nowhere.db" in missing.stderr


def test_names_of_the_catalogue_are_sides(tmp_path: Path) -> None:
    catalog = make_catalog([])
    old, new = read_sides("strict", "policies/strict@1", catalog, Settings())
    assert old.policy is new.policy is catalog.policies[0]
    assert old.name == "policies/strict@1"
    (tmp_path / "policies").mkdir()
    with pytest.raises(ConfigurationError, match="compare two of a kind"):
        read_sides("strict", str(tmp_path), catalog, Settings())


def test_the_shadows_of_records_are_counted(run: Run, records: list[Record]) -> None:
    (row,) = json.loads(run("shadow", "--json").stdout)
    differing = sum(record.ruling.decision is not Decision.REJECT for record in records)
    assert (row["resource"], row["items"]) == ("policies/other@1", 30)
    assert row["share_differing"] == pytest.approx(differing / 30)
    assert "policies/other@1" in run("shadow").stdout
    assert "no record observed a shadow" in run("shadow", "--since", "2100-01-01").stdout
