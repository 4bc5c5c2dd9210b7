"""`moa-scorer snapshots`: list, show, export, schema."""

import gzip
import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from moa_scorer.app.cli.root import app
from moa_scorer.calibration.files import write_snapshot
from tests.conformance.make import small_snapshot
from tests.fakes.own import own_snapshot, own_table


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.json.gz"
    write_snapshot(own_snapshot(own_table()), path)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["snapshots", *map(str, arguments)], env={"COLUMNS": "160"})


def test_the_list_tells_what_each_serves(mine: Path, catalogue: Path) -> None:
    (catalogue / "snapshots").mkdir()
    mine.rename(catalogue / "snapshots" / mine.name)
    done = run("list", "--json", "--catalog-dir", catalogue)

    serves = {each["revision"]: each["serves"] for each in json.loads(done.stdout)}
    assert serves["essay.essay.trio@1"] == "ballots"
    assert serves["story.story.embedded@1"] == "content and ballots"
    assert "essay.essay.trio@1" in run("list", "--catalog-dir", catalogue).stdout


def test_reversed_judges_are_told_first(tmp_path: Path) -> None:
    path = tmp_path / "turned.json.gz"
    write_snapshot(small_snapshot(), path)

    first, *_ = run("show", path).stdout.splitlines()
    assert first.startswith("polarity")
    assert "REVERSED" in first
    assert "dot" in first


def test_what_is_shown_names_certificate_votes_origin_and_columns(mine: Path) -> None:
    shown = run("show", mine).stdout

    assert shown.splitlines()[0].startswith("polarity     no judge was found")
    for part in (
        "VALID for kind essay in en",
        "120 items of 40 documents",
        "judges",
        "seed 7",
        "ann/clarity",
    ):
        assert part in shown


def test_the_same_as_json(mine: Path) -> None:
    found = json.loads(run("show", mine, "--json").stdout)

    assert found["judges"] == ["ann", "bob", "cid"]
    assert {c["name"] for c in found["columns"]} >= {"ann/clarity", "measures/words"}
    assert found["reversed"] == []


@pytest.mark.parametrize("name", ["portable.json", "portable.json.gz"])
def test_an_export_keeps_the_schema_that_is_printed(mine: Path, tmp_path: Path, name: str) -> None:
    done = run("export", mine, "--masks", "all", "--out", tmp_path / name)
    raw = (tmp_path / name).read_bytes()
    plain = json.loads(gzip.decompress(raw) if name.endswith(".gz") else raw)

    assert done.exit_code == 0
    assert "14 masks of essay.essay.trio@1" in done.stdout
    jsonschema.Draft202012Validator(json.loads(run("schema", "portable").stdout)).validate(plain)
    assert json.loads(run("schema").stdout)["title"] == "MoA Scorer snapshot"


def test_too_few_ratings_cannot_be_exported(tmp_path: Path) -> None:
    from dataclasses import replace

    from moa_scorer.calibration.snapshot import Head

    full = own_snapshot(own_table())
    few = replace(full, items=5, heads=tuple(Head(name=h.name, mean=0.5) for h in full.heads))
    write_snapshot(few, tmp_path / "few.json.gz")
    done = run("export", tmp_path / "few.json.gz", "--out", tmp_path / "x.json")

    assert done.exit_code == 1
    assert "rate at least 22" in done.stderr
    assert "an order only" in run("show", tmp_path / "few.json.gz").stdout


@pytest.mark.parametrize("name", ["nobody.x.y", "missing.json.gz"])
def test_what_is_not_there_is_told(name: str) -> None:
    done = run("show", name)

    assert done.exit_code == 1
    assert name in done.stderr
