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
from moa_scorer.domain.verdict import Decision
from moa_scorer.storage.portable import export
from tests.fakes.judges import make_catalog
from tests.fakes.records import many_records

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


@pytest.fixture
def run(tmp_path: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command beside a database with the records, its backup `all.jsonl.gz`, and two policies."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'records.db'}"
    asyncio.run(_kept(url, records, tmp_path / "all.jsonl.gz"))
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
