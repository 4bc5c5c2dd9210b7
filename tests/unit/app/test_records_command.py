"""`moa-scorer records …` over a database of records."""

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.app.clock import SystemClock
from moa_scorer.app.serving.memory import opened_storage
from moa_scorer.domain.record import Record
from moa_scorer.domain.tenant import Tenant
from moa_scorer.scoring.artefacts import keep_served
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import new_name
from moa_scorer.scoring.what_if_tally import DAMAGED
from tests.fakes.records import lose_a_bit, many_records

COUNT = 18
HARSH = """\
name: harsh
version: 1
title: One threshold
rules: [{test: score_below, threshold: 0.7, then: reject}]
otherwise: accept
on_unscored: review
"""
Run = Callable[..., Result]


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


async def keep(file: Path, catalog: Catalog | None, records: list[Record]) -> None:
    async with opened_storage(url_of(file), SystemClock()) as storage:
        assert storage is not None
        if catalog is not None:
            await keep_served(catalog, storage.artefacts)
        for record in records:
            await storage.records.put(record)


def made() -> tuple[Catalog, list[Record]]:
    """Records in the order in which they were made, the last of another tenant."""
    catalog, records = asyncio.run(many_records(COUNT))
    requests = [replace(r.request, subject=f"u-{k % 3}", tags={"n": str(k)}) for k, r in enumerate(records)]
    own = [replace(r, request=request) for r, request in zip(records, requests, strict=True)]
    foreign = replace(own[0], name=new_name(), request=replace(requests[0], tenant=Tenant("acme")))
    return catalog, [*own, foreign]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Record]]:
    """A database, and the records of the default tenant in it."""
    file = tmp_path_factory.mktemp("kept") / "records.db"
    catalog, records = made()
    asyncio.run(keep(file, catalog, records))
    return file, records[:-1]


@pytest.fixture
def file(kept: tuple[Path, list[Record]], tmp_path: Path) -> Path:
    """A copy of the database, to do with as one likes."""
    return Path(shutil.copy(kept[0], tmp_path / "records.db"))


@pytest.fixture
def run(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder with the database and a policy `harsh.yaml`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "harsh.yaml").write_text(HARSH)
    env = {"MOA_SCORER_DATABASE": url_of(file)}
    return lambda *words, typed=None: CliRunner().invoke(app, ["records", *words], input=typed, env=env)


@pytest.fixture
def records(kept: tuple[Path, list[Record]]) -> list[Record]:
    return kept[1]


@pytest.fixture
def damaged(file: Path, records: list[Record]) -> str:
    """The name of a record whose ballots have lost a bit."""
    name = records[3].name
    lose_a_bit(file, name, "ballots")
    return name


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_newest_are_listed_first_under_names_that_can_be_copied(run: Run, records: list[Record]) -> None:
    done = run("list", "--limit", "4")
    assert done.exit_code == 0, done.stderr
    newest = [record.name for record in reversed(records)][:4]
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == newest
    oldest = lines(run("list", "--oldest-first", "-n", "2", "--json").stdout)
    assert [line["name"] for line in oldest] == [f"records/{record.name}" for record in records[:2]]


def test_options_choose_which_records_are_listed(run: Run, records: list[Record]) -> None:
    rejected = [r.name for r in records if r.ruling.decision == "reject" and r.request.subject == "u-1"]
    found = lines(run("list", "--decision", "reject", "--subject", "u-1", "--json").stdout)
    assert sorted(str(line["name"]) for line in found) == sorted(f"records/{name}" for name in rejected)
    assert len(lines(run("list", "--tag", "n=7", "--json").stdout)) == 1
    assert "no record of tenant default is meant" in run("list", "--until", "2000-01-01").stderr


def test_records_of_another_tenant_are_nobodys_unless_named(run: Run, records: list[Record]) -> None:
    own, theirs = (lines(run("list", "--json", *more).stdout) for more in ([], ["--tenant", "acme"]))
    assert (len(own), len(theirs)) == (len(records), 1)
    name = str(theirs[0]["name"])
    assert "does not exist" in run("show", name).stderr
    assert run("show", name, "--tenant", "acme").exit_code == 0
    assert run("replay", "--all", "--tenant", "acme").stdout == "1 records replayed: 1 same\n"
    assert run("delete", name, "--yes").stdout == "no such record\n"


def test_a_record_is_shown_in_full(run: Run, records: list[Record]) -> None:
    record = records[0]
    shown = run("show", f"records/{record.name}").stdout
    assert record.request.content.text[:30] in shown
    assert "sha256:" in shown
    assert all(ballot.judge in shown for ballot in record.verdict.ballots)
    message = json.loads(run("show", record.name, "--json").stdout)
    assert message["request"]["content"]["text"] == record.request.content.text
    assert len(message["answer"]["ballots"]) == len(record.verdict.ballots)


def test_an_explanation_is_the_rationale_and_what_each_column_added(run: Run, records: list[Record]) -> None:
    scored = next(r for r in records if r.verdict.completion == "complete")
    done = run("explain", scored.name)
    assert "Overall 0." in done.stdout
    assert "what it added" in done.stdout
    message = json.loads(run("explain", scored.name, "--json").stdout)
    assert message["contributions"]


def test_one_record_or_all_are_replayed_to_the_last_bit(run: Run, records: list[Record]) -> None:
    one = run("replay", records[0].name)
    assert (one.exit_code, "the same to the last bit" in one.stdout) == (0, True)
    assert run("replay", "--all").stdout == f"{COUNT} records replayed: {COUNT} same\n"
    assert json.loads(run("replay", "--all", "--json", "--subject", "u-0").stdout) == {"same": COUNT // 3}


def test_a_replay_of_nothing_proves_nothing_and_says_who_has_records(run: Run, file: Path) -> None:
    done = run("replay", "--all", "--tenant", "nobody")
    assert (done.exit_code, done.stdout) == (1, "0 records replayed: none\n")
    expected = f"moa-scorer: tenant nobody has no records in {url_of(file)}; say --tenant: acme, default\n"
    assert done.stderr == expected
    assert run("list", "--tenant", "nobody").stderr == expected
    assert run("export", "--tenant", "nobody").stderr.endswith(expected)


def test_an_empty_database_is_said_to_be_one(tmp_path: Path) -> None:
    env = {"MOA_SCORER_DATABASE": url_of(tmp_path / "empty.db")}
    done = CliRunner().invoke(app, ["records", "replay", "--all"], env=env)
    assert (done.exit_code, done.stderr) == (
        1,
        f"moa-scorer: there are no records in {url_of(tmp_path)}/empty.db\n",
    )


def test_records_whose_snapshot_is_gone_cannot_be_replayed_and_are_named(
    tmp_path: Path, records: list[Record]
) -> None:
    asyncio.run(keep(tmp_path / "bare.db", None, records[:1]))
    env = {"MOA_SCORER_DATABASE": url_of(tmp_path / "bare.db")}
    done = CliRunner().invoke(app, ["records", "replay", "--all"], env=env)
    assert done.exit_code == 1
    assert f"records/{records[0].name}: " in done.stdout
    assert "1 without their snapshot" in done.stdout


def test_a_flipped_bit_is_named_by_every_command_that_meets_it(run: Run, damaged: str) -> None:
    replayed = run("replay", "--all")
    assert replayed.exit_code == 1
    assert f"records/{damaged}: the bytes of its ballots are not those" in replayed.stdout
    assert f"{COUNT - 1} same, 1 damaged" in replayed.stdout
    assert "is damaged" in run("show", damaged).stderr
    for command in (["list"], ["export"]):
        done = run(*command)
        assert done.exit_code == 1
        assert f"records/{damaged} is left out" in done.stderr


def test_what_if_goes_on_past_a_damaged_record_names_it_and_fails(
    run: Run, records: list[Record], damaged: str
) -> None:
    done = run("what-if", "--policy", "harsh.yaml", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert found["records"] == len(records) - 1
    assert found["untold"] == {DAMAGED: 1}
    assert f"records/{damaged} is left out: the bytes of its ballots are not those" in done.stderr
    assert f"1 not compared: {DAMAGED}." in run("what-if", "--policy", "harsh.yaml").stdout


def test_what_if_lists_the_decisions_that_would_change(run: Run, records: list[Record]) -> None:
    found = json.loads(run("what-if", "--policy", "harsh.yaml", "--json").stdout)
    assert found["records"] == COUNT
    assert found["changed"] == len(found["examples"]) > 0
    assert "score_below:0.70" in {example["after"]["rule"] for example in found["examples"]}
    table = run("what-if", "--quorum", "3", "--show", "1")
    assert "decisions flip" in table.stdout
    assert "from the records to a quorum of 3" in table.stdout
    assert "no stored record is meant" in run("what-if", "--quorum", "3", "--since", "2100-01-01").stderr
    weighed = run("what-if", "--weight", "sweetness=1").stdout
    assert "the weights are not those of the criteria" in weighed


def test_an_export_holds_a_line_for_each_record_and_without_texts_where_asked(
    run: Run, tmp_path: Path, records: list[Record]
) -> None:
    done = run("export", "--out", "all.jsonl")
    assert f"{COUNT} records in all.jsonl" in done.stderr
    exported = lines((tmp_path / "all.jsonl").read_text())
    assert [line["name"] for line in exported] == [f"records/{record.name}" for record in records]
    text = records[0].request.content.text
    assert text in json.dumps(exported)
    assert text not in run("export", "--numbers-only").stdout
    unwritable = run("export", "--out", "nowhere/all.jsonl")
    assert (unwritable.exit_code, unwritable.stderr) == (
        1,
        "moa-scorer: nowhere/all.jsonl: No such file or directory\n",
    )


def test_nothing_is_deleted_before_somebody_says_yes(run: Run) -> None:
    told = run("delete", "--subject", "u-2", "--dry-run")
    assert told.stdout.startswith(f"{COUNT // 3} records would be deleted:\n  records/")
    assert run("delete", "--subject", "u-2", typed="n\n").exit_code == 1
    assert len(lines(run("list", "--json").stdout)) == COUNT
    assert f"deleted {COUNT // 3} records; with them" in run("delete", "--subject", "u-2", typed="y\n").stdout
    assert len(lines(run("list", "--json").stdout)) == COUNT - COUNT // 3
    assert run("delete", "--subject", "u-2", "--yes").stdout == "no such record\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["list", "--tag", "team"], "--tag team: should be KEY=VALUE"),
        (["list", "--since", "2026-02-01", "--until", "2026-01-01"], "--until must be after --since"),
        (["list", "--decision", "maybe"], "'accept', 'review', 'reject', 'none'"),
        (["list", "--server", "localhost:1", "--records", "a.db"], "not both"),
        (["list", "--server", "localhost:1", "--tenant", "acme"], "from your credentials"),
        (["replay"], "name a RECORD, or say --all"),
        (["replay", "01K", "--subject", "u-1"], "name a RECORD, or choose records with --all"),
        (["replay", "--all", "--server", "localhost:1"], "--all reads a database"),
        (["what-if"], "say what would be different"),
        (["what-if", "--weight", "civility=much"], "with a weight of 0 or more"),
        (["what-if", "--quorum", "0"], "greater than or equal to 1"),
        (["delete"], "say exactly one"),
        (["delete", "01K", "--subject", "u-1"], "say exactly one"),
    ],
)
def test_wrong_usage_is_told_in_a_line(run: Run, words: list[str], says: str) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.replace("│", "").split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "01K"], "records/01K does not exist"),
        (["list", "--records", "harsh.yaml"], "harsh.yaml: is no backup"),
        (["list", "--records", "none.jsonl.gz"], "none.jsonl.gz: no such file"),
        (["what-if", "--without", "civilty"], "no panel has a judge 'civilty'; did you mean 'civility'?"),
        (["what-if", "--policy", "comment"], "did you mean 'comments@1'?"),
        (["what-if", "--weight", "fluency=0"], "one weight at least must be above 0"),
    ],
)
def test_what_cannot_be_found_is_told_in_a_line(run: Run, words: list[str], says: str) -> None:
    done = run(*words)
    assert done.exit_code == 1
    assert says in done.stderr


def test_a_server_that_is_not_there_is_told_by_its_exit_status(run: Run) -> None:
    assert run("list", "--server", "127.0.0.1:1").exit_code == 4
